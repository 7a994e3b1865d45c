//! How likely a token is, by one vector of probabilities, in tables that a cache holds.

use coding::counters::Counters;
use crate::hash::hash;
use crate::tokens::{Token, GUIDES};
use coding::logistic::squash;
use coding::vector::{Eight, LANES};

/// How a guide's last four tokens went.
const CONFIDENCES: usize = 16;
const FIELDS: usize = 256;
const MOST_BITS: u32 = 15;
/// What contexts see of an expected token's identity: its length, what ends it and four bits of its hash. With more,
/// each would be seen too rarely.
const TOLD_APART: u32 = 0xf_ffff;
/// Contexts of an expected token at most.
pub const CONTEXTS: usize = 5;
/// An even chance.
const EVEN: u16 = 32768;

/// Sets of weights in 1/32768.
struct Weights(Vec<[i16; LANES]>);

impl Weights {
    fn new(sets: usize, weight: i16) -> Self {
        Weights(vec![[weight; LANES]; sets])
    }

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

/// A token worth asking for.
#[derive(Clone, Copy)]
pub struct Candidate {
    pub guide: usize,
    pub identity: u32,
    /// Who expects it how firmly.
    sign: usize,
    /// Which of the others expect it too.
    agreed: usize,
}

/// Tells the chance of an expected token: [`TokenGate::best`], then [`TokenGate::chance`], then [`TokenGate::update`].
pub struct TokenGate {
    by_sign: Counters,
    counters: Counters,
    by_agreed: Weights,
    by_field: Weights,
    sign: usize,
    sets: [usize; 2],
    sums: [i32; 2],
    places: [usize; CONTEXTS],
    inputs: Eight,
}

impl TokenGate {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = (length / 4).max(1).ilog2().clamp(12, MOST_BITS);
        let mut by_sign = Counters::new((GUIDES * CONFIDENCES).next_power_of_two(), 1000);
        for sign in 0..GUIDES * CONFIDENCES {
            by_sign.update(sign, 1);
        }
        TokenGate {
            by_sign,
            counters: Counters::new(1 << bits, 250),
            by_agreed: Weights::new(GUIDES << GUIDES, 8000),
            by_field: Weights::new(FIELDS, 8000),
            sign: 0,
            sets: [0; 2],
            sums: [0; 2],
            places: [0; CONTEXTS],
            inputs: Eight::new([EVEN; LANES]),
        }
    }

    /// The likeliest token among `guides`, whose last ones went as `misses` say, other than those whose identity is
    /// `denied`.
    #[inline(always)]
    pub fn best(&self, guides: &[Token; GUIDES], misses: &[u8; GUIDES], denied: Option<u32>) -> Option<Candidate> {
        let mut best = None;
        let mut best_chance = 0;
        for (guide, token) in guides.iter().enumerate() {
            if !token.is_whole() || denied == Some(token.identity()) {
                continue;
            }
            let sign = guide * CONFIDENCES + (misses[guide] as usize & (CONFIDENCES - 1));
            let chance = self.by_sign.one(sign) + 1;
            if chance > best_chance {
                (best, best_chance) = (Some((guide, sign)), chance);
            }
        }
        let (guide, sign) = best?;
        let identity = guides[guide].identity();
        let agreed = guides.iter().fold(0, |bits, other| bits << 1 | (other.identity() == identity) as usize);
        Some(Candidate { guide, identity, sign, agreed })
    }

    /// The chance that a candidate comes. `field`: any number of the field.
    #[inline(always)]
    pub fn chance<const USED: usize>(&mut self, candidate: Candidate, contexts: &[u64], field: usize) -> u32 {
        assert!(USED <= CONTEXTS);
        self.sign = candidate.sign;
        let mut ones = [EVEN; LANES];
        for i in 0..USED {
            let context = hash(contexts[i], (i as u64) << 32 | (candidate.identity & TOLD_APART) as u64);
            self.places[i] = context as usize;
            ones[i] = self.counters.one(self.places[i]) as u16;
        }
        ones[CONTEXTS] = self.by_sign.one(self.sign) as u16;
        // A bias.
        ones[LANES - 1] = 47900;
        self.inputs = Eight::new(ones).stretched();
        self.sets = [candidate.guide << GUIDES | candidate.agreed, field & (FIELDS - 1)];
        self.sums = [self.by_agreed.sum(self.inputs, self.sets[0]), self.by_field.sum(self.inputs, self.sets[1])];
        squash((self.sums[0] + self.sums[1]) / 2).clamp(2, 65534)
    }

    /// Whether the token of the last [`TokenGate::chance`], with as many contexts, came.
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
