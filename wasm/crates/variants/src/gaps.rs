//! POS by how far it lies behind the one before.

use crate::counters::Counters;
use crate::engine::BitCoder;

/// Larger gaps are not coded.
const GAP_BITS: u32 = 24;
const SIZE_BITS: u32 = 5;
/// Bits below the highest one that are foretold.
const UPPER_BITS: u32 = 4;

pub struct Gaps {
    is_gap: Counters,
    /// How many bits a gap has, after how many the one before had.
    sizes: Counters,
    upper: Counters,
    last: u32,
}

impl Gaps {
    pub fn new() -> Self {
        Gaps {
            is_gap: Counters::new(1, 250),
            sizes: Counters::new(1 << (2 * SIZE_BITS), 1000),
            upper: Counters::new(1 << (SIZE_BITS + UPPER_BITS), 1000),
            last: 0,
        }
    }

    /// Codes a gap, or that there is none.
    pub fn code<C: BitCoder>(&mut self, coder: &mut C, gap: Option<u64>) -> Option<u64> {
        let gap = gap.filter(|gap| *gap < 1 << GAP_BITS);
        if answer(coder, &mut self.is_gap, 0, gap.is_some() as u32) == 0 {
            return None;
        }
        let gap = gap.unwrap_or(0) as u32;
        let size = self.code_size(coder, u32::BITS - gap.leading_zeros());
        let mut found = (size > 0) as u32;
        for (place, level) in (0..size.saturating_sub(1)).rev().enumerate() {
            let bit = gap >> level & 1;
            let bit = if (place as u32) < UPPER_BITS {
                answer(coder, &mut self.upper, (size << UPPER_BITS | found) as usize, bit)
            } else {
                coder.code(bit, 1 << 15)
            };
            found = found << 1 | bit;
        }
        Some(found as u64)
    }

    fn code_size<C: BitCoder>(&mut self, coder: &mut C, size: u32) -> u32 {
        let mut node = 1;
        for level in (0..SIZE_BITS).rev() {
            let place = (self.last << SIZE_BITS | node) as usize;
            node = node << 1 | answer(coder, &mut self.sizes, place, size >> level & 1);
        }
        self.last = node & ((1 << SIZE_BITS) - 1);
        self.last.min(GAP_BITS)
    }
}

#[inline(always)]
fn answer<C: BitCoder>(coder: &mut C, counters: &mut Counters, place: usize, bit: u32) -> u32 {
    let bit = coder.code(bit, counters.one(place).clamp(16, 65520));
    counters.update(place, bit);
    bit
}
