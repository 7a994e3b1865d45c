//! How many AC coefficients of a block are not zero.

use super::levels::{level, LEVELS};
use super::surroundings::Surroundings;
use super::CLASSES;
use coding::arithmetic::Coder;
use crate::decider::{Decider, Situation};
use crate::jpeg::planes::Block;

/// Counts, and the decisions that lead to one: its six bits.
const NODES: usize = 64;
const PAIRS: usize = LEVELS * LEVELS;
const RATE: i32 = 60;

pub struct Counts(Decider<7>);

impl Counts {
    pub fn new() -> Self {
        let sizes = Situation {
            lines: [PAIRS, NODES, NODES, PAIRS, NODES, PAIRS, NODES].map(|size| size * CLASSES),
            weights: LEVELS,
        };
        Counts(Decider::new(sizes, NODES, RATE))
    }

    pub fn code<B: Coder>(&mut self, bits: &mut B, s: &Surroundings, class: usize, given: &Block) -> usize {
        let wanted = given[1..].iter().filter(|&&value| value != 0).count() as u32;
        let pair = |a: usize, b: usize| (class * LEVELS + level(a as u32)) * LEVELS + level(b as u32);
        let plain = |count: usize| class * NODES + count;
        let situation = Situation {
            lines: [
                pair(s.count_left, s.count_above),
                plain(s.count_left),
                plain(s.count_above),
                pair(s.count_wide, s.count_other),
                plain(s.count_wide.min(NODES - 1)),
                pair(s.count_first, s.count_other),
                plain((2 * s.count_wide + 2 * s.count_other + s.count_first + 2) / 5),
            ],
            weights: level(((s.count_left + s.count_above + 1) / 2) as u32),
        };
        let mut node = 1;
        for place in (0..6).rev() {
            node = node << 1 | self.0.code(bits, &situation, node, wanted >> place & 1) as usize;
        }
        node - NODES
    }
}
