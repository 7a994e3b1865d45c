//! One decision instead of eight: is the next byte the one that the past foretells? Where that is likely, it is asked
//! outright, and nothing else is asked or taught, so records that repeat pass at many times the speed.

use crate::engine::{hash, Contexts, CONFIDENCES, SIGNS, VOTES as MOST_VOTES};
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::Map;
use coding::mixer::{Inputs, Mixer};

/// Below this chance (of 65536) a byte is not worth a closer look.
const HOPELESS: u32 = 40000;
const TABLE_BITS: u32 = 16;
const INPUTS: usize = 16;
const MAPS: usize = 5 + SIGNS;
/// Expected bytes side by side, for vectors.
const LANES: usize = MOST_VOTES.next_multiple_of(8);
/// Above all bytes.
const NOBODY: u16 = 256;

/// Foretells whether an expected byte comes.
#[derive(Clone)]
pub struct Gate<const VOTES: usize> {
    sure: u32,
    by_confidence: Map,
    maps: [Map; MAPS - 1],
    contexts: [usize; MAPS],
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 2>,
    apm: Apm<6>,
    who: usize,
    agreed: usize,
    outcomes: usize,
    /// Whether the last expectation got a closer look.
    weighed: bool,
}

impl<const VOTES: usize> Gate<VOTES> {
    /// Asks for bytes whose chance (of 65536) is above `sure`.
    pub fn new(sure: u32) -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        Gate {
            sure,
            by_confidence: Map::new(VOTES * CONFIDENCES * 4, 1023),
            maps: std::array::from_fn(
                |i| if i < 2 { Map::new(1 << 16, 1023) } else { Map::new(1 << TABLE_BITS, 255) },
            ),
            contexts: [0; MAPS],
            inputs,
            mixer: Mixer::new([VOTES * CONFIDENCES, 1 << VOTES], 8000),
            apm: Apm::new(1 << 10),
            who: 0,
            agreed: 0,
            outcomes: 0,
            weighed: false,
        }
    }

    /// The likeliest of the expected bytes.
    #[inline]
    pub fn best(&mut self, expected: &[(Option<u8>, usize); VOTES]) -> Option<u8> {
        // No byte expected is no byte, and one that agrees with nobody.
        let mut bytes = [NOBODY; LANES];
        for (who, (byte, _)) in expected.iter().enumerate() {
            bytes[who] = byte.map_or(NOBODY + who as u16, u16::from);
        }
        let mut best = NOBODY;
        let mut best_chance = 0;
        for (who, &(_, confidence)) in expected.iter().enumerate() {
            if bytes[who] >= NOBODY {
                continue;
            }
            let agreed = bytes.iter().map(|&other| (other == bytes[who]) as u16).sum::<u16>().min(4) as usize - 1;
            let context = ((who * CONFIDENCES) + confidence) << 2 | agreed;
            let chance = self.by_confidence.one(context) + 1;
            if chance > best_chance {
                (best, best_chance) = (bytes[who], chance);
                self.who = who;
                self.contexts[0] = context;
            }
        }
        if best == NOBODY {
            return None;
        }
        let (mut agreed, mut against) = (0, 0);
        for &byte in &bytes[..VOTES] {
            agreed = agreed << 1 | (byte == best) as usize;
            against = against << 1 | (byte < NOBODY && byte != best) as usize;
        }
        self.agreed = agreed;
        self.contexts[1] = (agreed << 7 ^ against.wrapping_mul(0x9e3b)) & 0xffff;
        Some(best as u8)
    }

    /// The chance of a byte behind the last ones, if it is high enough to be asked for.
    #[inline]
    pub fn chance(&mut self, byte: u8, recent: usize, contexts: &Contexts) -> Option<u32> {
        self.weighed = self.by_confidence.one(self.contexts[0]) >= HOPELESS;
        if !self.weighed {
            return None;
        }
        let byte = byte as u64;
        let place = |context: u64| (hash(context, byte) >> (64 - TABLE_BITS)) as usize;
        self.contexts[2] = (recent & 255) << 8 | byte as usize;
        self.contexts[3] = place(recent as u64);
        self.contexts[4] = place(hash(self.outcomes as u64 & 0xff, contexts.place));
        for i in 0..SIGNS {
            self.contexts[5 + i] = place(contexts.signs[i]);
        }
        self.inputs.0[0] = self.by_confidence.stretched(self.contexts[0]);
        for i in 1..MAPS {
            self.inputs.0[i] = self.maps[i - 1].stretched(self.contexts[i]);
        }
        let [a, b] = self.mixer.mix(&self.inputs, &[self.contexts[0] >> 2, self.agreed]);
        let mixed = (a + b) / 2;
        let refined = self.apm.refine(mixed, (contexts.place >> 50) as usize & 1023);
        let chance = ((squash(mixed) + refined) / 2).clamp(1, 65535);
        (chance > self.sure).then_some(chance)
    }

    /// Whether the byte of the last [`Gate::chance`] came.
    #[inline]
    pub fn update(&mut self, came: bool) {
        let bit = came as u32;
        self.by_confidence.update(self.contexts[0], bit);
        if !self.weighed {
            return;
        }
        self.mixer.update(&self.inputs, bit, 60);
        for i in 1..MAPS {
            self.maps[i - 1].update(self.contexts[i], bit);
        }
        self.apm.update(bit);
        self.outcomes = self.outcomes << 1 | bit as usize;
    }
}
