//! From a small context to a probability that is learnt: the second half of an indirect context (PAQ6's StateMap).

use crate::states;

const COUNT_BITS: u32 = 10;
const COUNT_MASK: u32 = (1 << COUNT_BITS) - 1;

/// `65536 / (n + 1.5)`: the step after `n` observations makes the probability the mean of what was seen.
static STEPS: [u16; 1024] = steps();

/// Probabilities with counts: quick at first, then slower down to `1 / limit`.
pub struct Map {
    /// 22 bits of probability above 10 bits of count.
    entries: Vec<u32>,
    limit: u32,
}

impl Map {
    /// `size` contexts, all undecided; `limit < 1024`.
    pub fn new(size: usize, limit: u32) -> Self {
        Map { entries: vec![1 << 31; size], limit: limit.min(COUNT_MASK) }
    }

    /// `sets` times 256 contexts, one for each bit-history state, that start from what the state's counts suggest.
    pub fn of_states(sets: usize, limit: u32) -> Self {
        let guesses: Vec<u32> = (0..=255).map(|state| states::guess(state) << 16).collect();
        Map { entries: guesses.repeat(sets), limit: limit.min(COUNT_MASK) }
    }

    /// Sets a starting probability (16 bits) with the weight of `count` observations.
    pub fn start(&mut self, context: usize, one: u32, count: u32) {
        self.entries[context] = one << 16 & !COUNT_MASK | count.min(self.limit);
    }

    /// Probability of 1 in 16 bits; may be 0.
    #[inline(always)]
    pub fn one(&self, context: usize) -> u32 {
        self.entries[context] >> 16
    }

    #[inline(always)]
    pub fn update(&mut self, context: usize, bit: u32) {
        let entry = &mut self.entries[context];
        let count = *entry & COUNT_MASK;
        let target = 0u32.wrapping_sub(bit & 1);
        let error = target as i64 - *entry as i64;
        let moved = (*entry as i64 + (error * STEPS[count as usize] as i64 >> 16)) as u32;
        *entry = moved & !COUNT_MASK | (count + (count < self.limit) as u32);
    }
}

const fn steps() -> [u16; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_learns_the_share_of_ones() {
        let mut map = Map::new(4, 1023);
        for i in 0..4000 {
            map.update(2, (i % 4 == 0) as u32);
        }
        assert!((map.one(2) as i32 - 16384).abs() < 200);
        assert_eq!(map.one(1), 32768);
    }

    #[test]
    fn states_start_from_their_counts() {
        let map = Map::of_states(2, 255);
        assert!((0..256).all(|s| map.one(256 + s) == states::guess(s as u8)));
    }

    #[test]
    fn certainty_stays_in_range() {
        let mut map = Map::new(1, 3);
        (0..1000).for_each(|_| map.update(0, 1));
        assert!(map.one(0) > 65530);
        (0..1000).for_each(|_| map.update(0, 0));
        assert!(map.one(0) < 4);
    }
}
