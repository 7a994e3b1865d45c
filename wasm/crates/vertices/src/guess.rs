//! Deltas that came after the same deltas before: what is drawn by a machine repeats itself exactly.

use crate::fields::GUESS;
use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};

const SLOT_BITS: u32 = 14;

#[derive(Clone, Copy, Default)]
struct Slot {
    delta: i64,
    check: u32,
    /// How often in a row it was right.
    right: i32,
}

pub struct Guesses {
    slots: Vec<Slot>,
    /// Whether the last guesses of each axis were right, latest lowest.
    past: [i32; 4],
    missed: (usize, u32),
    /// Of heights and measures: the last step, and the two deltas before.
    pub columns: [[i64; 3]; 2],
}

impl Guesses {
    pub fn new() -> Self {
        Guesses { slots: vec![Slot::default(); 1 << SLOT_BITS], past: [0; 4], missed: (0, 0), columns: [[0; 3]; 2] }
    }

    /// Asks whether a delta is the one that followed `before` the last time, and gives it if so.
    pub fn ask<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, axis: usize, delta: i64, before: [i64; 3], start: i32,
    ) -> Option<i64> {
        let [a, b, c] = before;
        let key = hash(&[axis as i32, a as i32, (a >> 32) as i32, b as i32, c as i32, (c >> 32) as i32]);
        let index = (key >> (32 - SLOT_BITS)) as usize;
        let slot = self.slots[index];
        let known = slot.check == key | 1;
        let (right, past, known_delta) = (slot.right.min(7), self.past[axis], slot.delta);
        let ax = axis as i32;
        if known {
            let contexts = fill([
                hash(&[ax, right, past & 3]),
                hash(&[ax, past & 255]),
                hash(&[ax, right, start, past & 1]),
                hash(&[ax, past & 0xffff]),
                hash(&[ax, key as i32]),
                hash(&[ax, (known_delta == 0) as i32, right]),
                hash(&[ax, known_delta as i32, past & 1]),
            ]);
            let hit = engine.flag(coder, GUESS + axis, delta == known_delta, &contexts, (right * 8 + (past & 7)) as usize);
            self.past[axis] = past << 1 | hit as i32;
            if hit {
                self.slots[index].right += 1;
                return Some(known_delta);
            }
        }
        self.missed = (index, key | 1);
        None
    }

    /// The delta that came instead, or where there was no guess.
    pub fn learn(&mut self, delta: i64) {
        let (index, check) = self.missed;
        self.slots[index] = Slot { delta, check, right: 0 };
    }
}
