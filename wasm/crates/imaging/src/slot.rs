//! Probabilities that learn quickly at first.

use coding::logistic::stretch;

/// A probability of 22 bits above a count of 10.
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

static STEPS: [u16; 1024] = steps();

const fn steps() -> [u16; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

impl Slot {
    pub const EVEN: Slot = Slot(1 << 31);
    pub const LIKELY: Slot = Slot(3 << 30);

    #[inline(always)]
    pub fn one(self) -> u32 {
        self.0 >> 16
    }
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.0 & 1023
    }
    /// The probability in the logistic domain, less of it where little was seen.
    #[inline(always)]
    pub fn weighed(self) -> i16 {
        let count = self.count().min(31) as usize;
        (stretch(self.one()) * TRUST[count] >> 8) as i16
    }
    #[inline(always)]
    pub fn update(&mut self, bit: u32, limit: u32) {
        let count = self.0 & 1023;
        let target = if bit != 0 { (1i64 << 32) - 1 } else { 0 };
        let moved = (self.0 as i64 + ((target - self.0 as i64) * STEPS[count as usize] as i64 >> 16)) as u32;
        self.0 = moved & !1023 | (count + (count < limit) as u32);
    }
}
