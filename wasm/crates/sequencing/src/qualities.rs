//! Quality values by mixed contexts: the values before, the place in the read, and the bases.

use crate::alphabet::Tree;
use crate::blend::{Blend, Choice, Sizes};
use coding::arithmetic::Coder;
use coding::counters::Counters;
use coding::mixer::Inputs;
use coding::vector::{Eight, LANES};

const RANKS: usize = 128;
/// How many contexts [`contexts_of`] makes.
const KINDS: usize = 13;

/// Contexts for reads whose bases are not known yet.
pub const WITHOUT_BASES: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
/// Contexts for reads whose bases are known.
pub const WITH_BASES: [usize; 12] = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/// What is known of a read when a value is coded: places in the alphabet so far, and all bases (0..=3) with how little
/// they were expected (0..=7), or none of them.
pub struct Near<'a> {
    pub values: &'a [u8],
    pub bases: &'a [u8],
    pub surprises: &'a [u8],
}

/// `CONTEXTS <= INPUTS`.
pub struct MixedQualities<const CONTEXTS: usize, const INPUTS: usize> {
    kinds: [usize; CONTEXTS],
    node_bits: u32,
    tables: [Counters; CONTEXTS],
    blend: Blend<INPUTS>,
}

impl<const CONTEXTS: usize, const INPUTS: usize> MixedQualities<CONTEXTS, INPUTS> {
    /// `count`: how many values there are.
    pub fn new(kinds: [usize; CONTEXTS], tree: &Tree, count: usize) -> Self {
        let bits = (count as u64 * 8).max(1).ilog2().clamp(12, 21);
        MixedQualities {
            kinds,
            node_bits: tree.len().next_power_of_two().ilog2(),
            tables: kinds.map(|_| Counters::new(1 << bits, 255)),
            blend: Blend::new(
                Sizes {
                    sets: [RANKS * 16, RANKS * 8, RANKS * 8],
                    curves: [RANKS * RANKS, RANKS * 64],
                    nodes: RANKS,
                },
                (40000 / CONTEXTS) as i16,
                [30, 10],
            ),
        }
    }

    /// Codes the value that follows `near.values`; `sums` has taken those.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, tree: &Tree, value: u8, near: &Near, sums: &Sums) -> u8 {
        let at = near.values.len();
        let last = near.values.last().copied().unwrap_or(0) as usize;
        let all = contexts_of(near, sums);
        let contexts = self.kinds.map(|kind| (all[kind] as usize) << self.node_bits);
        let step = step_of(at) as usize;
        let delta = sums.delta_step() as usize;
        let surprise = near.surprises.get(at).copied().unwrap_or(0) as usize;
        let run = sums.run.min(7) as usize;
        let mut node = 0;
        loop {
            let places = contexts.map(|context| context | node);
            let mut inputs: Inputs<INPUTS> = foretold(&self.tables, &places);
            if CONTEXTS < INPUTS {
                inputs.0[INPUTS - 1] = 256;
            }
            let choice = Choice {
                sets: [node * 16 + step / 8, node * 8 + run, node * 8 + surprise],
                curves: [node * RANKS + last, node * 64 + delta],
                node,
            };
            let one = self.blend.one(&inputs, &choice);
            let bit = coder.code(tree.bit(node, value), one);
            for i in 0..CONTEXTS {
                self.tables[i].update(places[i], bit);
            }
            self.blend.update(&inputs, bit);
            match tree.step(node, bit) {
                Ok(next) => node = next,
                Err(value) => return value,
            }
        }
    }
}

/// What tables foretell at their places, in the logistic domain; 0 for inputs beyond them.
#[inline(always)]
pub fn foretold<const CONTEXTS: usize, const INPUTS: usize>(
    tables: &[Counters; CONTEXTS],
    places: &[usize; CONTEXTS],
) -> Inputs<INPUTS> {
    let mut inputs = Inputs([0i16; INPUTS]);
    for (group, lanes) in inputs.0.chunks_exact_mut(LANES).enumerate() {
        let mut ones = [32768u16; LANES];
        for lane in 0..LANES {
            let at = group * LANES + lane;
            if at < CONTEXTS {
                ones[lane] = tables[at].one(places[at]) as u16;
            }
        }
        Eight::new(ones).stretched().store(lanes);
    }
    inputs
}

/// Hashes of what may foretell a value, by their numbers in the specification.
#[inline(always)]
pub fn contexts_of(near: &Near, sums: &Sums) -> [u32; KINDS] {
    let at = near.values.len();
    let before = |back: usize| at.checked_sub(back).map_or(0, |at| near.values[at] as u32);
    let base = |offset: isize| near.bases.get(at.wrapping_add_signed(offset)).map_or(4, |&base| base as u32);
    let surprise =
        |offset: isize| near.surprises.get(at.wrapping_add_signed(offset)).map_or(0, |&level| level as u32);
    let [q1, q2, q3, q4, q5] = [before(1), before(2), before(3), before(4), before(5)];
    let step = step_of(at);
    let high = q2.max(q3);
    let delta = sums.delta_step();
    let mean = sums.mean(at);
    let around = base(-2) | base(-1) << 3 | base(0) << 6 | base(1) << 9 | base(2) << 12;
    [
        hash(0, q1 | q2 << 7 | q3 << 14, 0),
        hash(1, q1 | q2 << 7, sums.run),
        hash(2, q1 | high << 7, q4.max(q5) | step >> 2 << 8),
        hash(3, q1, at as u32),
        hash(4, q1 | u32::from(q2 == q3) << 7 | high << 8, delta),
        hash(5, q1 | mean << 8, step >> 2),
        hash(6, q1 / 2 | q2 / 2 << 6 | q3 / 2 << 12 | q4 / 2 << 18 | q5 / 2 << 24, 0),
        hash(7, mean | sums.recent() << 8, q1),
        hash(8, q1 | q2 << 7, base(-1) | base(0) << 3 | base(1) << 6),
        hash(9, q1 / 2, around | base(-3) << 15 | base(3) << 18),
        hash(10, q1 | high << 7, surprise(0) | surprise(-1) << 4 | surprise(1) << 8 | surprise(2) << 12),
        hash(11, q1 | q2 << 7 | q3 << 14, around >> 3 & 0x1ff),
        hash(12, q1 | mean << 7, around),
    ]
}

/// The place in a read in 128 steps, finer at the start.
#[inline(always)]
pub fn step_of(at: usize) -> u32 {
    if at < 64 { at as u32 / 2 } else { (28 + at / 16).min(127) as u32 }
}

/// Running sums over a read's values.
#[derive(Clone, Copy, Default)]
pub struct Sums {
    total: u32,
    delta: u32,
    /// An average that forgets, with 8 fractional bits.
    recent: u32,
    last: u32,
    /// How often the last value stood in a row, less one; at most 15.
    pub run: u32,
}

impl Sums {
    #[inline(always)]
    pub fn take(&mut self, value: u8) {
        let value = value as u32;
        self.total += value;
        self.delta = (self.delta + value.abs_diff(self.last)).min(255);
        self.recent = (self.recent as i32 + ((value << 8) as i32 - self.recent as i32 >> 3)) as u32;
        self.run = if value == self.last { (self.run + 1).min(15) } else { 0 };
        self.last = value;
    }

    #[inline(always)]
    fn mean(&self, count: usize) -> u32 {
        if count == 0 { 0 } else { self.total / count as u32 }
    }

    #[inline(always)]
    pub fn recent(&self) -> u32 {
        self.recent >> 8
    }

    #[inline(always)]
    pub fn delta_step(&self) -> u32 {
        self.delta / 4
    }
}

#[inline(always)]
pub fn hash(kind: u32, a: u32, b: u32) -> u32 {
    let hash = (a ^ kind << 28).wrapping_mul(0x85eb_ca6b) ^ b.wrapping_mul(0xc2b2_ae35);
    let hash = (hash ^ hash >> 16).wrapping_mul(0x2545_f491);
    hash ^ hash >> 13
}
