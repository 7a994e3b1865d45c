//! One layer of mixing for up to eight predictions that are in a vector already.

use coding::logistic::squash;
use coding::vector::{Eight, LANES};

/// Further from certainty than what a mixer of many inputs may say.
const LEAST: u32 = 32;

/// Sets of weights in 1/32768.
pub struct Weights {
    sets: Vec<[i16; LANES]>,
}

impl Weights {
    pub fn new(count: usize, weight: i16) -> Self {
        Weights { sets: vec![[weight; LANES]; count] }
    }

    /// The weighted sum of predictions in the logistic domain.
    #[inline(always)]
    pub fn sum(&self, inputs: Eight, set: usize) -> i32 {
        inputs.dot(Eight::load(&self.sets[set])) >> 15
    }

    /// The probability of 1 that follows from the sum.
    #[inline(always)]
    pub fn mix(&self, inputs: Eight, set: usize) -> u32 {
        squash(self.sum(inputs, set)).clamp(LEAST, 65535 - LEAST)
    }

    /// Moves the weights after `one` was said and `bit` came. `rate` 100 is a step of 0.0015 per unit of input and error.
    #[inline(always)]
    pub fn update(&mut self, inputs: Eight, set: usize, one: u32, bit: u32, rate: i32) {
        let error = ((bit << 16) as i32 - one as i32) * rate >> 10;
        let weights = &mut self.sets[set];
        Eight::load(weights).add_scaled(inputs, error.clamp(-32767, 32767) as i16).store(weights);
    }
}
