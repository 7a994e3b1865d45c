//! Binary decisions, each with a probability mixed from what several contexts saw.

use crate::bits::Bits;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::mixer::{Inputs, TwoLayers};
use coding::vector::Eight;

/// Contexts that look a decision up. With an input that is always the same they fill a vector.
pub const CONTEXTS: usize = 7;
const INPUTS: usize = CONTEXTS + 1;
/// Contexts that choose weights.
pub const SETS: usize = 3;
/// Contexts that correct the mixed probability.
pub const CURVES: usize = 2;

/// The input that is always the same.
const BIAS: i16 = 256;
/// Probabilities stay so far from certainty, in 1/65536.
const DOUBT: u32 = 16;
/// Errors below are not worth a step of the weights.
const LEAST_ERROR: u16 = 20;
/// Observations after which a probability moves no slower.
const LIMIT: u32 = 255;

/// What a decision is made from: the place in each context's table, the same for all decisions of a symbol.
pub struct Situation {
    pub lines: [usize; CONTEXTS],
    pub weights: [usize; SETS],
    pub curves: [usize; CURVES],
    /// Chooses the weights of the second layer.
    pub last: usize,
}

/// The decisions of one kind of symbol.
pub struct Decider {
    slots: Vec<Slot>,
    /// Where each context's slots begin. All of a decision are together: few decisions are asked for often, and what
    /// is known of those then fits into a cache.
    starts: [usize; CONTEXTS],
    /// How many values each part of a situation may take.
    sizes: Situation,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6, 8>; CURVES],
    rates: (i32, i32),
}

impl Decider {
    /// `sizes`: how many values each part of a [`Situation`] may take; `nodes`: how many decisions a symbol may need;
    /// `rates`: of both layers' learning.
    pub fn new(sizes: Situation, nodes: usize, rates: (i32, i32)) -> Self {
        let mut starts = [0; CONTEXTS];
        for i in 1..CONTEXTS {
            starts[i] = starts[i - 1] + sizes.lines[i - 1] * nodes;
        }
        let total = starts[CONTEXTS - 1] + sizes.lines[CONTEXTS - 1] * nodes;
        let weight = (32768 * 3 / 2 / CONTEXTS) as i16;
        Decider {
            slots: vec![0; total],
            starts,
            mixer: TwoLayers::new(sizes.weights.map(|size| size * nodes), sizes.last * nodes, weight),
            apms: sizes.curves.map(|size| Apm::with_step(size * nodes)),
            rates,
            sizes,
        }
    }

    /// Codes a decision, number `node` of its symbol.
    #[inline(always)]
    pub fn code<B: Bits>(&mut self, bits: &mut B, s: &Situation, node: usize, bit: u32) -> u32 {
        let sizes = &self.sizes;
        let places: [usize; CONTEXTS] =
            std::array::from_fn(|i| self.starts[i] + node * sizes.lines[i] + s.lines[i]);
        let weights = std::array::from_fn(|i| node * sizes.weights[i] + s.weights[i]);
        let curves: [usize; CURVES] = std::array::from_fn(|i| node * sizes.curves[i] + s.curves[i]);
        let last = node * sizes.last + s.last;
        let mut inputs = Inputs([0; INPUTS]);
        let ones = std::array::from_fn(|i| if i < CONTEXTS { one_of(self.slots[places[i]]) } else { 0 });
        Eight::new(ones).stretched().store(&mut inputs.0);
        inputs.0[CONTEXTS] = BIAS;
        let mixed = self.mixer.mix(&inputs, &weights, last);
        let corrected = self.apms[0].refine(mixed, curves[0]) + self.apms[1].refine(mixed, curves[1]);
        let one = ((2 * squash(mixed) + corrected) / 4).clamp(DOUBT, 65536 - DOUBT);
        let bit = bits.bit(bit, one);
        self.mixer.update_beyond(&inputs, bit, self.rates.0, self.rates.1, LEAST_ERROR);
        self.apms.iter_mut().for_each(|apm| apm.update(bit));
        for place in places {
            self.slots[place] = updated(self.slots[place], bit);
        }
        bit
    }
}

/// A probability of 22 bits above a count of 10, as what it differs from one half, so that fresh memory needs no work.
type Slot = u32;

const HALF: u32 = 1 << 31;

/// `65536 / (n + 1.5)`: the step after `n` observations makes the probability the mean of what was seen.
static STEPS: [u16; LIMIT as usize + 1] = steps();

const fn steps() -> [u16; LIMIT as usize + 1] {
    let mut table = [0; LIMIT as usize + 1];
    let mut n = 0;
    while n < table.len() {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

/// The probability in 16 bits.
#[inline(always)]
fn one_of(slot: Slot) -> u16 {
    ((slot ^ HALF) >> 16) as u16
}

#[inline(always)]
fn updated(slot: Slot, bit: u32) -> Slot {
    let count = slot & LIMIT;
    let old = (slot ^ HALF) as i64;
    let target = 0u32.wrapping_sub(bit) as i64;
    let moved = (old + ((target - old) * STEPS[count as usize] as i64 >> 16)) as u32;
    (moved ^ HALF) & !1023 | (count + (count < LIMIT) as u32)
}
