//! Probabilities with counts: the step shrinks as a context becomes known.

use crate::logistic::stretch;

const COUNT_BITS: u32 = 10;
const COUNT_MASK: u32 = (1 << COUNT_BITS) - 1;
/// Entries are kept as their difference from an even chance, so that fresh memory is a fresh table.
const EVEN: u32 = 1 << 31;

/// `65536 / (n + 1.5)`: the step after `n` observations.
static STEPS: [u16; 1024] = steps();

const fn steps() -> [u16; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (65536 * 2 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

/// 22 bits of probability above 10 bits of count, for each place.
pub struct Counters {
    entries: Vec<u32>,
    limit: u32,
}

impl Counters {
    /// `size` is a power of two; a step is never smaller than `1 / limit`, `limit < 1024`.
    pub fn new(size: usize, limit: u32) -> Self {
        Counters { entries: vec![0; size], limit: limit.min(COUNT_MASK) }
    }

    /// The probability of 1 in the logistic domain. Places are taken modulo the size.
    #[inline(always)]
    pub fn stretched(&self, place: usize) -> i16 {
        stretch(self.one(place)) as i16
    }

    /// The probability of 1 in 16 bits; may be 0.
    #[inline(always)]
    pub fn one(&self, place: usize) -> u32 {
        (self.entries[place & (self.entries.len() - 1)] ^ EVEN) >> 16
    }

    #[inline(always)]
    pub fn update(&mut self, place: usize, bit: u32) {
        let mask = self.entries.len() - 1;
        let entry = &mut self.entries[place & mask];
        let old = *entry ^ EVEN;
        let count = old & COUNT_MASK;
        let target = 0u32.wrapping_sub(bit & 1);
        let error = target as i64 - old as i64;
        let moved = (old as i64 + (error * STEPS[count as usize] as i64 >> 16)) as u32;
        *entry = (moved & !COUNT_MASK | (count + (count < self.limit) as u32)) ^ EVEN;
    }
}
