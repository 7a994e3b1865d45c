//! Contexts of logs, dumps and JSON: what stood in the same place of earlier records, and what follows from it.

use crate::engine::{hash, Contexts, Source, CONFIDENCES, HASHES, VOTES};
use crate::layout::{Dialect, Layout};
use crate::matches::Matcher;
use crate::memory::Memory;
use crate::numbers::Expectation;
use coding::matching::Pointer;

/// Longer tokens are not looked at as a whole.
const LONGEST_TOKEN: usize = 64;

/// Whether a byte belongs to a token; every other byte ends one.
#[inline(always)]
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || byte == b'_'
}

/// How the token so far compares with the one above.
#[derive(Clone, Copy, PartialEq)]
enum Compared {
    Equal,
    NextUp,
    Greater,
    Less,
}

#[derive(Clone)]
pub struct Text {
    dialect: Dialect,
    long: Matcher<14>,
    short: Matcher<6>,
    layout: Layout,
    memory: Memory,
    /// The same place of the last record, and of the one before it.
    above: Pointer,
    higher: Pointer,
    /// The same template.
    alike: Pointer,
    /// The same two tokens before.
    local: Pointer,
    locals: Vec<u32>,
    /// Entries of the memory: by place, by template.
    entries: [usize; 2],
    continued: [Expectation; 2],
    related: Expectation,
    stepped: Expectation,
    /// The same place of the last record with the same first column.
    fellow: Pointer,
    fellows: Vec<u32>,
    compared: Compared,
    /// Where the token began.
    start: usize,
    column: usize,
    token: u64,
    token_has_digit: bool,
    tokens: [u64; 3],
    /// The record so far, tokens with digits left out.
    template: u64,
    /// What kind of record: its first short value.
    kind: u64,
    word: u64,
    words: [u64; 2],
    recent: u64,
    /// All tokens of the record so far, and those of its first column.
    heading: u64,
    anchor: u64,
}

impl Text {
    /// For `length` bytes.
    pub fn new(dialect: Dialect, length: usize) -> Self {
        let bits = length.max(1).ilog2().clamp(10, 22);
        Text {
            dialect,
            long: Matcher::new(bits.min(20) + 1),
            short: Matcher::new(bits.min(20) + 1),
            layout: Layout::new(dialect),
            memory: Memory::new(bits.saturating_sub(4).max(10)),
            above: Pointer::default(),
            higher: Pointer::default(),
            alike: Pointer::default(),
            local: Pointer::default(),
            locals: vec![0; 1 << bits.saturating_sub(3)],
            entries: [0; 2],
            continued: [Expectation::none(); 2],
            related: Expectation::none(),
            stepped: Expectation::none(),
            fellow: Pointer::default(),
            fellows: vec![0; 1 << bits.saturating_sub(3)],
            compared: Compared::Equal,
            start: 0,
            column: 0,
            token: 0,
            token_has_digit: false,
            tokens: [0; 3],
            template: 0,
            kind: 0,
            word: 0,
            words: [0; 2],
            recent: 0,
            heading: 0,
            anchor: 0,
        }
    }

    #[inline]
    fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.recent = self.recent << 8 | byte as u64;
        self.long.update(history);
        self.short.update(history);
        self.compare(history, byte);
        for pointer in [&mut self.above, &mut self.higher, &mut self.alike, &mut self.local, &mut self.fellow] {
            pointer.follow(history);
        }
        self.column += 1;
        self.read_word(byte);
        if is_token(byte) {
            self.token_has_digit |= byte.is_ascii_digit();
            self.token = hash(self.token, byte as u64);
            self.layout.read(byte, false);
            self.read_digit(history, byte);
        } else {
            self.end_token(history, byte);
        }
    }

    fn compare(&mut self, history: &[u8], byte: u8) {
        let above = self.above.expected(&history[..history.len() - 1]);
        self.compared = match (self.compared, above) {
            (Compared::Equal, Some(above)) if above == byte => Compared::Equal,
            (Compared::Equal, Some(above)) if above.wrapping_add(1) == byte => Compared::NextUp,
            (Compared::Equal, Some(above)) if above < byte => Compared::Greater,
            (Compared::Equal, _) => Compared::Less,
            (Compared::NextUp, _) => Compared::NextUp,
            (other, _) => other,
        };
    }

    #[inline]
    fn read_word(&mut self, byte: u8) {
        if byte.is_ascii_alphabetic() || byte >= 128 {
            self.word = hash(self.word, (byte | 0x20) as u64);
        } else if self.word != 0 {
            self.words = [self.word, self.words[0]];
            self.word = 0;
        }
    }

    #[inline]
    fn read_digit(&mut self, history: &[u8], byte: u8) {
        self.continued
            .iter_mut()
            .chain([&mut self.related, &mut self.stepped])
            .for_each(|expectation| expectation.read(byte));
        self.expect_numbers(history.len() - self.start);
    }

    /// Expects numbers that begin `depth` bytes into their tokens.
    #[inline]
    fn expect_numbers(&mut self, depth: usize) {
        for (index, expectation) in self.entries.into_iter().zip(&mut self.continued) {
            if self.memory.entry(index).lead as usize == depth {
                *expectation = self.memory.continued(index);
            }
        }
        if self.memory.entry(self.entries[1]).lead as usize == depth {
            self.related = self.memory.related(self.entries[1]);
            self.stepped = self.memory.stepped(self.entries[1]);
        }
    }

    fn end_token(&mut self, history: &[u8], byte: u8) {
        let end = history.len() - 1;
        let bytes = &history[self.start.max(end.saturating_sub(LONGEST_TOKEN + 1))..end];
        let token = hash(self.token, byte as u64);
        for index in self.entries {
            self.memory.learn(index, self.start, bytes, token);
        }
        self.memory.settle(self.entries[1]);
        let short = !self.token_has_digit || bytes.len() <= 4;
        let masked = if self.token_has_digit { 1 } else { self.token };
        if self.kind == 0 && self.layout.is_json() && !bytes.is_empty() && short {
            self.kind = self.token;
        }
        self.template = hash(hash(self.template, masked), byte as u64);
        self.tokens = [token, self.tokens[0], self.tokens[1]];
        self.heading = hash(self.heading, token);
        if self.layout.is_first_column() {
            self.anchor = self.heading;
        }
        (self.token, self.token_has_digit) = (0, false);
        self.layout.read(byte, true);
        if self.layout.ended {
            (self.column, self.template, self.kind) = (0, 0, 0);
            (self.heading, self.anchor) = (0, 0);
        }
        self.start = history.len();
        self.aim(masked, byte);
    }

    /// A token begins.
    fn aim(&mut self, masked: u64, byte: u8) {
        let place = self.layout.place;
        let template = match self.layout.is_json() {
            true => hash(place, self.kind ^ 1),
            false => hash(self.template, 1),
        };
        self.entries = [self.memory.find(place), self.memory.find(template)];
        let [by_place, by_template] = self.entries.map(|index| *self.memory.entry(index));
        for (pointer, at) in [
            (&mut self.above, by_place.at[0]),
            (&mut self.higher, by_place.at[1]),
            (&mut self.alike, by_template.at[0]),
        ] {
            if at > 0 {
                let length = pointer.length();
                pointer.aim(at as usize, length.min(16));
            } else {
                pointer.lose();
            }
        }
        let local = hash(hash(self.tokens[1], masked), byte as u64);
        follow_last(&mut self.local, &mut self.locals, local, self.start);
        follow_last(&mut self.fellow, &mut self.fellows, hash(place, self.anchor), self.start);
        self.compared = Compared::Equal;
        self.continued = [Expectation::none(); 2];
        self.related = Expectation::none();
        self.stepped = Expectation::none();
        self.expect_numbers(0);
    }

    /// The last bytes, at most 8.
    #[inline(always)]
    fn last(&self, count: u32) -> u64 {
        self.recent & (u64::MAX >> (64 - 8 * count))
    }

    fn expectations(&self, history: &[u8]) -> [(Option<u8>, usize); VOTES] {
        let entry = |index: usize| self.memory.entry(self.entries[index]);
        let depth = (history.len() - self.start).min(3);
        let told = |pointer: &Pointer, same: u8| {
            // Fresh in its token, a pointer is worth what its place was worth before.
            let confidence = pointer.confidence();
            let confidence = if depth < 3 { (same as usize & 7) << 2 | depth } else { confidence };
            (pointer.expected(history), confidence)
        };
        let number = |expectation: &Expectation| {
            let came = expectation.came().min(3);
            (expectation.next(), ((expectation.trust & 15) as usize) << 2 | came)
        };
        [
            (self.long.pointer().expected(history), self.long.pointer().confidence()),
            (self.short.pointer().expected(history), self.short.pointer().confidence()),
            told(&self.above, entry(0).same),
            told(&self.alike, entry(1).same),
            (self.local.expected(history), self.local.confidence()),
            number(&self.continued[1]),
            number(&self.related),
            number(&self.continued[0]),
            number(&self.stepped),
            (self.fellow.expected(history), self.fellow.confidence()),
        ]
    }
}

/// Aims a pointer at the last place that had this hash, and notes the new one.
fn follow_last(pointer: &mut Pointer, places: &mut [u32], hash: u64, start: usize) {
    let slot = &mut places[(hash >> 20) as usize & (places.len() - 1)];
    let last = std::mem::replace(slot, start as u32) as usize;
    if last > 0 {
        let length = pointer.length();
        pointer.aim(last, length);
    }
}

impl Source for Text {
    fn sure(&self) -> u32 {
        // Dumps have fewer bytes that are foretold, and need the speed.
        match self.dialect {
            Dialect::Lines => 65000,
            Dialect::Sql => 60000,
        }
    }

    fn update(&mut self, history: &[u8], next: &mut Contexts) {
        self.read(history);
        next.expected = self.expectations(history);
        debug_assert!(next.expected.iter().all(|expected| expected.1 < CONFIDENCES));
        let depth = (history.len() - self.start).min(40) as u64;
        let place = self.layout.place;
        let template = hash(self.template, self.kind);
        next.place = hash(place, depth.min(30));
        let token_place = hash(next.place, self.token);
        next.signs = [hash(place, depth), hash(template, self.token), token_place, self.last(5)];
    }

    #[inline(always)]
    fn hashes(&self, history: &[u8], next: &Contexts) -> [u64; HASHES] {
        let last = |count: u32| self.last(count);
        let c1 = last(1);
        let byte = |index: usize| next.expected[index].0.map_or(256, |byte| byte as u64);
        let (above, alike) = (byte(2), byte(3));
        let higher = self.higher.expected(history).map_or(256, |byte| byte as u64);
        let numbers = byte(5) << 20 | byte(6) << 10 | byte(7);
        let depth = (history.len() - self.start).min(40) as u64;
        let place = self.layout.place;
        let template = hash(self.template, self.kind);
        let compared = self.compared as u64;
        let column = hash(place, self.token);
        let [above_token, alike_token] = self.entries.map(|index| self.memory.entry(index).token as u64);
        [
            last(3),
            last(4),
            last(6),
            hash(self.word, self.words[0]) ^ c1,
            column,
            hash(template, self.token),
            hash(hash(place, depth), above << 2 | compared),
            hash(hash(numbers, compared), above),
            last(2),
            hash(self.word, c1),
            hash(hash(above, alike), c1 << 9 | higher),
            hash(column, self.tokens[0]),
            hash(hash(self.tokens[0], self.tokens[1]), self.token),
            hash(column, above_token),
            hash(hash(template, alike_token), self.token),
            hash(column, self.anchor),
            hash(hash(self.tokens[0], self.anchor), self.token),
            hash(hash(place, depth), hash(last(2), above)),
            hash(place, depth << 1 | 1),
            last(5),
            last(7),
            hash(hash(column, above_token), self.tokens[0]),
            hash(last(6) & !255, above),
            hash(place, self.heading),
            hash(hash(self.words[0], self.words[1]), hash(self.word, c1)),
        ]
    }
}
