//! The long way and the short way by one vector of probabilities each, in tables that a cache holds, for speed.

use crate::counters::Counters;
use crate::engine::BitCoder;
use crate::gate::Candidate;
use crate::guides::GUIDES;
use crate::hash::hash;
use crate::scene::SIGNS;
use coding::logistic::squash;
use coding::vector::{Eight, LANES};

const CONFIDENCES: usize = 128;
const FIELDS: usize = 256;
/// Contexts of a spelt byte at most.
const MOST_SLOTS: usize = 5;
/// Guides whose bytes are taken as votes.
const VOTES: usize = 2;
const MOST_SLOT_BITS: u32 = 20;
const MOST_GATE_BITS: u32 = 16;
/// Contexts of an expected byte.
pub const GATE_CONTEXTS: usize = 4;
/// An even chance.
const EVEN: u16 = 32768;
const LEAST: u32 = 16;

/// Sets of weights in 1/32768.
struct Weights(Vec<[i16; LANES]>);

impl Weights {
    #[inline(always)]
    fn sum(&self, inputs: Eight, set: usize) -> i32 {
        inputs.dot(Eight::load(&self.0[set])) >> 15
    }

    /// Moves the weights after `sum` was told and `bit` came. `rate` as in [`coding::mixer::Mixer::update`].
    #[inline(always)]
    fn update(&mut self, inputs: Eight, set: usize, sum: i32, bit: u32, rate: i32) {
        let error = ((bit << 16) as i32 - squash(sum) as i32) * rate >> 10;
        let weights = &mut self.0[set];
        Eight::load(weights).add_scaled(inputs, error.clamp(-32767, 32767) as i16).store(weights);
    }
}

/// Codes bytes bit by bit.
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
        let mut votes = Counters::new(SIGNS * CONFIDENCES * 8, 1023);
        for place in 0..SIGNS * CONFIDENCES * 8 {
            votes.update(place, 1);
        }
        Speller {
            counters: Counters::new(1 << bits, 250),
            line_bits: bits - 4,
            votes,
            weights: Weights(vec![[10000; LANES]; FIELDS * 4 * 8]),
            spelt: 0,
        }
    }

    /// Codes `byte` under hashed contexts, of which the lowest `SLOTS` count.
    #[inline(always)]
    pub fn code<C: BitCoder, const SLOTS: usize>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u64; SLOTS],
        expected: &[(Option<u8>, usize); SIGNS],
        field: usize,
    ) -> u8 {
        assert!(SLOTS <= MOST_SLOTS);
        let rate = 90 + (600 * 4096 / (self.spelt + 4096)) as i32;
        self.spelt += 1;
        let mut lines: [usize; SLOTS] = core::array::from_fn(|i| self.line(contexts[i]));
        let mut voters = [(0u32, 0usize); VOTES];
        let mut voting = 0;
        for (who, &(byte, confidence)) in expected.iter().enumerate().take(GUIDES) {
            let Some(byte) = byte else { continue };
            if voting < VOTES && (voting == 0 || voters[0].0 != byte as u32 | 256) {
                voters[voting] = (byte as u32 | 256, (who * CONFIDENCES + confidence) * 8);
                voting += 1;
            }
        }
        let field = field & (FIELDS - 1);
        let mut node = 1u32;
        for level in 0..8u32 {
            if level == 4 {
                lines = core::array::from_fn(|i| self.line(contexts[i] ^ (node as u64) << 40));
            }
            let inner = (1 << (level & 3) | node & ((1 << (level & 3)) - 1)) as usize;
            let mut ones = [EVEN; LANES];
            let mut seen = 0;
            for i in 0..SLOTS {
                let one = self.counters.one(lines[i] | inner) as u16;
                seen += (one != EVEN) as usize;
                ones[i] = one;
            }
            for (i, &(byte, place)) in voters.iter().enumerate() {
                if byte >> (8 - level) == node {
                    let agrees = self.votes.one(place + level as usize) as u16;
                    ones[MOST_SLOTS + i] = if byte >> (7 - level) & 1 != 0 { agrees } else { 65535 - agrees };
                }
            }
            let inputs = Eight::new(ones).stretched();
            let set = (field << 2 | seen.min(3)) << 3 | level as usize;
            let sum = self.weights.sum(inputs, set);
            let one = squash(sum).clamp(LEAST, 65535 - LEAST);
            let bit = coder.code((byte >> (7 - level) & 1) as u32, one);
            self.weights.update(inputs, set, sum, bit, rate);
            for line in lines {
                self.counters.update(line | inner, bit);
            }
            for &(byte, place) in &voters {
                if byte >> (8 - level) == node {
                    self.votes.update(place + level as usize, (byte >> (7 - level) & 1 == bit) as u32);
                }
            }
            node = node << 1 | bit;
        }
        node as u8
    }

    #[inline(always)]
    fn line(&self, context: u64) -> usize {
        ((context.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.line_bits)) as usize) << 4
    }

    pub fn spelt(&self) -> usize {
        self.spelt
    }
}

/// Tells the chance of an expected byte or token.
pub struct QuickGate {
    by_sign: Counters,
    counters: Counters,
    by_agreed: Weights,
    by_field: Weights,
    sign: usize,
    sets: [usize; 2],
    sums: [i32; 2],
    places: [usize; GATE_CONTEXTS],
    inputs: Eight,
}

impl QuickGate {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = (length / 4).max(1).ilog2().clamp(12, MOST_GATE_BITS);
        let mut by_sign = Counters::new((GUIDES * CONFIDENCES).next_power_of_two(), 1000);
        for sign in 0..GUIDES * CONFIDENCES {
            by_sign.update(sign, 1);
        }
        QuickGate {
            by_sign,
            counters: Counters::new(1 << bits, 250),
            by_agreed: Weights(vec![[8000; LANES]; GUIDES << GUIDES]),
            by_field: Weights(vec![[8000; LANES]; FIELDS]),
            sign: 0,
            sets: [0; 2],
            sums: [0; 2],
            places: [0; GATE_CONTEXTS],
            inputs: Eight::new([EVEN; LANES]),
        }
    }

    /// The likeliest of the expected bytes.
    #[inline(always)]
    pub fn best(&self, expected: &[(Option<u8>, usize); SIGNS]) -> Option<Candidate> {
        let mut best = None;
        let mut best_chance = 0;
        for (who, &(byte, confidence)) in expected.iter().enumerate().take(GUIDES) {
            let Some(byte) = byte else { continue };
            let sign = who * CONFIDENCES + confidence;
            let chance = self.by_sign.one(sign) + 1;
            if chance > best_chance {
                (best, best_chance) = (Some((who, byte, sign)), chance);
            }
        }
        let (who, byte, sign) = best?;
        let agreed = (0..GUIDES).fold(0, |bits, other| bits << 1 | (expected[other].0 == Some(byte)) as usize);
        Some(Candidate { byte, sign, agreed: who << GUIDES | agreed })
    }

    /// The chance that a candidate comes. `field`: any number of the field.
    #[inline(always)]
    pub fn chance<const USED: usize>(&mut self, candidate: Candidate, contexts: &[u64], field: usize) -> u32 {
        assert!(USED <= GATE_CONTEXTS);
        self.sign = candidate.sign;
        let mut ones = [EVEN; LANES];
        for i in 0..USED {
            let context = hash(contexts[i], (i as u64) << 8 | candidate.byte as u64);
            self.places[i] = (context >> 32) as usize;
            ones[i] = self.counters.one(self.places[i]) as u16;
        }
        ones[GATE_CONTEXTS] = self.by_sign.one(self.sign) as u16;
        // A bias.
        ones[LANES - 1] = 47900;
        self.inputs = Eight::new(ones).stretched();
        self.sets = [candidate.agreed, field & (FIELDS - 1)];
        self.sums = [self.by_agreed.sum(self.inputs, self.sets[0]), self.by_field.sum(self.inputs, self.sets[1])];
        squash((self.sums[0] + self.sums[1]) / 2).clamp(2, 65534)
    }

    /// Whether the byte of the last [`QuickGate::chance`], with as many contexts, came.
    #[inline(always)]
    pub fn update<const USED: usize>(&mut self, came: bool) {
        let came = came as u32;
        self.by_agreed.update(self.inputs, self.sets[0], self.sums[0], came, 30);
        self.by_field.update(self.inputs, self.sets[1], self.sums[1], came, 30);
        self.by_sign.update(self.sign, came);
        for &place in &self.places[..USED] {
            self.counters.update(place, came);
        }
    }
}
