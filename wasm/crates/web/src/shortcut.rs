//! The short way: where a pointer is sure, its byte is asked for before contexts are looked up. If it comes, nothing else
//! is asked or taught, so that what repeats costs little time.

use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::Map;
use coding::matching::CONFIDENCES;
use coding::mixer::{Inputs, Mixer};
use general::hash;

/// A pointer is sure if its bytes came with a chance (of 65536) above this.
const SURE: u32 = 57_000;
const PLACE_BITS: u32 = 14;
const INPUTS: usize = 8;
/// How many contexts of the past a chance is weighed with.
const SIGNS: usize = 3;
/// Of the weights: error times rate in 1/1024.
const RATE: i32 = 300;

/// Foretells whether the byte of a pointer comes. `trust` is below `4 * CONFIDENCES`: the pointer's confidence, and
/// which of two pointers agree.
#[derive(Clone)]
pub struct Shortcut {
    by_trust: Map,
    by_sign: [Map; SIGNS],
    contexts: [usize; SIGNS],
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 1>,
    apm: Apm<6, 9>,
}

impl Shortcut {
    pub fn new() -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        Shortcut {
            by_trust: Map::new(CONFIDENCES * 4, 1023),
            by_sign: std::array::from_fn(|_| Map::new(1 << PLACE_BITS, 255)),
            contexts: [0; SIGNS],
            inputs,
            mixer: Mixer::new([CONFIDENCES * 4], 12_000),
            apm: Apm::with_step(256),
        }
    }

    /// Whether a byte is worth the short way.
    #[inline(always)]
    pub fn is_open(&self, trust: usize) -> bool {
        self.by_trust.one(trust) > SURE
    }

    /// The chance that `byte` comes.
    #[inline(always)]
    pub fn chance(&mut self, byte: u8, trust: usize, signs: [u64; SIGNS]) -> u32 {
        self.inputs.0[0] = self.by_trust.stretched(trust);
        for (i, sign) in signs.into_iter().enumerate() {
            let place = (hash(sign, byte as u64) >> (64 - PLACE_BITS)) as usize;
            self.contexts[i] = place;
            self.inputs.0[1 + i] = self.by_sign[i].stretched(place);
        }
        let [mixed] = self.mixer.mix(&self.inputs, &[trust]);
        let refined = self.apm.refine(mixed, byte as usize);
        (squash(mixed) + refined + 1 >> 1).clamp(1, 65_535)
    }

    /// Whether the byte of the last [`Shortcut::chance`] came.
    #[inline(always)]
    pub fn update(&mut self, came: bool) {
        self.mixer.update(&self.inputs, came as u32, RATE);
        self.apm.update(came as u32);
        for (map, &context) in self.by_sign.iter_mut().zip(&self.contexts) {
            map.update(context, came as u32);
        }
    }

    /// Whether a pointer with this trust was right, asked or not.
    #[inline(always)]
    pub fn learn(&mut self, trust: usize, was_right: bool) {
        self.by_trust.update(trust, was_right as u32);
    }
}
