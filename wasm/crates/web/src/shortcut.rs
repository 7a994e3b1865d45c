//! The short way of level balanced: one decision "it is this byte" instead of eight, wherever that is more likely than
//! not to be right. The gate of the general model is more careful, and slower for it.

use coding::logistic::squash;
use coding::maps::Map;
use coding::matching::CONFIDENCES;
use coding::mixer::{Inputs, Mixer};
use general::hash;

/// Above this chance (of 65536) a byte takes the short way.
const SURE: u32 = 54_000;
const PLACE_BITS: u32 = 14;
const INPUTS: usize = 8;
/// How many contexts of the past a chance is weighed with.
const SIGNS: usize = 3;

/// Foretells whether an expected byte comes.
#[derive(Clone)]
pub struct Shortcut {
    by_confidence: Map,
    by_sign: [Map; SIGNS],
    contexts: [usize; SIGNS + 1],
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 1>,
}

impl Shortcut {
    pub fn new() -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        Shortcut {
            by_confidence: Map::new(CONFIDENCES * 4, 1023),
            by_sign: std::array::from_fn(|_| Map::new(1 << PLACE_BITS, 255)),
            contexts: [0; SIGNS + 1],
            inputs,
            mixer: Mixer::new([CONFIDENCES * 4], 12_000),
        }
    }

    /// The chance that `byte` comes, if it is high enough for the short way. `confidence` is below
    /// `4 * CONFIDENCES`: of the pointer, and which of two agree.
    #[inline(always)]
    pub fn chance(&mut self, byte: u8, confidence: usize, signs: [u64; SIGNS]) -> Option<u32> {
        self.contexts[0] = confidence;
        self.inputs.0[0] = self.by_confidence.stretched(confidence);
        for (i, sign) in signs.into_iter().enumerate() {
            let place = (hash(sign, byte as u64) >> (64 - PLACE_BITS)) as usize;
            self.contexts[1 + i] = place;
            self.inputs.0[1 + i] = self.by_sign[i].stretched(place);
        }
        let [mixed] = self.mixer.mix(&self.inputs, &[confidence]);
        let chance = squash(mixed);
        (chance > SURE).then_some(chance)
    }

    /// Whether the byte of the last [`Shortcut::chance`] came.
    #[inline(always)]
    pub fn update(&mut self, came: bool) {
        self.mixer.update(&self.inputs, came as u32, 40);
        self.by_confidence.update(self.contexts[0], came as u32);
        for (map, &context) in self.by_sign.iter_mut().zip(&self.contexts[1..]) {
            map.update(context, came as u32);
        }
    }
}
