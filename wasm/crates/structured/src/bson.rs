//! Contexts of BSON (bsonspec.org, version 1.1): documents are walked by length, and each byte knows the path of its
//! element, the element's type and what stood in the same place of earlier documents.

use crate::engine::{hash, Contexts, Source};
use crate::memory::Memory;
use crate::matches::Matcher;
use coding::matching::Pointer;

/// Deeper nesting is read as if it were one level.
const DEEPEST: usize = 64;

const DOUBLE: u8 = 0x01;
const STRING: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const ARRAY: u8 = 0x04;
const BINARY: u8 = 0x05;
const OBJECT_ID: u8 = 0x07;
const BOOLEAN: u8 = 0x08;
const DATE: u8 = 0x09;
const REGEX: u8 = 0x0b;
const POINTER: u8 = 0x0c;
const CODE: u8 = 0x0d;
const SYMBOL: u8 = 0x0e;
const SCOPED_CODE: u8 = 0x0f;
const INT32: u8 = 0x10;
const TIMESTAMP: u8 = 0x11;
const INT64: u8 = 0x12;
const DECIMAL: u8 = 0x13;

/// What the next byte is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Bytes of a document's length that are left.
    Length(usize),
    /// The type of an element, or the end of the document.
    Type,
    Key,
    /// Bytes that say how long the value is.
    ValueLength(usize),
    /// Bytes of a value that are left.
    Value(usize),
    /// Texts that end with a zero and are left.
    Texts(usize),
}

pub struct Bson {
    long: Matcher<12>,
    short: Matcher<5>,
    memory: Memory,
    above: Pointer,
    higher: Pointer,
    alike: Pointer,
    entries: [usize; 2],
    part: Part,
    /// Paths of the documents that are open.
    levels: Vec<u64>,
    /// The key of the last element of the innermost document.
    key: u64,
    kind: u8,
    /// The number read so far, least significant byte first.
    number: u64,
    start: usize,
    place: u64,
    token: u64,
    tokens: [u64; 2],
    word: u64,
    words: [u64; 2],
    recent: u64,
}

impl Bson {
    /// For `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = length.max(1).ilog2().clamp(10, 20);
        Bson {
            long: Matcher::new(bits + 1),
            short: Matcher::new(bits + 1),
            memory: Memory::new(bits.saturating_sub(4).max(10)),
            above: Pointer::default(),
            higher: Pointer::default(),
            alike: Pointer::default(),
            entries: [0; 2],
            part: Part::Length(4),
            levels: Vec::with_capacity(DEEPEST),
            key: 0,
            kind: 0,
            number: 0,
            start: 0,
            place: 0,
            token: 0,
            tokens: [0; 2],
            word: 0,
            words: [0; 2],
            recent: 0,
        }
    }

    fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.recent = self.recent << 8 | byte as u64;
        self.long.update(history);
        self.short.update(history);
        for pointer in [&mut self.above, &mut self.higher, &mut self.alike] {
            pointer.follow(history);
        }
        if byte.is_ascii_alphabetic() || byte >= 128 {
            self.word = hash(self.word, (byte | 0x20) as u64);
        } else if self.word != 0 {
            self.words = [self.word, self.words[0]];
            self.word = 0;
        }
        self.token = hash(self.token, byte as u64);
        let before = self.part;
        self.part = self.after(byte);
        let goes_on = match (before, self.part) {
            (Part::Length(_), Part::Length(left)) => left != 4,
            (Part::Key, Part::Key) | (Part::ValueLength(_), Part::ValueLength(_)) => true,
            (Part::Value(a), Part::Value(b)) => b + 1 == a,
            (Part::Texts(a), Part::Texts(b)) => a == b,
            _ => false,
        };
        if !goes_on {
            self.begin(history);
        }
    }

    /// The part that follows a byte.
    fn after(&mut self, byte: u8) -> Part {
        match self.part {
            Part::Length(left) => {
                self.number = self.number >> 8 | (byte as u64) << 24;
                if left > 1 {
                    return Part::Length(left - 1);
                }
                let path = self.levels.last().map_or(1, |level| hash(*level, self.key));
                if self.levels.len() < DEEPEST {
                    self.levels.push(path);
                }
                self.key = 0;
                self.number = 0;
                Part::Type
            }
            Part::Type if byte == 0 => self.close(),
            Part::Type => {
                self.kind = byte;
                self.key = 0;
                Part::Key
            }
            Part::Key if byte == 0 => self.value(),
            Part::Key => {
                // Indices of arrays tell little.
                let is_index = byte.is_ascii_digit() && self.key <= 1;
                self.key = if is_index { 1 } else { hash(self.key, byte as u64) };
                Part::Key
            }
            Part::ValueLength(left) => {
                self.number = self.number >> 8 | (byte as u64) << 24;
                if left > 1 {
                    return Part::ValueLength(left - 1);
                }
                let length = std::mem::take(&mut self.number) as usize;
                let extra = matches!(self.kind, BINARY) as usize + matches!(self.kind, POINTER) as usize * 12;
                match length.saturating_add(extra) {
                    0 => Part::Type,
                    length => Part::Value(length),
                }
            }
            Part::Value(1) => Part::Type,
            Part::Value(left) => Part::Value(left - 1),
            Part::Texts(left) if byte == 0 => {
                if left > 1 {
                    Part::Texts(left - 1)
                } else {
                    Part::Type
                }
            }
            Part::Texts(left) => Part::Texts(left),
        }
    }

    fn value(&self) -> Part {
        match self.kind {
            DOUBLE | DATE | TIMESTAMP | INT64 => Part::Value(8),
            INT32 => Part::Value(4),
            BOOLEAN => Part::Value(1),
            OBJECT_ID => Part::Value(12),
            DECIMAL => Part::Value(16),
            STRING | BINARY | CODE | SYMBOL | POINTER => Part::ValueLength(4),
            DOCUMENT | ARRAY | SCOPED_CODE => Part::Length(4),
            REGEX => Part::Texts(2),
            _ => Part::Type,
        }
    }

    fn close(&mut self) -> Part {
        self.levels.pop();
        self.key = 0;
        if self.levels.is_empty() {
            Part::Length(4)
        } else {
            Part::Type
        }
    }

    /// A part begins: aims at where it stood before.
    fn begin(&mut self, history: &[u8]) {
        let bytes = &history[self.start..];
        let bytes = &bytes[bytes.len().saturating_sub(16)..];
        for index in self.entries {
            self.memory.learn(index, self.start, bytes, self.token);
        }
        self.tokens = [self.token, self.tokens[0]];
        self.token = 0;
        self.start = history.len();
        let path = self.levels.last().copied().unwrap_or(0);
        let part = match self.part {
            Part::Length(_) => 1,
            Part::Type => 2,
            Part::Key => 3,
            Part::ValueLength(_) => 4,
            Part::Value(_) => 5,
            Part::Texts(_) => 6,
        };
        self.place = hash(hash(path, self.key), part << 8 | self.kind as u64);
        self.entries = [self.memory.find(self.place), self.memory.find(hash(self.place, self.tokens[0]))];
        let [by_place, by_token] = self.entries.map(|index| *self.memory.entry(index));
        for (pointer, at) in [
            (&mut self.above, by_place.at[0]),
            (&mut self.higher, by_place.at[1]),
            (&mut self.alike, by_token.at[0]),
        ] {
            match at {
                0 => pointer.lose(),
                at => pointer.aim(at as usize, pointer.length().min(16)),
            }
        }
    }
}

impl Source for Bson {
    fn update(&mut self, history: &[u8], next: &mut Contexts) {
        self.read(history);
        let recent = self.recent;
        let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
        let c1 = last(1);
        let depth = (history.len() - self.start).min(63) as u64;
        let told = |pointer: &Pointer| (pointer.expected(history), pointer.confidence());
        next.expected = [(None, 0); 9];
        next.expected[0] = told(self.long.pointer());
        next.expected[1] = told(self.short.pointer());
        next.expected[2] = told(&self.above);
        next.expected[3] = told(&self.alike);
        next.expected[4] = told(&self.higher);
        let byte = |index: usize| next.expected[index].0.map_or(256, |byte| byte as u64);
        let (above, alike, higher) = (byte(2), byte(3), byte(4));
        let place = self.place;
        let position = hash(place, depth);
        // How much of the value is left tells its end.
        let left = match self.part {
            Part::Value(left) => left.min(20) as u64,
            _ => 0,
        };
        let before = self.memory.entry(self.entries[0]).token as u64;
        next.hashes = [
            last(2),
            last(3),
            last(4),
            last(5),
            last(7),
            hash(self.word, c1),
            hash(self.word, self.words[0]) ^ c1,
            hash(place, self.token),
            hash(hash(place, left), last(3)),
            hash(position, above << 1 | 1),
            hash(hash(place, before), self.token),
            hash(hash(place, self.tokens[0]), self.token),
            hash(hash(above, alike), c1 << 9 | higher),
            hash(position, c1 << 9 | above),
            hash(hash(self.tokens[0], self.tokens[1]), self.token),
            hash(position, 1 << 20),
            hash(hash(place, self.word), left),
            hash(hash(place, left), last(2)),
        ];
        next.place = position;
        next.signs = [position, hash(position, self.token), hash(place, self.token), last(5)];
    }
}
