//! Binary decisions, each with a probability mixed from what several contexts saw.

use crate::bits::Bits;
use coding::apm::Apm;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, TwoLayers};

/// Sets of weights.
pub const SETS: usize = 3;

/// A probability of 22 bits above a count of 10.
#[derive(Clone, Copy)]
struct Slot(u32);

static STEPS: [u16; 1024] = steps();

/// `65536 / (n + 1.5)`: the step after `n` observations makes the probability the mean of what was seen.
const fn steps() -> [u16; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

impl Slot {
    #[inline(always)]
    fn one(self) -> u32 {
        self.0 >> 16
    }

    #[inline(always)]
    fn count(self) -> u32 {
        self.0 & 1023
    }

    #[inline(always)]
    fn update(&mut self, bit: u32, limit: u32) {
        let count = self.count();
        let target = 0u32.wrapping_sub(bit) as i64;
        let moved = (self.0 as i64 + ((target - self.0 as i64) * STEPS[count as usize] as i64 >> 16)) as u32;
        self.0 = moved & !1023 | (count + (count < limit) as u32);
    }
}

/// `C` contexts, each with tables of `nodes` decisions; `I` inputs: one for each context and one that is always the
/// same, in eights.
pub struct Decider<const C: usize, const I: usize> {
    slots: Vec<Slot>,
    /// Where the lines of each context begin, and how many there are.
    starts: [usize; C],
    lines: [usize; C],
    nodes: usize,
    mixer: TwoLayers<I, SETS>,
    apms: [Apm<6>; 2],
    limit: u32,
    rates: (i32, i32),
    pub cost: f64,
    pub n: u64,
}

/// What a decision is made from.
pub struct Situation<const C: usize> {
    /// Which line of each context.
    pub lines: [usize; C],
    /// What chooses the weights.
    pub weights: [usize; SETS],
    /// What chooses the final curves.
    pub curves: [usize; 2],
}

impl<const C: usize, const I: usize> Decider<C, I> {
    /// `lines`: how many each context has; `nodes`: decisions of a line; `weights`, `last`, `curves`: the sizes of the
    /// mixer's and the final maps' contexts.
    pub fn new(
        lines: [usize; C],
        nodes: usize,
        weights: [usize; SETS],
        last: usize,
        curves: [usize; 2],
        limit: u32,
        rates: (i32, i32),
    ) -> Self {
        let mut starts = [0; C];
        for i in 1..C {
            starts[i] = starts[i - 1] + lines[i - 1] * nodes;
        }
        let total = starts[C - 1] + lines[C - 1] * nodes;
        let weight = (32768 * 3 / 2 / C) as i16;
        Decider {
            slots: vec![Slot(1 << 31); total],
            starts,
            lines,
            nodes,
            mixer: TwoLayers::new(weights, last, weight),
            apms: curves.map(Apm::new),
            limit,
            rates,
            cost: 0.0, n: 0,
        }
    }

    /// Codes a decision. `last` chooses the weights of the second layer.
    #[inline(always)]
    pub fn code<B: Bits>(&mut self, bits: &mut B, s: &Situation<C>, node: usize, last: usize, bit: u32) -> u32 {
        let mut inputs = Inputs([0i16; I]);
        let mut places = [0usize; C];
        for i in 0..C {
            debug_assert!(s.lines[i] < self.lines[i], "context {i}: {} of {}", s.lines[i], self.lines[i]);
            places[i] = self.starts[i] + s.lines[i] * self.nodes + node;
            let slot = self.slots[places[i]];
            inputs.0[i] = if slot.count() == 0 { 0 } else { stretch(slot.one()) as i16 };
        }
        inputs.0[I - 1] = 256;
        let mixed = self.mixer.mix(&inputs, &s.weights, last);
        let refined = [self.apms[0].refine(mixed, s.curves[0]), self.apms[1].refine(mixed, s.curves[1])];
        let one = (2 * squash(mixed) + refined[0] + refined[1]) / 4;
        let one = one.clamp(16, 65520);
        let bit = bits.bit(bit, one);
        let _ = self.lines;
        #[cfg(feature = "cost")]
        { self.n += 1; self.cost -= (if bit != 0 { one as f64 } else { (65536 - one) as f64 } / 65536.0).log2(); }
        self.mixer.update(&inputs, bit, self.rates.0, self.rates.1);
        self.apms[0].update(bit);
        self.apms[1].update(bit);
        for place in places {
            self.slots[place].update(bit, self.limit);
        }
        bit
    }
}
