//! Numbers and symbols as binary decisions with one adaptive probability each.

use super::lane::{Bit, Lane};

/// Lengths from here on are escaped.
const LONG: u32 = 31;

/// Numbers of one field, in a number of contexts.
pub struct Numbers {
    lengths: Vec<[Bit; 32]>,
    signs: Vec<[Bit; 32]>,
    /// The two bits below the highest, by length.
    tops: Vec<[Bit; 4]>,
}

impl Numbers {
    pub fn new(contexts: usize) -> Self {
        Numbers { lengths: vec![[Bit::new(); 32]; contexts], signs: vec![[Bit::new(); 32]; contexts], tops: vec![[Bit::new(); 4]; 32] }
    }

    /// Codes a number; gives it and the length of its size in bits, at most 31.
    #[inline(always)]
    pub fn code<L: Lane>(&mut self, lane: &mut L, value: i64, context: usize) -> (i64, u32) {
        let size = value.unsigned_abs();
        let bits = 64 - size.leading_zeros();
        let short = tree::<_, 32>(lane, &mut self.lengths[context], bits.min(LONG), 5);
        let bits = if short == LONG { (LONG + lane.raw(bits.wrapping_sub(LONG) & 63, 6)).min(64) } else { short };
        if bits == 0 {
            return (0, 0);
        }
        let negative = lane.bit(&mut self.signs[context][short as usize], (value < 0) as u32);
        let mut known = 1u64;
        let mut left = bits - 1;
        if left > 0 {
            let tops = &mut self.tops[short as usize];
            left -= 1;
            let first = lane.bit(&mut tops[0], (size >> left & 1) as u32);
            known = known << 1 | first as u64;
            if left > 0 {
                left -= 1;
                let second = lane.bit(&mut tops[1 + first as usize], (size >> left & 1) as u32);
                known = known << 1 | second as u64;
            }
        }
        while left > 0 {
            let count = left.min(24);
            left -= count;
            known = known << count | lane.raw((size >> left) as u32 & ((1 << count) - 1), count) as u64;
        }
        let value = if negative != 0 { (known as i64).wrapping_neg() } else { known as i64 };
        (value, short)
    }
}

/// Bytes, in a number of contexts.
pub struct Symbols(Vec<[Bit; 256]>);

impl Symbols {
    pub fn new(contexts: usize) -> Self {
        Symbols(vec![[Bit::new(); 256]; contexts])
    }

    #[inline(always)]
    pub fn code<L: Lane>(&mut self, lane: &mut L, value: u8, context: usize) -> u8 {
        tree::<_, 256>(lane, &mut self.0[context], value as u32, 8) as u8
    }
}

/// `bits` bits of a number, highest first; `2^bits` is `SIZE`.
#[inline(always)]
pub fn tree<L: Lane, const SIZE: usize>(lane: &mut L, contexts: &mut [Bit; SIZE], value: u32, bits: u32) -> u32 {
    let mut node = 1usize;
    for shift in (0..bits).rev() {
        node = node << 1 | lane.bit(&mut contexts[node & (SIZE - 1)], value >> shift & 1) as usize;
    }
    node as u32 - SIZE as u32
}
