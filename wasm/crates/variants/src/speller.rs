//! Spells bytes that no token foretold: most in one step of four answers, by tables that a cache holds.

use crate::counters::Counters;
use crate::engine::BitCoder;
use crate::quick::{Weights, EVEN};
use crate::tokens::GUIDES;
use coding::logistic::squash;
use coding::vector::{Eight, LANES};

/// How firmly a byte is expected.
pub const CONFIDENCES: usize = 128;
const FIELDS: usize = 256;
/// Contexts of a spelt byte at most.
const MOST_SLOTS: usize = 5;
/// Expected bytes that are taken as votes.
pub const VOTES: usize = 2;
const MOST_SLOT_BITS: u32 = 18;
const LEAST: u32 = 16;
/// Answers of a step.
const STEP_BITS: u32 = 4;
/// The steps of a byte: its symbol, or what stands for none, and the halves of those that have no symbol.
const STEPS: usize = 3;
const ESCAPE: u8 = 15;

/// The bytes that are symbols.
pub struct Alphabet {
    symbols: [u8; 256],
    bytes: [u8; 16],
}

impl Alphabet {
    const fn new(bytes: &[u8; ESCAPE as usize]) -> Self {
        let mut alphabet = Alphabet { symbols: [ESCAPE; 256], bytes: [0; 16] };
        let mut symbol = 0;
        while symbol < bytes.len() {
            alphabet.symbols[bytes[symbol] as usize] = symbol as u8;
            alphabet.bytes[symbol] = bytes[symbol];
            symbol += 1;
        }
        alphabet
    }
}

pub static HEADER: Alphabet = Alphabet::new(b" etainosrlcd=>\"");
pub static FIXED: Alphabet = Alphabet::new(b"0123456789.\t-rs");
pub static ALLELES: Alphabet = Alphabet::new(b"ACGTNacgt,.<*\tn");
pub static INFO: Alphabet = Alphabet::new(b"0123456789.,;=-");
pub static SAMPLE: Alphabet = Alphabet::new(b"0123456789.,:\t-");

/// A byte that is expected, and by whom how firmly: below `GUIDES * CONFIDENCES`.
#[derive(Clone, Copy, Default)]
pub struct Vote {
    pub byte: Option<u8>,
    pub place: usize,
}

pub struct Speller {
    counters: Counters,
    line_bits: u32,
    votes: Counters,
    weights: Weights,
    spelt: usize,
}

impl Speller {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = (length.max(1) * 4).ilog2().clamp(12, MOST_SLOT_BITS);
        let places = (GUIDES * CONFIDENCES) << STEP_BITS;
        let mut votes = Counters::new(places.next_power_of_two(), 1023);
        (0..places).for_each(|place| votes.update(place, 1));
        Speller {
            counters: Counters::new(1 << bits, 250),
            line_bits: bits - STEP_BITS,
            votes,
            weights: Weights::new(STEPS * FIELDS * 4 * STEP_BITS as usize, 10000),
            spelt: 0,
        }
    }

    /// Codes `byte` under hashed contexts.
    #[inline(always)]
    pub fn code<C: BitCoder, const SLOTS: usize>(
        &mut self,
        coder: &mut C,
        byte: u8,
        alphabet: &Alphabet,
        contexts: &[u64; SLOTS],
        votes: &[Vote; VOTES],
        field: usize,
    ) -> u8 {
        self.spelt += 1;
        let symbols = votes.map(|vote| (vote.byte.map(|byte| alphabet.symbols[byte as usize]), vote.place));
        let symbol = self.step(coder, alphabet.symbols[byte as usize], *contexts, symbols, field & (FIELDS - 1));
        if symbol != ESCAPE {
            return alphabet.bytes[symbol as usize];
        }
        self.half_by_half(coder, byte, contexts, votes, field)
    }

    #[inline(never)]
    fn half_by_half<C: BitCoder, const SLOTS: usize>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u64; SLOTS],
        votes: &[Vote; VOTES],
        field: usize,
    ) -> u8 {
        let field = field & (FIELDS - 1);
        let upper = votes.map(|vote| (vote.byte.map(|byte| byte >> 4), vote.place));
        let high = self.step(coder, byte >> 4, contexts.map(|context| context ^ 1 << 40), upper, FIELDS + field);
        let context = (high as u64 | 32) << 41;
        let lower = votes.map(|vote| (vote.byte.filter(|byte| byte >> 4 == high).map(|byte| byte & 15), vote.place));
        let low = self.step(coder, byte & 15, contexts.map(|other| other ^ context), lower, 2 * FIELDS + field);
        high << 4 | low
    }

    /// Codes four bits.
    #[inline(always)]
    fn step<C: BitCoder, const SLOTS: usize>(
        &mut self,
        coder: &mut C,
        symbol: u8,
        contexts: [u64; SLOTS],
        votes: [(Option<u8>, usize); VOTES],
        field: usize,
    ) -> u8 {
        assert!(SLOTS <= MOST_SLOTS);
        let rate = 90 + (600 * 4096 / (self.spelt + 4096)) as i32;
        let lines: [usize; SLOTS] = contexts.map(|context| self.line(context));
        let votes = votes.map(|(symbol, place)| (symbol.map_or(0, |symbol| symbol as u32 | 1 << STEP_BITS), place << STEP_BITS));
        let mut node = 1u32;
        for level in 0..STEP_BITS {
            let mut ones = [EVEN; LANES];
            let mut seen = 0;
            for i in 0..SLOTS {
                let one = self.counters.one(lines[i] | node as usize) as u16;
                seen += (one != EVEN) as usize;
                ones[i] = one;
            }
            for (i, &(symbol, place)) in votes.iter().enumerate() {
                if symbol >> (STEP_BITS - level) == node {
                    let agrees = self.votes.one(place | level as usize) as u16;
                    ones[MOST_SLOTS + i] = if symbol >> (STEP_BITS - 1 - level) & 1 != 0 { agrees } else { 65535 - agrees };
                }
            }
            let inputs = Eight::new(ones).stretched();
            let set = (field << 2 | seen.min(3)) << 2 | level as usize;
            let sum = self.weights.sum(inputs, set);
            let one = squash(sum).clamp(LEAST, 65535 - LEAST);
            let bit = coder.code((symbol >> (STEP_BITS - 1 - level) & 1) as u32, one);
            self.weights.update(inputs, set, sum, bit, rate);
            for line in lines {
                self.counters.update(line | node as usize, bit);
            }
            for &(symbol, place) in &votes {
                if symbol >> (STEP_BITS - level) == node {
                    self.votes.update(place | level as usize, (symbol >> (STEP_BITS - 1 - level) & 1 == bit) as u32);
                }
            }
            node = node << 1 | bit;
        }
        node as u8 & 15
    }

    #[inline(always)]
    fn line(&self, context: u64) -> usize {
        ((context.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.line_bits)) as usize) << STEP_BITS
    }

    pub fn spelt(&self) -> usize {
        self.spelt
    }
}
