//! The DC coefficient of a block, as what it differs from the value that lets the block meet its neighbours.

use super::ac::mean_dc;
use super::levels::{level, signed_level, LEVELS, SIGNED_LEVELS};
use super::surroundings::{Edges, Steps, Surroundings};
use super::CLASSES;
use coding::arithmetic::Coder;
use crate::decider::{Decider, Situation};
use crate::jpeg::planes::Block;

/// Decisions: zero, sign, each doubling, the bits below the first.
const NODES: usize = 64;
const SIGN: usize = 1;
const DOUBLINGS: usize = 2;
const MOST_DOUBLINGS: usize = 16;
const FIRST_BIT: usize = 18;
const SECOND_BIT: usize = 28;
const LATER_BITS: usize = 50;
/// Doublings that bits tell apart.
const TOLD_APART: usize = 10;
const RATE: i32 = 40;

pub struct Averages(Decider<7>);

impl Averages {
    pub fn new() -> Self {
        let lines = [1, LEVELS, LEVELS * 8, 64, SIGNED_LEVELS * SIGNED_LEVELS, SIGNED_LEVELS, SIGNED_LEVELS];
        let sizes = Situation { lines: lines.map(|size| size * CLASSES), weights: CLASSES * LEVELS };
        Averages(Decider::new(sizes, NODES, RATE))
    }

    /// Codes the coefficient into `block`, whose others are known. `missed`: what this gave for the blocks above and
    /// to the left. Gives how much the prediction was too low.
    #[allow(clippy::too_many_arguments)]
    pub fn code<B: Coder>(
        &mut self,
        bits: &mut B,
        around: &Surroundings,
        class: usize,
        given: i16,
        count: usize,
        steps: &Steps,
        edges: &Edges,
        missed: (i32, i32),
        block: &mut Block,
    ) -> i32 {
        let from_above = edges.top.missing(&edges.above, 0, steps.above[0]);
        let from_left = edges.side.missing(&edges.left, 0, steps.left[0]);
        let prediction = match (around.has_above, around.has_left) {
            (true, true) => (from_above + from_left) / 2,
            (true, false) => from_above,
            (false, true) => from_left,
            (false, false) => 0,
        };
        let prediction = prediction.clamp(i16::MIN as i32, i16::MAX as i32);
        let apart = if around.has_above && around.has_left { from_above - from_left } else { 0 };
        let plain = mean_dc(around) - prediction;
        let spread = level(apart.unsigned_abs());
        let s = Situation {
            lines: [
                class,
                class * LEVELS + spread,
                (class * LEVELS + level(count as u32)) * 8 + spread.min(7),
                class * 64 + count,
                (class * SIGNED_LEVELS + signed_level(apart)) * SIGNED_LEVELS + signed_level(plain),
                class * SIGNED_LEVELS + signed_level(plain),
                class * SIGNED_LEVELS + signed_level(missed.0 + missed.1),
            ],
            weights: class * LEVELS + spread,
        };
        let difference = self.difference(bits, &s, given as i32 - prediction);
        block[0] = (prediction + difference).clamp(i16::MIN as i32, i16::MAX as i32) as i16;
        difference
    }

    fn difference<B: Coder>(&mut self, bits: &mut B, s: &Situation<7>, wanted: i32) -> i32 {
        let mut at = |node: usize, bit: bool| self.0.code(bits, s, node, bit as u32);
        if at(0, wanted != 0) == 0 {
            return 0;
        }
        let is_negative = at(SIGN, wanted < 0) != 0;
        let size = wanted.unsigned_abs();
        let mut doublings = 0;
        while doublings < MOST_DOUBLINGS && at(DOUBLINGS + doublings, size >> (doublings + 1) != 0) != 0 {
            doublings += 1;
        }
        let told = doublings.min(TOLD_APART);
        let mut value = 1;
        for depth in 0..doublings {
            let node = match depth {
                0 => FIRST_BIT - 1 + told,
                1 => SECOND_BIT + told * 2 + (value & 1) as usize,
                _ => LATER_BITS + depth.min(13),
            };
            value = value << 1 | at(node, size >> (doublings - 1 - depth) & 1 != 0);
        }
        if is_negative {
            -(value as i32)
        } else {
            value as i32
        }
    }
}
