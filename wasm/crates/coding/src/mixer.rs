//! Gated logistic mixing: a prediction is the weighted sum of its inputs in the logistic domain, and the weights follow
//! the coding error by online gradient descent (Mahoney, PAQ6 and PAQ7; the gating is Mattern, "Mixing strategies in
//! data compression", 2012). Several weight sets, each chosen by a context of its own, feed a second layer.
//!
//! Inputs and weights are 16 bits, so that a vector of eight takes one multiply-add.

use crate::logistic::{squash, LIMIT};
use crate::vector::{dot, Eight, LANES};

/// 1.0 as a weight would be 32768.
const WEIGHT_BITS: u32 = 15;

/// A layer of `SETS` weight sets over `INPUTS` inputs (a multiple of 8).
#[derive(Clone)]
pub struct Mixer<const INPUTS: usize, const SETS: usize> {
    weights: Vec<i16>,
    /// Where the weights of each set's contexts begin.
    offsets: [usize; SETS],
    sizes: [usize; SETS],
    chosen: [usize; SETS],
    outputs: [i32; SETS],
}

/// The inputs of a layer, aligned for vectors.
#[repr(align(16))]
#[derive(Clone, Copy)]
pub struct Inputs<const INPUTS: usize>(pub [i16; INPUTS]);

impl<const INPUTS: usize, const SETS: usize> Mixer<INPUTS, SETS> {
    /// `sizes`: how many contexts each set has. `weight`: where all weights start, in 1/32768.
    pub fn new(sizes: [usize; SETS], weight: i16) -> Self {
        assert!(INPUTS % LANES == 0);
        let mut offsets = [0; SETS];
        for set in 1..SETS {
            offsets[set] = offsets[set - 1] + sizes[set - 1];
        }
        let contexts: usize = sizes.iter().sum();
        let weights = vec![weight; contexts * INPUTS];
        Mixer { weights, offsets, sizes, chosen: [0; SETS], outputs: [0; SETS] }
    }

    /// The prediction of every set in the logistic domain, with the contexts chosen for this bit.
    #[inline(always)]
    pub fn mix(&mut self, inputs: &Inputs<INPUTS>, contexts: &[usize; SETS]) -> [i32; SETS] {
        for set in 0..SETS {
            debug_assert!(contexts[set] < self.sizes[set]);
            let chosen = (self.offsets[set] + contexts[set]) * INPUTS;
            self.chosen[set] = chosen;
            let sum = dot(&inputs.0, &self.weights[chosen..chosen + INPUTS]);
            self.outputs[set] = (sum >> WEIGHT_BITS).clamp(-LIMIT, LIMIT);
        }
        self.outputs
    }

    /// Moves every chosen set towards the bit that came. `rate` 100 is a step of 0.0015 per unit of input and error.
    #[inline(always)]
    pub fn update(&mut self, inputs: &Inputs<INPUTS>, bit: u32, rate: i32) {
        self.update_beyond(inputs, bit, rate, 0);
    }

    /// As `update`, but sets whose error times `rate`, in 1/1024, is at most `least` stay as they are.
    #[inline(always)]
    pub fn update_beyond(&mut self, inputs: &Inputs<INPUTS>, bit: u32, rate: i32, least: u16) {
        for set in 0..SETS {
            let error = ((bit << 16) as i32 - squash(self.outputs[set]) as i32) * rate >> 10;
            let error = error.clamp(-32767, 32767) as i16;
            if error.unsigned_abs() > least {
                let chosen = self.chosen[set];
                train(&inputs.0, &mut self.weights[chosen..chosen + INPUTS], error);
            }
        }
    }
}

/// Two layers: the sets' predictions are mixed once more.
#[derive(Clone)]
pub struct TwoLayers<const INPUTS: usize, const SETS: usize> {
    first: Mixer<INPUTS, SETS>,
    second: Mixer<8, 1>,
    between: Inputs<8>,
}

impl<const INPUTS: usize, const SETS: usize> TwoLayers<INPUTS, SETS> {
    /// At most 8 sets; `last` is how many contexts the second layer has.
    pub fn new(sizes: [usize; SETS], last: usize, weight: i16) -> Self {
        assert!(SETS <= 8);
        let second = Mixer::new([last], (32768 / SETS) as i16);
        TwoLayers { first: Mixer::new(sizes, weight), second, between: Inputs([0; 8]) }
    }

    /// The prediction in the logistic domain.
    #[inline(always)]
    pub fn mix(&mut self, inputs: &Inputs<INPUTS>, contexts: &[usize; SETS], last: usize) -> i32 {
        let outputs = self.first.mix(inputs, contexts);
        for set in 0..SETS {
            self.between.0[set] = outputs[set] as i16;
        }
        self.second.mix(&self.between, &[last])[0]
    }

    #[inline(always)]
    pub fn update(&mut self, inputs: &Inputs<INPUTS>, bit: u32, rate: i32, last_rate: i32) {
        self.update_beyond(inputs, bit, rate, last_rate, 0);
    }

    /// As `update`, but sets whose error times `rate`, in 1/1024, is at most `least` stay as they are.
    #[inline(always)]
    pub fn update_beyond(&mut self, inputs: &Inputs<INPUTS>, bit: u32, rate: i32, last_rate: i32, least: u16) {
        self.first.update_beyond(inputs, bit, rate, least);
        self.second.update(&self.between, bit, last_rate);
    }
}

#[inline(always)]
fn train(inputs: &[i16], weights: &mut [i16], error: i16) {
    for (x, w) in inputs.chunks_exact(LANES).zip(weights.chunks_exact_mut(LANES)) {
        Eight::load(w).add_scaled(Eight::load(x), error).store(w);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixer_learns_whom_to_trust() {
        let mut mixer = TwoLayers::<8, 2>::new([4, 1], 1, 6000);
        let mut x = 1u32;
        let mut late_errors = 0;
        for round in 0..5000 {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            let (bit, noise) = (x >> 31, x >> 30 & 1);
            let mut inputs = Inputs([0; 8]);
            inputs.0[0] = if bit != 0 { 300 } else { -300 };
            inputs.0[1] = if noise != 0 { 900 } else { -900 };
            let prediction = mixer.mix(&inputs, &[round % 4, 0], 0);
            late_errors += (round > 2500 && (prediction > 0) != (bit != 0)) as u32;
            mixer.update(&inputs, bit, 200, 60);
        }
        assert!(late_errors < 10, "{late_errors}");
    }

    #[test]
    fn sums_of_the_largest_inputs_do_not_overflow() {
        let mut mixer = Mixer::<64, 1>::new([1], i16::MAX);
        let inputs = Inputs([LIMIT as i16; 64]);
        assert_eq!(mixer.mix(&inputs, &[0]), [LIMIT]);
    }
}
