//! Contexts of binary data: orders, gaps, and records of a fixed width.

use crate::engine::Engine;
use crate::source::{hash, recent, slot_bits, table_bits, ContextSource, Contexts, SELECTORS};
use coding::matching::{Matcher, Pointer, CONFIDENCES};
use coding::slots::Slots;

const SLOTS: usize = 13;
const VOTES: usize = 4;

pub type BinaryEngine = Engine<Binary, SLOTS, VOTES, 24>;

/// An engine for `length` bytes in records of `width`.
pub fn engine(width: usize, length: usize) -> BinaryEngine {
    BinaryEngine::new(Binary::new(width, length), Slots::new(slot_bits(length)))
}

pub struct Binary {
    long: Matcher,
    short: Matcher,
    /// 0 where there are no records.
    width: usize,
    above: Pointer,
    two_above: Pointer,
    position: usize,
}

impl Binary {
    /// For `length` bytes in records of `width`.
    pub fn new(width: usize, length: usize) -> Self {
        let bits = table_bits(length);
        Binary {
            long: Matcher::new(8, bits),
            short: Matcher::new(4, bits),
            width,
            above: Pointer::default(),
            two_above: Pointer::default(),
            position: 0,
        }
    }

    fn read(&mut self, history: &[u8]) {
        if history.is_empty() {
            return;
        }
        self.long.update(history);
        self.short.update(history);
        self.above.follow(history);
        self.two_above.follow(history);
        if self.width > 0 {
            self.position = history.len() % self.width;
            if history.len() == self.width + 1 {
                self.above.aim(1, 0);
            }
            if history.len() == 2 * self.width + 1 {
                self.two_above.aim(1, 0);
            }
        }
    }
}

impl ContextSource<SLOTS, VOTES> for Binary {
    const SELECTOR_SIZES: [usize; SELECTORS] = [257, 256];
    const CONFIDENCES: usize = CONFIDENCES;

    fn update(&mut self, history: &[u8], next: &mut Contexts<SLOTS, VOTES>) {
        self.read(history);
        let recent = recent(history);
        let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
        let pointers = [self.long.pointer(), self.short.pointer(), &self.above, &self.two_above];
        for (expected, pointer) in next.expected.iter_mut().zip(pointers) {
            *expected = (pointer.expected(history), pointer.confidence());
        }
        let above = next.expected[2].0.unwrap_or(0) as u64;
        let two_above = next.expected[3].0.unwrap_or(0) as u64;
        let back = self.width.max(4);
        let upper_left = history.len().checked_sub(back + 1).map_or(0, |at| history[at] as u64);
        let c1 = last(1);
        let gradient = (above.wrapping_add(c1).wrapping_sub(upper_left)) & 255;
        let position = self.position as u64;
        next.hashes = [
            last(2),
            last(3),
            last(4),
            hash(last(6), 1),
            last(2) >> 8,
            last(4) >> 16,
            last(4) >> 24 << 8 | last(2) >> 8,
            hash(above, c1),
            hash(above, two_above),
            hash(position, c1),
            hash(position, above),
            hash(gradient, above),
            hash(hash(above, c1), last(2) >> 8),
        ];
        next.selectors = [if self.width > 0 { above as usize } else { 256 }, self.position & 255];
    }
}
