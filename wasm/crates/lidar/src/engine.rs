//! Numbers and symbols as binary decisions, each predicted by mixing what several contexts have seen.

use crate::coder::{plain_bits, Coder};
use coding::apm::Apm;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, TwoLayers};

/// A context of a decision, already hashed by [`hash`].
pub type Context = u32;

#[inline(always)]
pub fn hash(parts: &[i32]) -> Context {
    let mixed = parts.iter().fold(0x9e37_79b9_7f4a_7c15u64, |sum, &part| {
        (sum ^ part as u32 as u64).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29)
    });
    (mixed >> 32) as u32
}

const LINE: usize = 16;
const HALF: u32 = 1 << 31;
const COUNT_MASK: u32 = 1023;
/// Weight sets that a field has by decision and by the caller's choice.
const NODES: usize = 128;
pub const CHOICES: usize = 64;
const SETS: usize = 3;
/// Lengths from here on are escaped.
const LONG: u32 = 31;
/// Where the probability of a sign stands among those of the lower bits.
const SIGN_PLACE: usize = 63;
/// How fast the two layers of weights move, and how much faster at first.
const RATE: i32 = 600;
const LAST_RATE: i32 = 40;
const EARLY_RATE: u32 = 1200;
/// Observations that a probability remembers: of a context, and of a bit below the two highest.
const LIMIT: u32 = 250;
const LOW_LIMIT: u32 = 1000;

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

pub struct Engine<const N: usize, const INPUTS: usize> {
    /// Lines of 16: a tag, then probabilities (22 bits) with counts (10 bits) by node of a nibble's tree.
    table: Vec<u32>,
    line_bits: u32,
    lines: [usize; N],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6>; 2],
    /// Bits below the two highest, by field, length and place.
    low: Vec<u32>,
    decisions: u32,
    choice: usize,
    refined: usize,
}

impl<const N: usize, const INPUTS: usize> Engine<N, INPUTS> {
    /// Whether contexts tell of signs and of second bits, and refine what was mixed: little, for a quarter of the time.
    const IS_THOROUGH: bool = N > 3;

    pub fn new(fields: usize, points: usize) -> Self {
        assert!(INPUTS > 2 * N);
        let line_bits = (points.max(1) * 4).ilog2().clamp(8, 19) + 1;
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[2 * N] = 256;
        Engine {
            table: vec![HALF; LINE << line_bits],
            line_bits,
            lines: [0; N],
            inputs,
            mixer: TwoLayers::new(
                [fields * NODES, fields * CHOICES, fields * 32],
                fields,
                (32768 * 3 / (2 * N as i32)).min(20000) as i16,
            ),
            apms: [Apm::new(fields * NODES), Apm::new(fields * CHOICES * 4)],
            low: vec![HALF; fields * 64 * 64],
            decisions: 0,
            choice: 0,
            refined: 0,
        }
    }

    /// Codes a number of any size that is likely near 0. `choice` picks weights.
    pub fn number<C: Coder>(&mut self, coder: &mut C, field: usize, value: i64, contexts: &[Context; N], choice: usize) -> i64 {
        self.choice = choice % CHOICES;
        let size = value.unsigned_abs();
        let bits = 64 - size.leading_zeros();
        let bits = self.length(coder, field, bits, contexts);
        if bits == 0 {
            return 0;
        }
        let low = (field * 64 + bits as usize % 64) * 64;
        let negative = if Self::IS_THOROUGH {
            self.bit(coder, field, (value < 0) as u32, 2 + (bits as usize & 1), 32 + bits.min(15) as usize)
        } else {
            self.low_bit(coder, low + SIGN_PLACE, (value < 0) as u32)
        };
        let mut known = 1u64;
        for place in (0..bits - 1).rev() {
            let bit = (size >> place & 1) as u32;
            let bit = if Self::IS_THOROUGH && place + 2 == bits {
                self.bit(coder, field, bit, 4 + 4 * (bits as usize & 1), 48 + bits.min(15) as usize)
            } else {
                self.low_bit(coder, low + place as usize, bit)
            };
            known = known << 1 | bit as u64;
        }
        if negative != 0 { (known as i64).wrapping_neg() } else { known as i64 }
    }

    /// The length of a number in bits; finds the lines of its sign and its next bit.
    fn length<C: Coder>(&mut self, coder: &mut C, field: usize, bits: u32, contexts: &[Context; N]) -> u32 {
        let short = bits.min(LONG);
        self.find(field, contexts, 0);
        let mut node = 1;
        for shift in (1..5).rev() {
            node = node << 1 | self.bit(coder, field, short >> shift & 1, node as usize, node as usize);
        }
        self.find(field, contexts, (node as usize) << 12 | 2);
        node = node << 1 | self.bit(coder, field, short & 1, 1, node as usize);
        match node - 32 {
            LONG => LONG + plain_bits(coder, bits.wrapping_sub(LONG) as u64, 6).min(33) as u32,
            short => short,
        }
    }

    /// Codes a byte.
    pub fn symbol<C: Coder>(&mut self, coder: &mut C, field: usize, value: u8, contexts: &[Context; N], choice: usize) -> u8 {
        let high = self.nibble(coder, field, value >> 4, contexts, 3, choice, 0);
        let low = self.nibble(coder, field, value & 15, contexts, (high as usize) << 8 | 4, choice, 16);
        high << 4 | low
    }

    /// Codes a number below 16; `part` tells apart several numbers of a field, `nodes` (a multiple of 16) their weights.
    #[allow(clippy::too_many_arguments)]
    pub fn nibble<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u8, contexts: &[Context; N], part: usize, choice: usize, nodes: usize,
    ) -> u8 {
        self.choice = choice % CHOICES;
        self.find(field, contexts, part);
        let mut node = 1;
        for shift in (0..4).rev() {
            node = node << 1 | self.bit(coder, field, (value >> shift & 1) as u32, node as usize, nodes + node as usize);
        }
        node as u8 & 15
    }

    /// Codes a yes or no.
    pub fn flag<C: Coder>(&mut self, coder: &mut C, field: usize, value: bool, contexts: &[Context; N], choice: usize) -> bool {
        self.choice = choice % CHOICES;
        self.find(field, contexts, 5);
        self.bit(coder, field, value as u32, 1, 127) != 0
    }

    #[inline(always)]
    fn find(&mut self, field: usize, contexts: &[Context; N], part: usize) {
        let salt = (part as u64) << 24 ^ (field as u64) << 4;
        for i in 0..N {
            let key = (contexts[i] as u64) << 32 ^ salt ^ i as u64;
            let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            self.lines[i] = self.line(mixed);
        }
    }

    #[inline(always)]
    fn line(&mut self, mixed: u64) -> usize {
        let tag = (mixed as u32) | 1;
        let first = (mixed >> (64 - self.line_bits)) as usize * LINE;
        if self.table[first] == tag {
            return first;
        }
        let second = first ^ LINE;
        if self.table[second] == tag {
            return second;
        }
        let uses = |line: usize| self.table[line + 1] & COUNT_MASK;
        let line = if uses(second) < uses(first) { second } else { first };
        self.table[line..line + LINE].fill(HALF);
        self.table[line] = tag;
        line
    }

    #[inline(always)]
    fn bit<C: Coder>(&mut self, coder: &mut C, field: usize, bit: u32, node: usize, place: usize) -> u32 {
        let mut known = 0;
        for i in 0..N {
            let entry = self.table[self.lines[i] + node];
            let count = entry & COUNT_MASK;
            let one = entry >> 16;
            let stretched = stretch(one);
            let trust = TRUST[count.min(31) as usize];
            known += (count > 2) as usize;
            self.inputs.0[2 * i] = (stretched * trust >> 8) as i16;
            self.inputs.0[2 * i + 1] = ((one as i32 - 32768) * trust >> 13) as i16;
        }
        let sets = [field * NODES + place, field * CHOICES + self.choice, field * 32 + (known * 4 / (N + 1)) * 8 + (place / 16)];
        let mixed = self.mixer.mix(&self.inputs, &sets, field);
        self.refined = (field * CHOICES + self.choice) * 4 + known * 4 / (N + 1);
        let a = self.apms[0].refine(mixed, field * NODES + place);
        let b = if Self::IS_THOROUGH { self.apms[1].refine(mixed, self.refined) } else { a };
        let one = ((squash(mixed) * 2 + a + b + 2) >> 2).clamp(24, 65536 - 24);
        let bit = coder.code(bit, one);
        // Weights are far from right at first, and move faster then.
        let extra = (EARLY_RATE * 1024 / (self.decisions / 16 + 1024)) as i32;
        self.mixer.update(&self.inputs, bit, RATE + extra, LAST_RATE + extra / 4);
        self.apms[0].update(bit);
        if Self::IS_THOROUGH {
            self.apms[1].update(bit);
        }
        for i in 0..N {
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
