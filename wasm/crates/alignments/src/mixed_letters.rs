//! Bases by mixing, for size: whether a base is the one that the reference expects, and which other.

use crate::letters::{BaseModel, RANKS};
use crate::reference::{Cell, Expected, CONFIDENCES};
use coding::counters::Counters;
use coding::symbols::SymbolCoder;
use coding::vector::{Eight, LANES};
use sequencing::bits::{code_flag, Flag};
use sequencing::pairing::Weights;
use sequencing::quick_bases::QuickBases;

/// How many contexts tell whether a base is the expected one.
const VOICES: usize = 2;
const RATE: i32 = 30;

/// Whether a base is the expected one.
pub struct Agreement {
    tables: [Counters; VOICES],
    weights: Weights,
    /// The latest outcomes in this read, latest lowest, 1 for a surprise.
    misses: u32,
    others: Vec<Flag>,
}

impl Agreement {
    fn new() -> Self {
        let sizes = [CONFIDENCES * 64, CONFIDENCES * 32];
        Agreement {
            tables: sizes.map(|size| Counters::new(size, 1023)),
            weights: Weights::new(CONFIDENCES * 4, 10000),
            misses: 0,
            others: vec![Flag::new(); 4 * 4 * 4],
        }
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, agrees: bool, expected: Expected, quality: u8) -> bool {
        let quality = quality as usize & (RANKS - 1);
        let misses = self.misses as usize;
        let weight = (misses & 0xffff).count_ones().min(7) as usize;
        let places = [
            expected.confidence * 64 + quality.min(63),
            expected.confidence * 32 + (misses & 3) * 8 + weight,
        ];
        let mut ones = [32768; LANES];
        for i in 0..VOICES {
            ones[i] = self.tables[i].one(places[i]) as u16;
        }
        let inputs = Eight::new(ones).stretched();
        let set = expected.confidence * 4 + (misses & 3);
        let one = self.weights.mix(inputs, set);
        let bit = coder.code(agrees as u32, one);
        self.weights.update(inputs, set, one, bit, RATE);
        for i in 0..VOICES {
            self.tables[i].update(places[i], bit);
        }
        self.misses = self.misses << 1 | (1 - bit);
        bit != 0
    }

    /// Which of the other bases it is.
    fn code_other<C: SymbolCoder>(&mut self, coder: &mut C, base: u8, expected: u8, others: [u8; 3], seen: u8) -> u8 {
        let context = (expected as usize * 4 + seen.min(3) as usize) * 4;
        if code_flag(coder, &mut self.others[context], base == others[0]) {
            return others[0];
        }
        let (low, high) = (others[1].min(others[2]), others[1].max(others[2]));
        let flag = &mut self.others[context + 1 + (low + high) as usize % 3];
        if code_flag(coder, flag, base == high) { high } else { low }
    }
}

/// Bases of a reference that has been seen by agreement, others by contexts and repeats.
pub struct MixedLetters {
    agreement: Agreement,
    fresh: QuickBases,
}

impl MixedLetters {
    /// `count`: how many bases there are.
    pub fn new(count: usize) -> Self {
        MixedLetters { agreement: Agreement::new(), fresh: QuickBases::new(count) }
    }
}

impl BaseModel for MixedLetters {
    fn start_read(&mut self) {
        self.fresh.start_read();
        self.agreement.misses = 0;
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u8, quality: u8, cell: Cell) -> (u8, u8) {
        let expected = cell.expected();
        if expected.confidence == 0 {
            let base = self.fresh.code(coder, wanted, quality);
            return (base, self.fresh.surprise());
        }
        let agrees = self.agreement.code(coder, wanted == expected.base, expected, quality);
        let base = if agrees {
            expected.base
        } else {
            let (others, seen) = cell.others(expected.base);
            self.agreement.code_other(coder, wanted, expected.base, others, seen)
        };
        self.fresh.skip(base);
        (base, if agrees { 0 } else { 7 })
    }
}
