//! Binary decisions, each with a probability mixed from what several contexts saw.

use coding::arithmetic::Coder;
use coding::counted::{learnt, EVEN};
use coding::logistic::squash;
use coding::mixer::{Inputs, Mixer};
use coding::vector::{Eight, LANES};

/// The probability that gives an input of 0.
const NEUTRAL: u16 = 1 << 15;
/// The input that is always the same; with it, at most seven contexts fill a vector.
const BIAS: i16 = 256;
/// Probabilities stay so far from certainty, in 1/65536.
const DOUBT: u32 = 16;
/// Errors below are not worth a step of the weights.
const LEAST_ERROR: u16 = 20;
/// So near to certainty, in 1/65536, the first context's probability is taken as it is, and nothing else is asked or
/// taught: a sixth of the time for 0.1 %.
const SURE: u32 = 1000;
/// Observations after which a probability moves no slower.
const LIMIT: u32 = 255;

/// What a decision is made from, the same for all decisions of a symbol.
pub struct Situation<const CONTEXTS: usize> {
    /// The place in each context's table. The first context decides alone where it is sure.
    pub lines: [usize; CONTEXTS],
    /// Chooses the weights.
    pub weights: usize,
}

/// The decisions of one kind of symbol.
pub struct Decider<const CONTEXTS: usize> {
    slots: Vec<Slot>,
    /// Where each context's slots begin. All of a decision are together: few decisions are asked for often, and what
    /// is known of those then fits into a cache.
    starts: [usize; CONTEXTS],
    /// How many values each part of a situation may take.
    sizes: Situation<CONTEXTS>,
    /// One layer, and nothing that corrects what it says: more of either costs half as much time again and gains 1 to
    /// 2 %.
    mixer: Mixer<LANES, 1>,
    rate: i32,
}

impl<const CONTEXTS: usize> Decider<CONTEXTS> {
    /// `sizes`: how many values each part of a [`Situation`] may take; `nodes`: how many decisions a symbol may need;
    /// `rate`: of the weights' learning.
    pub fn new(sizes: Situation<CONTEXTS>, nodes: usize, rate: i32) -> Self {
        assert!(CONTEXTS < LANES);
        let mut starts = [0; CONTEXTS];
        for i in 1..CONTEXTS {
            starts[i] = starts[i - 1] + sizes.lines[i - 1] * nodes;
        }
        let total = starts[CONTEXTS - 1] + sizes.lines[CONTEXTS - 1] * nodes;
        let weight = (32768 * 3 / 2 / CONTEXTS) as i16;
        Decider { slots: vec![0; total], starts, mixer: Mixer::new([sizes.weights * nodes], weight), rate, sizes }
    }

    /// Codes a decision, number `node` of its symbol.
    #[inline(always)]
    pub fn code<B: Coder>(&mut self, bits: &mut B, s: &Situation<CONTEXTS>, node: usize, bit: u32) -> u32 {
        let places: [usize; CONTEXTS] =
            std::array::from_fn(|i| self.starts[i] + node * self.sizes.lines[i] + s.lines[i]);
        let slot = &mut self.slots[places[0]];
        let one = one_of(*slot) as u32;
        if one.min(65536 - one) < SURE {
            let bit = bits.code(bit, one.clamp(DOUBT, 65536 - DOUBT));
            *slot = updated(*slot, bit);
            return bit;
        }
        let mut inputs = Inputs([0; LANES]);
        let ones = std::array::from_fn(|i| if i < CONTEXTS { one_of(self.slots[places[i]]) } else { NEUTRAL });
        Eight::new(ones).stretched().store(&mut inputs.0);
        inputs.0[CONTEXTS] = BIAS;
        let [mixed] = self.mixer.mix(&inputs, &[node * self.sizes.weights + s.weights]);
        let bit = bits.code(bit, squash(mixed).clamp(DOUBT, 65536 - DOUBT));
        self.mixer.update_beyond(&inputs, bit, self.rate, LEAST_ERROR);
        for place in places {
            self.slots[place] = updated(self.slots[place], bit);
        }
        bit
    }
}

/// A probability with its count, as what it differs by from an even chance, so that fresh memory needs no work.
type Slot = u32;

/// The probability in 16 bits.
#[inline(always)]
fn one_of(slot: Slot) -> u16 {
    ((slot ^ EVEN) >> 16) as u16
}

#[inline(always)]
fn updated(slot: Slot, bit: u32) -> Slot {
    learnt(slot ^ EVEN, bit, LIMIT) ^ EVEN
}
