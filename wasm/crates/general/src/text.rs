//! Contexts of text: orders, words, lines and their fields.

use crate::engine::Engine;
use crate::records::Records;
use crate::source::{hash, recent, slot_bits, table_bits, ContextSource, Contexts, SELECTORS};
use coding::matching::{Matcher, CONFIDENCES};
use coding::slots::Slots;

const SLOTS: usize = 8;
const VOTES: usize = 4;

pub type TextEngine = Engine<Text, SLOTS, VOTES, 16>;

/// An engine for `length` bytes that has read nothing.
pub fn engine(length: usize) -> TextEngine {
    TextEngine::new(Text::new(length), Slots::new(slot_bits(length)))
}

#[derive(Clone)]
pub struct Text {
    table_bits: u32,
    long: Matcher,
    short: Matcher,
    records: Records,
    word: u64,
    words: [u64; 2],
}

impl Text {
    /// For `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = table_bits(length);
        Text {
            table_bits: bits,
            long: Matcher::new(20, bits),
            short: Matcher::new(5, bits),
            records: Records::new(bits),
            word: 0,
            words: [0; 2],
        }
    }

    /// Makes room for more positions.
    pub fn grow(&mut self, table_bits: u32) {
        let more = table_bits.saturating_sub(self.table_bits);
        self.long.grow(more);
        self.short.grow(more);
        self.records.grow(more);
        self.table_bits += more;
    }

    fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.long.update(history);
        self.short.update(history);
        self.records.update(history);
        if byte.is_ascii_alphabetic() || byte >= 128 {
            self.word = hash(self.word, (byte | 0x20) as u64);
        } else if self.word != 0 {
            self.words = [self.word, self.words[0]];
            self.word = 0;
        }
    }
}

impl ContextSource<SLOTS, VOTES> for Text {
    const SELECTOR_SIZES: [usize; SELECTORS] = [256, 2 * CONFIDENCES];
    const CONFIDENCES: usize = CONFIDENCES;

    fn update(&mut self, history: &[u8], next: &mut Contexts<SLOTS, VOTES>) {
        self.read(history);
        let recent = recent(history);
        let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
        let c1 = last(1);
        let r = &self.records;
        let pointers = [self.long.pointer(), self.short.pointer(), &r.above, &r.alike];
        for (expected, pointer) in next.expected.iter_mut().zip(pointers) {
            *expected = (pointer.expected(history), pointer.confidence());
        }
        let field = r.field as u64;
        next.hashes = [
            last(2),
            last(3),
            last(4),
            hash(last(6), 1),
            hash(self.word, c1),
            hash(self.word, self.words[0]) ^ c1,
            hash(hash(self.word, self.words[1]), 7),
            hash(field, r.token),
        ];
        next.selectors =
            [c1 as usize, next.expected[3].1 + if next.expected[3].0.is_some() { CONFIDENCES } else { 0 }];
    }
}
