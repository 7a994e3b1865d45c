//! How the predictions of several contexts become one.

use coding::apm::Apm;
use coding::logistic::squash;
use coding::mixer::{Inputs, TwoLayers};

const SETS: usize = 3;

/// What chooses the weights and curves for a bit, most useful first.
pub struct Choice {
    pub sets: [usize; SETS],
    pub curves: [usize; 2],
    pub node: usize,
}

/// How many choices there are.
pub struct Sizes {
    pub sets: [usize; SETS],
    pub curves: [usize; 2],
    pub nodes: usize,
}

/// Two layers of mixers, then two maps.
pub struct Blend<const INPUTS: usize> {
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6>; 2],
    rates: [i32; 2],
}

impl<const INPUTS: usize> Blend<INPUTS> {
    /// `weight`: where weights start; `rates`: how fast both layers learn.
    pub fn new(sizes: Sizes, weight: i16, rates: [i32; 2]) -> Self {
        let mixer = TwoLayers::new(sizes.sets, sizes.nodes, weight);
        Blend { mixer, apms: sizes.curves.map(Apm::new), rates }
    }

    /// The probability of 1, `1..=65535`.
    #[inline(always)]
    pub fn one(&mut self, inputs: &Inputs<INPUTS>, choice: &Choice) -> u32 {
        let mixed = self.mixer.mix(inputs, &choice.sets, choice.node);
        let a = self.apms[0].refine(mixed, choice.curves[0]);
        let b = self.apms[1].refine(mixed, choice.curves[1]);
        ((squash(mixed) * 2 + a + b) / 4).clamp(1, 65535)
    }

    #[inline(always)]
    pub fn update(&mut self, inputs: &Inputs<INPUTS>, bit: u32) {
        self.mixer.update(inputs, bit, self.rates[0], self.rates[1]);
        self.apms.iter_mut().for_each(|apm| apm.update(bit));
    }
}
