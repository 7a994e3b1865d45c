//! The short way for bytes that hardly need saying: where all signs point to one byte, one decision "it is this byte"
//! stands for eight, and nothing else is asked or taught. Records that repeat pass at many times the speed.

use coding::logistic::squash;
use coding::maps::Map;
use coding::matching::CONFIDENCES;
use coding::mixer::{Inputs, Mixer};

/// Above this chance (of 65536) a byte takes the short way, unless the gate is made for another.
pub const SURE: u32 = 63500;
const PLACES: usize = 1 << 14;
const INPUTS: usize = 8;
/// How many expected bytes are weighed, a power of two.
const SIGNS: usize = 4;

/// Foretells whether an expected byte comes.
#[derive(Clone)]
pub struct Gate {
    by_confidence: Map,
    by_byte: Map,
    by_place: Map,
    contexts: [usize; 3],
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 1>,
    sure: u32,
}

impl Gate {
    pub fn new() -> Self {
        Self::opening_above(SURE)
    }

    /// `sure`: above which chance (of 65536) a byte takes the short way. Lower ones make for more speed and larger
    /// results.
    pub fn opening_above(sure: u32) -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        Gate {
            by_confidence: Map::new((CONFIDENCES << SIGNS) * SIGNS, 1023),
            by_byte: Map::new(1 << 16, 255),
            by_place: Map::new(PLACES, 255),
            contexts: [0; 3],
            inputs,
            mixer: Mixer::new([CONFIDENCES], 14000),
            sure,
        }
    }

    /// The likeliest of the expected bytes: its context (who expects it, and who else does) and the byte.
    #[inline]
    pub fn best(&self, expected: &[(Option<u8>, usize); SIGNS]) -> Option<(usize, u8)> {
        let mut best = None;
        let mut best_chance = 0;
        for (who, &(byte, confidence)) in expected.iter().enumerate() {
            let Some(byte) = byte else { continue };
            let agreed = expected.iter().fold(0, |bits, other| bits << 1 | (other.0 == Some(byte)) as usize);
            let context = (confidence << SIGNS | agreed) * SIGNS | who;
            let chance = self.by_confidence.one(context) + 1;
            if chance > best_chance {
                (best, best_chance) = (Some((context, byte)), chance);
            }
        }
        best
    }

    /// The chance of a byte behind the last ones, if it is high enough for the short way.
    #[inline]
    pub fn chance(&mut self, context: usize, byte: u8, recent: usize) -> Option<u32> {
        let place = ((recent & 0xffffff) << 8 | byte as usize).wrapping_mul(0x9e37_79b1) >> 12;
        self.contexts = [context, (recent & 255) << 8 | byte as usize, place & (PLACES - 1)];
        let maps = [&self.by_confidence, &self.by_byte, &self.by_place];
        for (i, map) in maps.iter().enumerate() {
            self.inputs.0[i] = map.stretched(self.contexts[i]);
        }
        let [mixed] = self.mixer.mix(&self.inputs, &[context / SIGNS >> SIGNS]);
        let chance = squash(mixed);
        let likely = self.by_confidence.one(self.contexts[0]).min(chance);
        (likely > self.sure).then_some(chance)
    }

    /// Whether the byte of the last [`Gate::chance`] came.
    #[inline]
    pub fn update(&mut self, came: bool) {
        self.mixer.update(&self.inputs, came as u32, 40);
        self.by_confidence.update(self.contexts[0], came as u32);
        self.by_byte.update(self.contexts[1], came as u32);
        self.by_place.update(self.contexts[2], came as u32);
    }
}
