//! POS by how far it lies behind the one before.

use coding::counters::Counters;
use crate::reckoning::{number_of, push_number};
use coding::arithmetic::Coder;

/// Bytes of the longest POS with its tab.
const LONGEST: usize = 19;
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

    /// Codes POS with the tab behind it, given the one `before` it, into `coded`, or says that another way is needed.
    /// An encoder knows the `rest` of the text, which begins with it.
    pub fn code_position<C: Coder>(
        &mut self,
        coder: &mut C,
        before: Option<u64>,
        rest: &[u8],
        coded: &mut Vec<u8>,
    ) -> bool {
        let Some(before) = before else { return false };
        let end = rest.iter().take(LONGEST).position(|&byte| byte == b'\t').unwrap_or(0);
        // Zeros in front would not come back.
        let number = number_of(&rest[..end]).filter(|_| end == 1 || rest[0] != b'0');
        let Some(gap) = self.code(coder, number.and_then(|number| number.checked_sub(before))) else { return false };
        coded.clear();
        push_number(before + gap, coded);
        coded.push(b'\t');
        true
    }

    /// Codes a gap, or that there is none.
    fn code<C: Coder>(&mut self, coder: &mut C, gap: Option<u64>) -> Option<u64> {
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

    fn code_size<C: Coder>(&mut self, coder: &mut C, size: u32) -> u32 {
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
fn answer<C: Coder>(coder: &mut C, counters: &mut Counters, place: usize, bit: u32) -> u32 {
    let bit = coder.code(bit, counters.one(place).clamp(16, 65520));
    counters.update(place, bit);
    bit
}

#[cfg(test)]
mod tests {
    use super::*;
    use coding::ranges::{Decoder, Encoder};

    #[test]
    fn positions_come_back_and_what_is_none_is_told() {
        const LARGE: u64 = 999999999999999990;
        let texts: [&[u8]; 9] = [
            b"0\tx",
            b"7\t",
            b"7\t",
            b"00\t",
            b"16777222\t.",
            b"33554438\t",
            b"5",
            b"999999999999999999\t",
            b"9\n\t",
        ];
        let befores = [0, 0, 7, 0, 7, 7, 4, LARGE, 1].map(Some);
        let comes = [true, true, true, false, true, false, false, true, false];
        let (mut encoder, mut gaps, mut coded) = (Encoder::new(Vec::new()), Gaps::new(), Vec::new());
        for (at, &text) in texts.iter().enumerate() {
            assert_eq!(gaps.code_position(&mut encoder, befores[at], text, &mut coded), comes[at], "{at}");
        }
        let bytes = encoder.finish();
        let (mut decoder, mut gaps) = (Decoder::new(&bytes), Gaps::new());
        for (at, &text) in texts.iter().enumerate() {
            assert_eq!(gaps.code_position(&mut decoder, befores[at], &[], &mut coded), comes[at], "{at}");
            assert!(!comes[at] || text.starts_with(&coded), "{at}");
        }
        assert!(!gaps.code_position(&mut decoder, None, &[], &mut coded));
    }
}
