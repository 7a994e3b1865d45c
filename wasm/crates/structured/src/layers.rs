//! Two layers of mixing: each set of the first is chosen by a context of its own; what they say is mixed by the mean of
//! two sets more.

use coding::mixer::{Inputs, Mixer};

/// The most sets of the first layer.
const MOST: usize = 8;
const LASTS: usize = 2;
/// Errors up to this, as the rate makes them, are not worth a step of the weights: leaving them out saves a tenth of all
/// time.
const LEAST_ERROR: u16 = 400;

#[derive(Clone)]
pub struct Layers<const INPUTS: usize, const SETS: usize> {
    first: Mixer<INPUTS, SETS>,
    second: Mixer<MOST, LASTS>,
    between: Inputs<MOST>,
}

impl<const INPUTS: usize, const SETS: usize> Layers<INPUTS, SETS> {
    /// `sizes`, `lasts`: how many contexts the sets of each layer have. `weight`: where weights of the first start.
    pub fn new(sizes: [usize; SETS], lasts: [usize; LASTS], weight: i16) -> Self {
        assert!(SETS <= MOST);
        let second = Mixer::new(lasts, (32768 / SETS) as i16);
        Layers { first: Mixer::new(sizes, weight), second, between: Inputs([0; MOST]) }
    }

    /// The prediction in the logistic domain.
    #[inline(always)]
    pub fn mix(&mut self, inputs: &Inputs<INPUTS>, contexts: &[usize; SETS], lasts: [usize; LASTS]) -> i32 {
        let outputs = self.first.mix(inputs, contexts);
        for (between, output) in self.between.0.iter_mut().zip(outputs) {
            *between = output as i16;
        }
        self.second.mix(&self.between, &lasts).iter().sum::<i32>() / LASTS as i32
    }

    #[inline(always)]
    pub fn update(&mut self, inputs: &Inputs<INPUTS>, bit: u32, rate: i32, last_rate: i32) {
        self.first.update_beyond(inputs, bit, rate, LEAST_ERROR);
        self.second.update(&self.between, bit, last_rate);
    }
}
