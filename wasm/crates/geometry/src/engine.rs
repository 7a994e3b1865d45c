//! Numbers and symbols as binary decisions, each predicted by mixing what several contexts have seen.

use crate::coder::Coder;
use coding::apm::Apm;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, TwoLayers};

/// How many contexts a decision has.
pub const CONTEXTS: usize = 8;
pub type Contexts = [u32; CONTEXTS];

const INPUTS: usize = 24;
/// A line of the table: a check, then a probability for every node of a tree of four decisions.
const LINE: usize = 16;
const HALF: u32 = 1 << 31;
const COUNT_MASK: u32 = 1023;
const SETS: usize = 3;
/// Weight sets of a field: by decision, by how many contexts are known.
const PLACES: usize = 256;
/// Weight sets that the caller chooses from.
pub const CHOICES: usize = 64;
const RATE: i32 = 500;
const LAST_RATE: i32 = 40;
const EARLY_RATE: u32 = 1200;
/// Observations that a probability remembers: of a context, and of a low bit.
const LIMIT: u32 = 250;
const LOW_LIMIT: u32 = 1000;
/// Bits below the highest that contexts predict; the others have their place alone.
const MODELLED: u32 = 3;

#[inline(always)]
pub fn hash(parts: &[i64]) -> u32 {
    let mixed = parts.iter().fold(0x9e37_79b9_7f4a_7c15u64, |sum, &part| {
        (sum ^ part as u64).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29)
    });
    (mixed >> 32) as u32
}

pub struct Engine {
    /// Probabilities (22 bits) with counts (10 bits).
    table: Vec<u32>,
    line_bits: u32,
    lines: [usize; CONTEXTS],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6>; 2],
    low: Vec<u32>,
    decisions: u32,
    choice: usize,
}

impl Engine {
    /// For about so many numbers.
    pub fn new(fields: usize, numbers: usize) -> Self {
        let line_bits = (numbers.max(1) * 4).ilog2().clamp(8, 18) + 1;
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[2 * CONTEXTS] = 256;
        Engine {
            table: vec![HALF; LINE << line_bits],
            line_bits,
            lines: [0; CONTEXTS],
            inputs,
            mixer: TwoLayers::new(
                [fields * PLACES, fields * CHOICES, fields * 32],
                fields,
                (32768 * 3 / (2 * CONTEXTS as i32)) as i16,
            ),
            apms: [Apm::new(fields * PLACES), Apm::new(fields * CHOICES * 4)],
            low: vec![HALF; fields << 12],
            decisions: 0,
            choice: 0,
        }
    }

    /// Codes a number of any size that is likely near 0. `choice`, below [`CHOICES`], picks weights.
    pub fn number<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: i64, contexts: &Contexts, choice: usize,
    ) -> i64 {
        self.choice = choice;
        let size = value.unsigned_abs();
        let bits = 64 - size.leading_zeros();
        let upper = self.tree(coder, field, bits >> 2, 4, contexts, 0, 0);
        let lower = self.tree(coder, field, bits & 3, 2, contexts, 1 + upper as u64, 16 + 4 * upper as usize);
        let bits = upper << 2 | lower;
        if bits == 0 {
            return 0;
        }
        let modelled = (bits - 1).min(MODELLED);
        let shift = bits - 1 - modelled;
        let head = (size >> shift & ((1 << modelled) - 1)) as u32 | ((value < 0) as u32) << modelled;
        let weights = 96 + 16 * bits.min(9) as usize;
        let head = self.tree(coder, field, head, modelled + 1, contexts, 100 + bits as u64, weights);
        let mut known = 1u64 << modelled | (head & ((1 << modelled) - 1)) as u64;
        for place in (0..shift).rev() {
            let bit = self.low_bit(coder, field << 12 | (bits as usize - 1) << 6 | place as usize, (size >> place & 1) as u32);
            known = known << 1 | bit as u64;
        }
        if head >> modelled != 0 { (known as i64).wrapping_neg() } else { known as i64 }
    }

    /// Codes a byte.
    pub fn symbol<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u8, contexts: &Contexts, choice: usize,
    ) -> u8 {
        self.choice = choice;
        let high = self.tree(coder, field, value as u32 >> 4, 4, contexts, 200, 0);
        let low = self.tree(coder, field, value as u32 & 15, 4, contexts, 201 + high as u64, 16);
        (high << 4 | low) as u8
    }

    /// Codes a yes or no.
    pub fn flag<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: bool, contexts: &Contexts, choice: usize,
    ) -> bool {
        self.choice = choice;
        self.tree(coder, field, value as u32, 1, contexts, 220, 0) != 0
    }

    /// Codes a number of at most four bits; `part` tells trees of a field apart, `place` is where their weights begin.
    #[allow(clippy::too_many_arguments)]
    #[inline(always)]
    fn tree<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u32, bits: u32, contexts: &Contexts, part: u64, place: usize,
    ) -> u32 {
        let salt = part << 16 ^ (field as u64) << 8;
        for (i, &context) in contexts.iter().enumerate() {
            let key = (context as u64) << 32 ^ salt ^ i as u64;
            let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            self.lines[i] = self.line(mixed);
        }
        let mut node = 1;
        for shift in (0..bits).rev() {
            node = node << 1 | self.bit(coder, field, value >> shift & 1, node as usize, place + node as usize);
        }
        node & ((1 << bits) - 1)
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
        self.table[line..line + LINE].fill(HALF);
        self.table[line] = check;
        line
    }

    #[inline(always)]
    fn bit<C: Coder>(&mut self, coder: &mut C, field: usize, bit: u32, node: usize, place: usize) -> u32 {
        let mut known = 0;
        for i in 0..CONTEXTS {
            let entry = self.table[self.lines[i] + node];
            let count = entry & COUNT_MASK;
            let one = entry >> 16;
            let trust = TRUST[count.min(31) as usize];
            known += (count > 2) as usize;
            self.inputs.0[2 * i] = (stretch(one) * trust >> 8) as i16;
            self.inputs.0[2 * i + 1] = ((one as i32 - 32768) * trust >> 13) as i16;
        }
        let known = known * 4 / (CONTEXTS + 1);
        let sets = [field * PLACES + place, field * CHOICES + self.choice, field * 32 + known * 8 + place / 32];
        let mixed = self.mixer.mix(&self.inputs, &sets, field);
        let a = self.apms[0].refine(mixed, field * PLACES + place);
        let b = self.apms[1].refine(mixed, (field * CHOICES + self.choice) * 4 + known);
        let one = ((squash(mixed) * 2 + a + b + 2) >> 2).clamp(16, 65536 - 16);
        let bit = coder.code(bit, one);
        // Weights are far from right at first, and move faster then.
        let extra = (EARLY_RATE * 1024 / (self.decisions / 16 + 1024)) as i32;
        self.mixer.update(&self.inputs, bit, RATE + extra, LAST_RATE + extra / 4);
        self.apms.iter_mut().for_each(|apm| apm.update(bit));
        for i in 0..CONTEXTS {
            let entry = &mut self.table[self.lines[i] + node];
            *entry = moved(*entry, bit, LIMIT);
        }
        self.decisions = self.decisions.saturating_add(1);
        bit
    }

    #[inline(always)]
    fn low_bit<C: Coder>(&mut self, coder: &mut C, at: usize, bit: u32) -> u32 {
        let entry = &mut self.low[at];
        let bit = coder.code(bit, (*entry >> 16).clamp(32, 65504));
        *entry = moved(*entry, bit, LOW_LIMIT);
        bit
    }
}

#[inline(always)]
fn moved(entry: u32, bit: u32, limit: u32) -> u32 {
    let count = entry & COUNT_MASK;
    let target = 0u32.wrapping_sub(bit & 1);
    let error = target as i64 - entry as i64;
    let next = (entry as i64 + (error * STEPS[count as usize] as i64 >> 16)) as u32;
    next & !COUNT_MASK | (count + (count < limit) as u32)
}

static STEPS: [u32; 1024] = steps();

const fn steps() -> [u32; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u32;
        n += 1;
    }
    table
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
