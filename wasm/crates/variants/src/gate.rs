//! The short way: one decision "it is the byte expected" stands for eight.

use coding::counters::Counters;
use crate::hash::hash;
use crate::scene::SIGNS;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::Map;
use coding::mixer::{Inputs, Mixer};

/// The most contexts.
pub const CONTEXTS: usize = 8;
const CONFIDENCES: usize = 128;
const INPUTS: usize = 16;
const FIELDS: usize = 256;

pub struct Gate {
    by_sign: Map,
    counters: Counters,
    places: [usize; CONTEXTS],
    sign: usize,
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 3>,
    apm: Apm<6>,
    mixed: i32,
}

/// A byte worth asking for, or a token by eight bits of its hash.
#[derive(Clone, Copy)]
pub struct Candidate {
    pub byte: u8,
    /// Who expects it how firmly.
    pub sign: usize,
    /// Which of the others expect it too.
    pub agreed: usize,
}

impl Gate {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = length.max(1).ilog2().clamp(14, 19);
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        let signs = (SIGNS * CONFIDENCES) << SIGNS;
        let mut by_sign = Map::new(signs, 1023);
        (0..signs).for_each(|sign| by_sign.start(sign, 49152, 0));
        Gate {
            by_sign,
            counters: Counters::new(1 << bits, 250),
            places: [0; CONTEXTS],
            sign: 0,
            inputs,
            mixer: Mixer::new([SIGNS << SIGNS, FIELDS, SIGNS * CONFIDENCES], 5000),
            apm: Apm::new(1024),
            mixed: 0,
        }
    }

    /// The likeliest of the expected bytes.
    #[inline(always)]
    pub fn best(&self, expected: &[(Option<u8>, usize); SIGNS]) -> Option<Candidate> {
        let mut best = None;
        let mut best_chance = 0;
        for (who, &(byte, confidence)) in expected.iter().enumerate() {
            let Some(byte) = byte else { continue };
            let agreed = expected.iter().fold(0, |bits, other| bits << 1 | (other.0 == Some(byte)) as usize);
            let sign = (confidence * SIGNS + who) << SIGNS | agreed;
            let chance = self.by_sign.one(sign) + 1;
            if chance > best_chance {
                (best, best_chance) = (Some(Candidate { byte, sign, agreed: agreed * SIGNS + who }), chance);
            }
        }
        best
    }

    /// The chance that a candidate comes. `field`: any number of the field.
    #[inline(always)]
    pub fn chance(&mut self, candidate: Candidate, contexts: &[u64; CONTEXTS], field: usize) -> u32 {
        self.sign = candidate.sign;
        for i in 0..CONTEXTS {
            let context = hash(contexts[i], (i as u64) << 8 | candidate.byte as u64);
            self.places[i] = (context >> 32) as usize;
        }
        for i in 0..CONTEXTS {
            self.inputs.0[i] = self.counters.stretched(self.places[i]);
        }
        self.inputs.0[CONTEXTS] = self.by_sign.stretched(self.sign);
        let [a, b, c] =
            self.mixer.mix(&self.inputs, &[candidate.agreed, field & (FIELDS - 1), candidate.sign >> SIGNS]);
        self.mixed = (a + b + c) / 3;
        let refined = self.apm.refine(self.mixed, field & 1023);
        ((squash(self.mixed) * 3 + refined) / 4).clamp(1, 65535)
    }

    /// Whether the byte of the last [`Gate::chance`] came.
    #[inline(always)]
    pub fn update(&mut self, came: bool) {
        let came = came as u32;
        self.mixer.update(&self.inputs, came, 30);
        self.by_sign.update(self.sign, came);
        for &place in &self.places {
            self.counters.update(place, came);
        }
        self.apm.update(came);
    }
}
