//! Single decisions: what contexts have seen of each lies in a table of lines, and is mixed.

use crate::coder::Coder;
use coding::apm::Apm;
use coding::counted::{learnt, COUNT_MASK, EVEN};
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, TwoLayers};
use std::marker::PhantomData;

/// Weight sets that the caller chooses from.
pub const CHOICES: usize = 64;
/// Lengths of numbers that have probabilities of their own for bits that contexts do not tell, and bits of a length.
const LOW_LENGTHS: usize = 64;
const LOW_PLACES: usize = 64;

/// A line of the table: a check, then a probability for every node of a tree of four decisions.
const LINE: usize = 16;
const SETS: usize = 3;
/// How fast the last layer of weights moves, and how much faster at first.
const LAST_RATE: i32 = 40;
const EARLY_RATE: u32 = 1200;
/// Weights begin with about this sum.
const WEIGHT: i32 = 32768 * 3 / 2;
const MOST_WEIGHT: i32 = 20000;
/// Observations that a probability remembers: of a context, and of a low bit.
const LIMIT: u32 = 250;
const LOW_LIMIT: u32 = 1000;
/// Probabilities of low bits stay so far from certainty.
const LOW_MARGIN: u32 = 32;

/// What differs between users.
pub trait Tuning {
    /// Weight sets that a field has by decision, a multiple of 8.
    const PLACES: usize;
    /// How fast weights move.
    const RATE: i32;
    /// Probabilities stay so far from certainty.
    const MARGIN: u32;
    /// The table has at most two to the power of this many pairs of lines.
    const MOST_LINE_BITS: u32;
}

/// `N` contexts of a decision, and the inputs that they are mixed from: two each and a constant, in whole vectors.
pub struct Decisions<const N: usize, const INPUTS: usize, T: Tuning> {
    /// Probabilities (22 bits) with counts (10 bits) by node of a tree.
    table: Vec<u32>,
    line_bits: u32,
    lines: [usize; N],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6>; 2],
    /// Low bits, by field, length and place.
    low: Vec<u32>,
    decisions: u32,
    choice: usize,
    tuning: PhantomData<T>,
}

impl<const N: usize, const INPUTS: usize, T: Tuning> Decisions<N, INPUTS, T> {
    /// Whether a second refinement pays: it takes time, and few contexts stand for speed.
    pub const IS_THOROUGH: bool = N > 3;

    /// For about so many numbers.
    pub fn new(fields: usize, numbers: usize) -> Self {
        assert!(INPUTS > 2 * N);
        let line_bits = (numbers.max(1) * 4).ilog2().clamp(8, T::MOST_LINE_BITS) + 1;
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[2 * N] = 256;
        Decisions {
            table: vec![EVEN; LINE << line_bits],
            line_bits,
            lines: [0; N],
            inputs,
            mixer: TwoLayers::new(
                [fields * T::PLACES, fields * CHOICES, fields * 32],
                fields,
                (WEIGHT / N as i32).min(MOST_WEIGHT) as i16,
            ),
            apms: [Apm::new(fields * T::PLACES), Apm::new(fields * CHOICES * 4)],
            low: vec![EVEN; fields * LOW_LENGTHS * LOW_PLACES],
            decisions: 0,
            choice: 0,
            tuning: PhantomData,
        }
    }

    /// Picks weights for the decisions to come, by a number below [`CHOICES`].
    #[inline(always)]
    pub fn choose(&mut self, choice: usize) {
        self.choice = choice;
    }

    /// Finds the lines of hashed contexts; `salt` tells trees of decisions apart.
    #[inline(always)]
    pub fn find(&mut self, contexts: &[u32; N], salt: u64) {
        for i in 0..N {
            let key = (contexts[i] as u64) << 32 ^ salt ^ i as u64;
            let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            self.lines[i] = self.line(mixed);
        }
    }

    #[inline(always)]
    fn line(&mut self, mixed: u64) -> usize {
        let check = (mixed as u32) | 1;
        let first = (mixed >> (64 - self.line_bits)) as usize * LINE;
        if self.table[first] == check {
            return first;
        }
        let second = first ^ LINE;
        if self.table[second] == check {
            return second;
        }
        let uses = |line: usize| self.table[line + 1] & COUNT_MASK;
        let line = if uses(second) < uses(first) { second } else { first };
        self.table[line..line + LINE].fill(EVEN);
        self.table[line] = check;
        line
    }

    /// Codes a decision: `node` of the tree whose lines were found, with the weights of `place`, below [`Tuning::PLACES`].
    #[inline(always)]
    pub fn bit<C: Coder>(&mut self, coder: &mut C, field: usize, bit: u32, node: usize, place: usize) -> u32 {
        let mut known = 0;
        for i in 0..N {
            let entry = self.table[self.lines[i] + node];
            let count = entry & COUNT_MASK;
            let one = entry >> 16;
            let trust = TRUST[count.min(31) as usize];
            known += (count > 2) as usize;
            self.inputs.0[2 * i] = (stretch(one) * trust >> 8) as i16;
            self.inputs.0[2 * i + 1] = ((one as i32 - 32768) * trust >> 13) as i16;
        }
        let known = known * 4 / (N + 1);
        let sets =
            [field * T::PLACES + place, field * CHOICES + self.choice, field * 32 + known * 8 + place / (T::PLACES / 8)];
        let mixed = self.mixer.mix(&self.inputs, &sets, field);
        let a = self.apms[0].refine(mixed, sets[0]);
        let b = if Self::IS_THOROUGH { self.apms[1].refine(mixed, sets[1] * 4 + known) } else { a };
        let one = ((squash(mixed) * 2 + a + b + 2) >> 2).clamp(T::MARGIN, 65536 - T::MARGIN);
        let bit = coder.code(bit, one);
        // Weights are far from right at first, and move faster then.
        let extra = (EARLY_RATE * 1024 / (self.decisions / 16 + 1024)) as i32;
        self.mixer.update(&self.inputs, bit, T::RATE + extra, LAST_RATE + extra / 4);
        self.apms[0].update(bit);
        if Self::IS_THOROUGH {
            self.apms[1].update(bit);
        }
        for i in 0..N {
            let entry = &mut self.table[self.lines[i] + node];
            *entry = learnt(*entry, bit, LIMIT);
        }
        self.decisions = self.decisions.saturating_add(1);
        bit
    }

    /// Codes a bit that contexts tell nothing of: the one at `place` of a number of so many bits.
    #[inline(always)]
    pub fn low_bit<C: Coder>(&mut self, coder: &mut C, field: usize, length: usize, place: usize, bit: u32) -> u32 {
        let entry = &mut self.low[(field * LOW_LENGTHS + length) * LOW_PLACES + place];
        let bit = coder.code(bit, (*entry >> 16).clamp(LOW_MARGIN, 65536 - LOW_MARGIN));
        *entry = learnt(*entry, bit, LOW_LIMIT);
        bit
    }
}

/// How much a probability counts after so many observations, in 1/256.
static TRUST: [i32; 32] = trust();

const fn trust() -> [i32; 32] {
    let mut table = [0; 32];
    let mut n = 0;
    while n < 32 {
        table[n] = 1024 * n as i32 / (4 * n as i32 + 5);
        n += 1;
    }
    table
}
