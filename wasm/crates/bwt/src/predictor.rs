//! Bits from eight opinions: small cells of probability, mixed in the logistic domain and sharpened by one map.

use coding::apm::Apm;
use coding::arithmetic::Coder;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, Mixer};

pub const INPUTS: usize = 8;

/// A table of cells that one context chooses from.
#[derive(Clone, Copy)]
pub struct Table {
    /// The table has `1 << bits` cells; more of a context is cut off.
    pub bits: u32,
    /// A bit moves its cell by `1 / 2^rate` of the error. Sorted text changes its statistics quickly, hence low ones.
    pub rate: u32,
}

/// What a bit is predicted from.
pub struct Contexts {
    /// One for each table.
    pub cells: [usize; INPUTS],
    /// Chooses the weights of the mixer.
    pub weights: usize,
    /// Chooses the curve of the last map.
    pub curve: usize,
}

pub struct Predictor {
    cells: Vec<u16>,
    bases: [usize; INPUTS],
    tables: [Table; INPUTS],
    mixer: Mixer<INPUTS, 1>,
    curves: Apm<6>,
    rate: i32,
}

/// Weights start at 0.27 each: opinions that agree should make a stronger one.
const WEIGHT: i16 = 9000;

impl Predictor {
    /// `weights` and `curves`: how many contexts each has; `rate` is the mixer's.
    pub fn new(tables: [Table; INPUTS], weights: usize, curves: usize, rate: i32) -> Self {
        let mut bases = [0; INPUTS];
        let mut size = 0;
        for (base, table) in bases.iter_mut().zip(&tables) {
            *base = size;
            size += 1 << table.bits;
        }
        let mixer = Mixer::new([weights], WEIGHT);
        Predictor { cells: vec![1 << 15; size], bases, tables, mixer, curves: Apm::new(curves), rate }
    }

    /// Codes a bit and learns from it.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, contexts: &Contexts, bit: u32) -> u32 {
        let mut inputs = Inputs([0; INPUTS]);
        let mut places = [0; INPUTS];
        for input in 0..INPUTS {
            places[input] = self.place(input, contexts.cells[input]);
            inputs.0[input] = stretch(self.cells[places[input]] as u32) as i16;
        }
        let mixed = self.mixer.mix(&inputs, &[contexts.weights])[0];
        let refined = self.curves.refine(mixed, contexts.curve);
        let one = ((squash(mixed) + refined) / 2).clamp(1, 65535);
        let bit = coder.code(bit, one);
        self.mixer.update(&inputs, bit, self.rate);
        self.curves.update(bit);
        for (place, table) in places.into_iter().zip(&self.tables) {
            learn(&mut self.cells[place], bit, table.rate);
        }
        bit
    }

    /// Teaches one table a bit that was not coded.
    #[inline(always)]
    pub fn teach(&mut self, table: usize, context: usize, bit: u32) {
        let place = self.place(table, context);
        learn(&mut self.cells[place], bit, self.tables[table].rate);
    }

    #[inline(always)]
    fn place(&self, table: usize, context: usize) -> usize {
        self.bases[table] + (context & ((1 << self.tables[table].bits) - 1))
    }
}

#[inline(always)]
fn learn(cell: &mut u16, bit: u32, rate: u32) {
    let error = bit as i32 * 65535 - *cell as i32;
    *cell = (*cell as i32 + (error >> rate)) as u16;
}
