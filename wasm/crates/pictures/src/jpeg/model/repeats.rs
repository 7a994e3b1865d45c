//! Blocks that are those of the image before: what does not move in a series.

use super::{coefficients_of, CLASSES};
use coding::arithmetic::Coder;
use crate::jpeg::planes::Block;
use coding::maps::Map;

/// How much there is in the block before: nothing, the mean alone, or up to so many further coefficients.
const STEPS: [usize; 4] = [1, 3, 8, 20];
const KINDS: usize = STEPS.len() + 2;
/// Neighbours that may be repeated: left, above left, above, above right.
const NEIGHBOURS: u32 = 4;

pub struct Repeats {
    maps: Map,
    /// Whether blocks of the row so far are repeated, and those of the row above behind them.
    row: Vec<bool>,
    above_left: bool,
}

impl Repeats {
    pub fn new() -> Self {
        Repeats { maps: Map::new(CLASSES * KINDS << NEIGHBOURS, 255), row: Vec::new(), above_left: false }
    }

    /// Begins a component.
    pub fn begin(&mut self, stride: usize) {
        self.row = vec![false; stride];
        self.above_left = false;
    }

    /// Whether the block in column `x` is the one before; `given` is what an encoder knows.
    pub fn code<B: Coder>(&mut self, bits: &mut B, class: usize, x: usize, old: &Block, given: &Block) -> bool {
        let at = |column: usize| self.row.get(column).copied().unwrap_or(false);
        let around = [x > 0 && at(x - 1), x > 0 && self.above_left, at(x), at(x + 1)];
        let around = around.iter().fold(0, |all, &one| all << 1 | one as usize);
        let context = (class * KINDS + kind_of(old)) << NEIGHBOURS | around;
        let bit = bits.code((old == given) as u32, self.maps.one(context).clamp(16, 65536 - 16));
        self.maps.update(context, bit);
        self.above_left = self.row[x];
        self.row[x] = bit != 0;
        self.row[x]
    }
}

fn kind_of(block: &Block) -> usize {
    match coefficients_of(block) {
        0 => (block[0] != 0) as usize,
        count => 2 + STEPS[1..].iter().take_while(|&&step| count >= step).count(),
    }
}
