//! Bits from eight opinions: small cells of probability, mixed in the logistic domain and sharpened by one map.

use coding::apm::Apm;
use coding::arithmetic::Coder;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, Mixer};
use core::marker::PhantomData;

pub const INPUTS: usize = 8;

/// A table of cells that one context chooses from.
#[derive(Clone, Copy)]
pub struct Table {
    /// The table has `1 << bits` cells; more of a context is cut off.
    bits: u32,
    /// A bit moves its cell by `1 / 2^rate` of the error. Sorted text changes its statistics quickly, hence low ones.
    rate: u32,
}

/// Tables of the given bits and rates.
pub const fn tables(list: [(u32, u32); INPUTS]) -> [Table; INPUTS] {
    let mut tables = [Table { bits: 0, rate: 0 }; INPUTS];
    let mut input = 0;
    while input < INPUTS {
        tables[input] = Table { bits: list[input].0, rate: list[input].1 };
        input += 1;
    }
    tables
}

/// What kind of bits a predictor is for; known to the compiler, since every bit reads all of it.
pub trait Kind {
    const TABLES: [Table; INPUTS];
    /// How many contexts choose the weights of the mixer, and its rate.
    const WEIGHTS: usize;
    const RATE: i32;
    /// How many contexts choose the curve of the last map.
    const CURVES: usize;
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

pub struct Predictor<K> {
    cells: Vec<u16>,
    mixer: Mixer<INPUTS, 1>,
    curves: Apm<6>,
    kind: PhantomData<K>,
}

/// Weights start at 0.27 each: opinions that agree should make a stronger one.
const WEIGHT: i16 = 9000;

impl<K: Kind> Predictor<K> {
    /// Where the cells of each table begin, and where those of the last one end.
    const BASES: [usize; INPUTS + 1] = {
        let mut bases = [0; INPUTS + 1];
        let mut input = 0;
        while input < INPUTS {
            bases[input + 1] = bases[input] + (1 << K::TABLES[input].bits);
            input += 1;
        }
        bases
    };

    pub fn new() -> Self {
        Predictor {
            cells: vec![1 << 15; Self::BASES[INPUTS]],
            mixer: Mixer::new([K::WEIGHTS], WEIGHT),
            curves: Apm::new(K::CURVES),
            kind: PhantomData,
        }
    }

    /// Codes a bit and learns from it.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, contexts: &Contexts, bit: u32) -> u32 {
        let mut inputs = Inputs([0; INPUTS]);
        let mut cells = [0; INPUTS];
        for input in 0..INPUTS {
            cells[input] = *self.cell(input, contexts.cells[input]);
            inputs.0[input] = stretch(cells[input] as u32) as i16;
        }
        let mixed = self.mixer.mix(&inputs, &[contexts.weights])[0];
        let refined = self.curves.refine(mixed, contexts.curve);
        let one = ((squash(mixed) + refined) / 2).clamp(1, 65535);
        let bit = coder.code(bit, one);
        self.mixer.update(&inputs, bit, K::RATE);
        self.curves.update(bit);
        for input in 0..INPUTS {
            *self.cell(input, contexts.cells[input]) = moved(cells[input], bit, K::TABLES[input].rate);
        }
        bit
    }

    /// Teaches one table a bit that was not coded.
    #[inline(always)]
    pub fn teach(&mut self, table: usize, context: usize, bit: u32) {
        let cell = self.cell(table, context);
        *cell = moved(*cell, bit, K::TABLES[table].rate);
    }

    #[inline(always)]
    fn cell(&mut self, input: usize, context: usize) -> &mut u16 {
        let place = Self::BASES[input] + (context & ((1 << K::TABLES[input].bits) - 1));
        debug_assert!(place < self.cells.len());
        // SAFETY: a place lies below the next table's base, and the last base is the length.
        unsafe { self.cells.get_unchecked_mut(place) }
    }
}

#[inline(always)]
fn moved(cell: u16, bit: u32, rate: u32) -> u16 {
    let error = bit as i32 * 65535 - cell as i32;
    (cell as i32 + (error >> rate)) as u16
}
