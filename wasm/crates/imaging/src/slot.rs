//! Probabilities that learn quickly at first.

use coding::counted::{self, learnt, COUNT_MASK};
use coding::logistic::stretch;

/// A probability with its count.
#[derive(Clone, Copy)]
pub struct Slot(u32);

static TRUST: [i32; 32] = trust();

const fn trust() -> [i32; 32] {
    let mut table = [256; 32];
    let mut n = 0;
    while n < 31 {
        table[n] = 256 * n as i32 / (n as i32 + 2);
        n += 1;
    }
    table
}

impl Slot {
    pub const EVEN: Slot = Slot(counted::EVEN);
    pub const LIKELY: Slot = Slot(3 << 30);

    #[inline(always)]
    pub fn one(self) -> u32 {
        self.0 >> 16
    }
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.0 & COUNT_MASK
    }
    /// The probability in the logistic domain, less of it where little was seen.
    #[inline(always)]
    pub fn weighed(self) -> i16 {
        let count = self.count().min(31) as usize;
        (stretch(self.one()) * TRUST[count] >> 8) as i16
    }
    #[inline(always)]
    pub fn update(&mut self, bit: u32, limit: u32) {
        self.0 = learnt(self.0, bit, limit);
    }
}
