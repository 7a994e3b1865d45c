//! Bases in one step each, for speed: how far behind the one that the reference expects.

use crate::letters::BaseModel;
use crate::reference::{Cell, Expected, CONFIDENCES};
use coding::symbols::SymbolCoder;
use sequencing::plain::PlainBases;
use sequencing::shares::Four;

/// How far behind the expected base a base is in their order, by the reference's confidence, the quality and the latest
/// outcomes.
struct Distances {
    shares: Vec<Four>,
    misses: usize,
}

const QUALITY_STEPS: usize = 16;
/// Most bases are the expected one.
const LIKELY: Four = Four(0xfd00_fa00_f700);

impl Distances {
    fn new() -> Self {
        Distances { shares: vec![LIKELY; CONFIDENCES * QUALITY_STEPS * 4], misses: 0 }
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, base: u8, expected: Expected, quality: u8) -> u8 {
        let step = (quality as usize / 4).min(QUALITY_STEPS - 1);
        let shares = &mut self.shares[(expected.confidence * QUALITY_STEPS + step) * 4 + (self.misses & 3)];
        let distance = coder.code_symbol((base.wrapping_sub(expected.base) & 3) as usize, shares);
        *shares = shares.after::<6>(distance);
        self.misses = self.misses << 1 | (distance != 0) as usize;
        (expected.base + distance as u8) & 3
    }
}

/// Bases of a reference that has been seen by their distance from the expected one, others as FASTQ has them at its
/// fastest.
pub struct PlainLetters {
    distances: Distances,
    fresh: PlainBases,
}

impl PlainLetters {
    /// `count`: how many bases there are.
    pub fn new(count: usize) -> Self {
        PlainLetters { distances: Distances::new(), fresh: PlainBases::new(count) }
    }
}

impl BaseModel for PlainLetters {
    fn start_read(&mut self) {
        self.fresh.start_read();
        self.distances.misses = 0;
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u8, quality: u8, cell: Cell) -> (u8, u8) {
        let expected = cell.expected();
        if expected.confidence == 0 {
            return (self.fresh.code(coder, wanted), 0);
        }
        let base = self.distances.code(coder, wanted, expected, quality);
        self.fresh.skip(base);
        (base, if base == expected.base { 0 } else { 7 })
    }
}
