//! The coefficients of a picture.

use crate::jpeg::frame::Frame;

/// A block's quantised coefficients, row by row.
pub type Block = [i16; 64];

pub static ZERO_BLOCK: Block = [0; 64];

/// Blocks of one component, row by row from the top; what lies below them is zero.
pub struct Plane {
    pub stride: usize,
    pub blocks: Vec<Block>,
}

impl Plane {
    pub fn get(&self, x: usize, y: usize) -> &Block {
        self.blocks.get(y * self.stride + x).unwrap_or(&ZERO_BLOCK)
    }

    /// Number of whole rows.
    pub fn rows(&self) -> usize {
        self.blocks.len() / self.stride
    }
}

/// All components, each as far down as anything was read.
pub struct Planes {
    pub planes: Vec<Plane>,
    /// Blocks that may still be added.
    room: usize,
}

impl Planes {
    pub fn new(frame: &Frame, room: usize) -> Self {
        let plane = |stride| Plane { stride, blocks: Vec::new() };
        Planes { planes: frame.components.iter().map(|c| plane(c.stride)).collect(), room }
    }

    /// Blocks of all components.
    pub fn len(&self) -> usize {
        self.planes.iter().map(|plane| plane.blocks.len()).sum()
    }

    /// Whether another picture has as many blocks in each row and column.
    pub fn is_like(&self, other: &Planes) -> bool {
        let sides = |planes: &Planes| planes.planes.iter().map(|p| (p.stride, p.blocks.len())).collect::<Vec<_>>();
        sides(self) == sides(other)
    }

    /// Blocks that another picture has at the same place.
    pub fn shared(&self, other: &Planes) -> usize {
        let pairs = self.planes.iter().zip(&other.planes);
        pairs.map(|(a, b)| a.blocks.iter().zip(&b.blocks).filter(|(a, b)| a == b).count()).sum()
    }

    /// A block to be changed, if there is room for all down to its row.
    #[inline]
    pub fn block(&mut self, component: usize, x: usize, y: usize) -> Option<&mut Block> {
        let plane = &mut self.planes[component];
        let at = y * plane.stride + x;
        if at >= plane.blocks.len() {
            self.grow(component, y + 1)?;
        }
        Some(&mut self.planes[component].blocks[at])
    }

    /// Makes a component `rows` rows of blocks high. None if there is no room.
    pub fn grow(&mut self, component: usize, rows: usize) -> Option<()> {
        let plane = &mut self.planes[component];
        let wanted = rows.checked_mul(plane.stride)?;
        let added = wanted.saturating_sub(plane.blocks.len());
        self.room = self.room.checked_sub(added)?;
        plane.blocks.reserve_exact(added);
        plane.blocks.resize(wanted.max(plane.blocks.len()), ZERO_BLOCK);
        Some(())
    }
}
