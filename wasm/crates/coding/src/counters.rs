//! Probabilities with counts, the tables of which cost nothing before they are used.

use crate::counted::{learnt, COUNT_MASK, EVEN};
use crate::logistic::stretch;

pub struct Counters {
    /// Each as what it differs by from an even chance, so that fresh memory is a fresh table.
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
        *entry = learnt(*entry ^ EVEN, bit, self.limit) ^ EVEN;
    }
}
