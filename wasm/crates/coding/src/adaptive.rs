//! Bits predicted by nothing but their own past: exponential averages, for side information and light models.

const START: u16 = 32768;

/// The average at one rate: each bit moves the probability by `1 / 2^RATE` of its error.
#[derive(Clone, Copy)]
pub struct AdaptiveBit<const RATE: u32>(u16);

impl<const RATE: u32> AdaptiveBit<RATE> {
    pub const fn new() -> Self {
        AdaptiveBit(START)
    }

    /// Probability of 1, within `1..=65535`.
    #[inline]
    pub fn one(self) -> u32 {
        (self.0 as u32).max(1)
    }

    #[inline]
    pub fn update(&mut self, bit: u32) {
        if bit != 0 {
            self.0 += (65535 - self.0) >> RATE;
        } else {
            self.0 -= self.0 >> RATE;
        }
    }
}

impl<const RATE: u32> Default for AdaptiveBit<RATE> {
    fn default() -> Self {
        Self::new()
    }
}

/// The mean of a fast and a slow average: quick to learn, calm afterwards.
#[derive(Clone, Copy, Default)]
pub struct TwoRateBit<const FAST: u32, const SLOW: u32> {
    fast: AdaptiveBit<FAST>,
    slow: AdaptiveBit<SLOW>,
}

impl<const FAST: u32, const SLOW: u32> TwoRateBit<FAST, SLOW> {
    pub const fn new() -> Self {
        TwoRateBit { fast: AdaptiveBit::new(), slow: AdaptiveBit::new() }
    }

    /// Probability of 1, within `1..=65535`.
    #[inline]
    pub fn one(self) -> u32 {
        (self.fast.one() + self.slow.one()) / 2
    }

    #[inline]
    pub fn update(&mut self, bit: u32) {
        self.fast.update(bit);
        self.slow.update(bit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_follow_the_bits_and_stay_codable() {
        let mut bit = TwoRateBit::<4, 7>::new();
        assert_eq!(bit.one(), 32768);
        (0..10_000).for_each(|_| bit.update(1));
        assert!((65000..=65535).contains(&bit.one()));
        (0..10_000).for_each(|_| bit.update(0));
        assert!((1..500).contains(&bit.one()));
    }
}
