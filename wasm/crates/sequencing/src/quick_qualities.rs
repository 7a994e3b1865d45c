//! Quality values by three contexts in small tables, for speed.

use crate::alphabet::Tree;
use crate::pairing::Weights;
use crate::qualities::{hash, step_of, Near, Sums};
use coding::arithmetic::Coder;
use coding::counters::Counters;
use coding::vector::Eight;

const RANKS: usize = 128;
const CONTEXTS: usize = 3;
/// A table stays in a processor's cache.
const TABLE_BITS: u32 = 17;
/// Half the sum of what the three foretell, at first.
const WEIGHT: i16 = 14000;
const RATE: i32 = 30;

pub struct QuickQualities {
    node_bits: u32,
    tables: [Counters; CONTEXTS],
    /// By node and place in the read.
    weights: Weights,
}

impl QuickQualities {
    pub fn new(tree: &Tree) -> Self {
        QuickQualities {
            node_bits: tree.len().next_power_of_two().ilog2(),
            tables: [0; CONTEXTS].map(|_| Counters::new(1 << TABLE_BITS, 255)),
            weights: Weights::new(RANKS * 16, WEIGHT),
        }
    }

    /// Codes the value that follows `near.values`; `sums` has taken those.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, tree: &Tree, value: u8, near: &Near, sums: &Sums) -> u8 {
        let context_bits = TABLE_BITS - self.node_bits;
        let contexts = contexts_of(near, sums)
            .map(|context| ((context >> (32 - context_bits)) as usize) << self.node_bits);
        let step = step_of(near.values.len()) as usize / 8;
        let mut node = 0;
        loop {
            let places = contexts.map(|context| context | node);
            let mut ones = [32768u16; 8];
            for i in 0..CONTEXTS {
                ones[i] = self.tables[i].one(places[i]) as u16;
            }
            let inputs = Eight::new(ones).stretched();
            let set = node * 16 + step;
            let one = self.weights.mix(inputs, set);
            let bit = coder.code(tree.bit(node, value), one);
            self.weights.update(inputs, set, one, bit, RATE);
            for i in 0..CONTEXTS {
                self.tables[i].update(places[i], bit);
            }
            match tree.step(node, bit) {
                Ok(next) => node = next,
                Err(value) => return value,
            }
        }
    }
}

/// Without bases: the values before, how restless the read is, and the place in it. With bases: the values before and
/// how little the base was expected, the level of late, and the bases around.
#[inline(always)]
fn contexts_of(near: &Near, sums: &Sums) -> [u32; CONTEXTS] {
    let at = near.values.len();
    let before = |back: usize| at.checked_sub(back).map_or(0, |at| near.values[at] as u32);
    let q1 = before(1);
    let high = before(2).max(before(3));
    if near.bases.is_empty() {
        let delta = sums.delta_step().min(31);
        return [
            hash(0, q1 | high << 7, 0),
            hash(1, q1 | high / 4 << 7, delta),
            hash(2, q1, step_of(at) >> 1),
        ];
    }
    let base = |offset: isize| near.bases.get(at.wrapping_add_signed(offset)).map_or(4, |&base| base as u32);
    let surprise = near.surprises.get(at).map_or(0, |&level| level as u32);
    [
        hash(0, q1 | high << 7, surprise / 4),
        hash(1, q1 | sums.recent() << 8, 0),
        hash(2, q1, base(-1) | base(0) << 3 | base(1) << 6),
    ]
}
