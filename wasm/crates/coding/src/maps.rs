//! From a small context to a probability that is learnt: the second half of an indirect context (PAQ6's StateMap).

use crate::counted::{learnt, COUNT_MASK, EVEN};
use crate::logistic::stretch;
use crate::states;
use crate::vector::{Eight, LANES};

/// Probabilities with counts: quick at first, then slower down to `1 / limit`.
#[derive(Clone)]
pub struct Map {
    entries: Vec<u32>,
    /// The same probabilities in the logistic domain, made when they change, since they are read sooner than written.
    stretched: Vec<i16>,
    limit: u32,
}

impl Map {
    /// `size` contexts, all undecided; `limit < 1024`.
    pub fn new(size: usize, limit: u32) -> Self {
        Map { entries: vec![EVEN; size], stretched: vec![0; size], limit: limit.min(COUNT_MASK) }
    }

    /// Sets a starting probability (16 bits) with the weight of `count` observations.
    pub fn start(&mut self, context: usize, one: u32, count: u32) {
        self.entries[context] = one << 16 & !COUNT_MASK | count.min(self.limit);
        self.stretched[context] = stretch(one) as i16;
    }

    /// Probability of 1 in 16 bits; may be 0.
    #[inline(always)]
    pub fn one(&self, context: usize) -> u32 {
        self.entries[context] >> 16
    }

    /// The probability in the logistic domain.
    #[inline(always)]
    pub fn stretched(&self, context: usize) -> i16 {
        self.stretched[context]
    }

    #[inline(always)]
    pub fn update(&mut self, context: usize, bit: u32) {
        let entry = learnt(self.entries[context], bit, self.limit);
        self.entries[context] = entry;
        self.stretched[context] = stretch(entry >> 16) as i16;
    }
}

/// `SETS` maps from bit-history states to probabilities, for the innermost loop: one rate for all, no counts.
#[derive(Clone)]
pub struct StateMaps<const SETS: usize> {
    entries: Box<[[u16; 256]; SETS]>,
}

impl<const SETS: usize> StateMaps<SETS> {
    /// Starts from what each state's counts suggest.
    pub fn new() -> Self {
        let guesses: [u16; 256] = std::array::from_fn(|state| states::guess(state as u8) as u16);
        StateMaps { entries: Box::new([guesses; SETS]) }
    }

    /// The probability after `state` in the logistic domain.
    #[inline(always)]
    pub fn stretched(&self, set: usize, state: u8) -> i16 {
        stretch(self.entries[set][state as usize] as u32) as i16
    }

    /// Moves the probability by `1 / 2^rate` of its error.
    #[inline(always)]
    pub fn update(&mut self, set: usize, state: u8, bit: u32, rate: u32) {
        let entry = &mut self.entries[set][state as usize];
        let target = 0u32.wrapping_sub(bit) as u16 as i32;
        *entry = (*entry as i32 + ((target - *entry as i32) >> rate)) as u16;
    }

    /// The probabilities after all sets' states, written to the first `SETS` inputs in the logistic domain, by vectors:
    /// so the inputs up to the next multiple of 8 are overwritten, too.
    #[inline(always)]
    pub fn predict_all(&self, states: &[u8; SETS], inputs: &mut [i16]) {
        for (group, inputs) in inputs.chunks_exact_mut(LANES).take(SETS.div_ceil(LANES)).enumerate() {
            self.gather(states, group).stretched().store(inputs);
        }
    }

    /// Moves the probabilities of all sets by `1 / 2^rate` of their errors.
    #[inline(always)]
    pub fn update_all(&mut self, states: &[u8; SETS], bit: u32, rate: u32) {
        for group in 0..SETS.div_ceil(LANES) {
            let moved = self.gather(states, group).toward(bit, rate).numbers();
            for (lane, one) in moved.into_iter().enumerate() {
                let set = group * LANES + lane;
                if set < SETS {
                    self.entries[set][states[set] as usize] = one;
                }
            }
        }
    }

    #[inline(always)]
    fn gather(&self, states: &[u8; SETS], group: usize) -> Eight {
        let one = |set: usize| if set < SETS { self.entries[set][states[set] as usize] } else { UNDECIDED };
        Eight::new(std::array::from_fn(|lane| one(group * LANES + lane)))
    }
}

const UNDECIDED: u16 = 1 << 15;

impl<const SETS: usize> Default for StateMaps<SETS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SETS: usize> StateMaps<SETS> {
    /// The probability of 1 after `state`, in 16 bits; may be 0.
    #[inline(always)]
    pub fn one(&self, set: usize, state: u8) -> u16 {
        self.entries[set][state as usize]
    }
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
        let mut maps = StateMaps::<2>::new();
        let run = (0..9).fold(0, |state, _| states::next(state, 1));
        assert!(maps.stretched(1, run) > 700);
        (0..2000).for_each(|_| maps.update(1, run, 0, 6));
        assert!(maps.stretched(1, run) < -1500 && maps.stretched(0, run) > 700);
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
