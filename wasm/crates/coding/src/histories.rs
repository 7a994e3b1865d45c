//! From the states of all contexts to probabilities that are learnt, eight contexts at a time.

use crate::counted::{learnt, COUNT_MASK};
use crate::states;
use crate::vector::{Eight, LANES};

/// The first guess of a state counts as so many observations.
const GUESS_COUNT: u32 = 4;

/// A map from states to probabilities for each of `SLOTS` contexts, by probabilities
/// with counts.
#[derive(Clone)]
pub struct Histories<const SLOTS: usize> {
    entries: Box<[[u32; 256]; SLOTS]>,
}

impl<const SLOTS: usize> Histories<SLOTS> {
    /// Starts from what each state's counts suggest.
    pub fn new() -> Self {
        let guesses = std::array::from_fn(|state| states::guess(state as u8) << 16 & !COUNT_MASK | GUESS_COUNT);
        Histories { entries: Box::new([guesses; SLOTS]) }
    }

    /// Writes what each state says, in the logistic domain, to `likely`, and its distance from even odds, in 12 bits, to
    /// `sure`; there, a context that was never met says nothing. `likely` has room for a multiple of 8.
    #[inline(always)]
    pub fn predict(&self, states: &[u8; SLOTS], likely: &mut [i16], mut sure: Option<&mut [i16]>) {
        for group in 0..SLOTS.div_ceil(LANES) {
            let first = group * LANES;
            let ones: [u16; LANES] = std::array::from_fn(|lane| {
                let slot = first + lane;
                if slot < SLOTS {
                    (self.entries[slot][states[slot] as usize] >> 16) as u16
                } else {
                    1 << 15
                }
            });
            Eight::new(ones).stretched().store(&mut likely[first..]);
            let Some(sure) = &mut sure else { continue };
            for (lane, one) in ones.into_iter().enumerate() {
                let slot = first + lane;
                if slot < SLOTS {
                    let distance = (one ^ 1 << 15) as i16 >> 4;
                    sure[slot] = if states[slot] == 0 { 0 } else { distance };
                }
            }
        }
    }

    /// Teaches the bit to what the states said.
    #[inline(always)]
    pub fn update(&mut self, states: &[u8; SLOTS], bit: u32) {
        for (entries, &state) in self.entries.iter_mut().zip(states) {
            let entry = &mut entries[state as usize];
            *entry = learnt(*entry, bit, COUNT_MASK);
        }
    }
}
