//! The coefficients of a picture as binary decisions, component by component and block by block: how many are not
//! zero, then the AC coefficients in zigzag order, then the DC coefficient, which the others help to predict.

mod ac;
mod count;
mod dc;
mod levels;
mod repeats;
mod surroundings;

use coding::arithmetic::Coder;
use crate::jpeg::planes::{Block, Planes};
use ac::Coefficients;
use count::Counts;
use dc::Averages;
use repeats::Repeats;
use surroundings::{far_edges, Edge, Edges, Steps, Surroundings};

/// Classes of components: brightness (and the fourth, black), first and second colour.
const CLASSES: usize = 3;

fn class_of(component: usize) -> usize {
    component % CLASSES
}

/// The coder of all coefficients of a picture.
pub struct BlockCoder {
    counts: Counts,
    coefficients: Coefficients,
    averages: Averages,
    repeats: Repeats,
}

/// What blocks to come look at.
struct Progress {
    /// For each column the lower edge of the block above, and the right edge of the block to the left.
    lower: Vec<Edge>,
    right: Edge,
    /// How much the predictions of the DC coefficients above and to the left were too low.
    missed_above: Vec<i32>,
    missed_left: i32,
}

impl Progress {
    /// Goes past a block that needed no prediction.
    fn pass(&mut self, block: &Block, quantisers: &[u16; 64], x: usize) {
        (self.missed_above[x], self.missed_left) = (0, 0);
        (self.lower[x], self.right) = far_edges(block, quantisers);
    }
}

/// How many AC coefficients a block has.
fn coefficients_of(block: &Block) -> usize {
    block[1..].iter().filter(|&&value| value != 0).count()
}

impl BlockCoder {
    pub fn new() -> Self {
        BlockCoder {
            counts: Counts::new(),
            coefficients: Coefficients::new(),
            averages: Averages::new(),
            repeats: Repeats::new(),
        }
    }

    /// Codes planes whose sizes are known and, when encoding, whose blocks are. A decoder leaves zeros where its
    /// payload turns out to be damaged. `quantisers`: one table, without zeros, for each plane.
    /// `before`: an image of the same sides, of which blocks may be repeated.
    pub fn code<B: Coder>(
        &mut self,
        bits: &mut B,
        planes: &mut Planes,
        quantisers: &[[u16; 64]],
        before: Option<&Planes>,
    ) {
        let mut counts: Vec<Vec<u8>> = Vec::new();
        for (index, quantisers) in quantisers.iter().enumerate() {
            let (done, rest) = planes.planes.split_at_mut(index);
            let plane = &mut rest[0];
            let stride = plane.stride;
            let class = class_of(index);
            let steps = Steps::new(quantisers);
            counts.push(vec![0; plane.blocks.len()]);
            let before = before.map(|planes| &planes.planes[index]);
            self.repeats.begin(stride);
            let mut progress = Progress {
                lower: vec![Edge::default(); stride],
                right: Edge::default(),
                missed_above: vec![0; stride],
                missed_left: 0,
            };
            for y in 0..plane.rows() {
                (progress.right, progress.missed_left) = (Edge::default(), 0);
                if bits.is_lost() {
                    return;
                }
                for x in 0..stride {
                    let (coded, rest) = plane.blocks.split_at_mut(y * stride + x);
                    let old = before.map(|plane| plane.get(x, y));
                    let (block, count) = match old {
                        Some(old) if self.repeats.code(bits, class, x, old, &rest[0]) => {
                            progress.pass(old, quantisers, x);
                            (*old, coefficients_of(old))
                        }
                        _ => {
                            let around = Surroundings::of(coded, stride, done, &counts, x, y);
                            self.block(bits, &around, &rest[0], class, &steps, &mut progress, x)
                        }
                    };
                    rest[0] = block;
                    counts[index][y * stride + x] = count as u8;
                }
            }
        }
    }

    /// Codes a block; `given` is what an encoder knows. Gives the block and how many AC coefficients it has.
    #[allow(clippy::too_many_arguments)]
    fn block<B: Coder>(
        &mut self,
        bits: &mut B,
        around: &Surroundings,
        given: &Block,
        class: usize,
        steps: &Steps,
        progress: &mut Progress,
        x: usize,
    ) -> (Block, usize) {
        let mut edges = Edges::new(progress, x);
        let count = self.counts.code(bits, around, class, given);
        let mut block = self.coefficients.code(bits, around, class, given, count, steps, &mut edges);
        let missed = (progress.missed_above[x], progress.missed_left);
        let missed = self.averages.code(bits, around, class, given[0], count, steps, &edges, missed, &mut block);
        (progress.missed_above[x], progress.missed_left) = (missed, missed);
        (progress.lower[x], progress.right) = far_edges(&block, &steps.quantisers);
        (block, count)
    }
}
