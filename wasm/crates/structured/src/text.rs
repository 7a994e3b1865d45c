//! Reads logs, dumps and JSON: what stood in the same place of earlier records, and what follows from it.
//! `crate::contexts` says what that means for the next byte.

use crate::engine::hash;
use crate::layout::{Dialect, Layout};
use crate::matches::Matcher;
use crate::memory::Memory;
use crate::numbers::Expectation;
use crate::relations::Relations;
use coding::matching::Pointer;

/// Longer tokens are not looked at as a whole.
const LONGEST_TOKEN: usize = 64;

/// Whether a byte belongs to a token; every other byte ends one.
#[inline(always)]
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || byte == b'_'
}

/// How the token so far compares with the one above.
#[derive(Clone, Copy, PartialEq)]
pub enum Compared {
    Equal,
    NextUp,
    Greater,
    Less,
}

#[derive(Clone)]
pub struct Text {
    pub(crate) dialect: Dialect,
    pub(crate) long: Matcher<14>,
    pub(crate) short: Matcher<6>,
    pub(crate) layout: Layout,
    pub(crate) memory: Memory,
    /// The same place of the last record, and of the one before it.
    pub(crate) above: Pointer,
    pub(crate) higher: Pointer,
    /// The same template.
    pub(crate) alike: Pointer,
    /// The same two tokens before; where relations are looked for, it is not.
    pub(crate) local: Pointer,
    locals: Vec<u32>,
    /// Entries of the memory: by place, by template.
    pub(crate) entries: [usize; 2],
    pub(crate) continued: [Expectation; 2],
    pub(crate) related: Expectation,
    pub(crate) stepped: Expectation,
    /// What follows from other lines and numbers, where that is looked for.
    pub(crate) relations: Option<Relations>,
    pub(crate) compared: Compared,
    /// Where the token began.
    pub(crate) start: usize,
    column: usize,
    pub(crate) token: u64,
    token_has_digit: bool,
    pub(crate) tokens: [u64; 3],
    /// The record so far, tokens with digits left out.
    pub(crate) template: u64,
    /// What kind of record: its first short value.
    pub(crate) kind: u64,
    pub(crate) word: u64,
    pub(crate) words: [u64; 2],
    pub(crate) recent: u64,
    /// The last sixteen bytes, latest lowest, with digits alike, and lower and upper case letters.
    pub(crate) shape: u128,
    /// All tokens of the record so far, and those of its first column.
    pub(crate) heading: u64,
    pub(crate) anchor: u64,
}

impl Text {
    /// For `length` bytes. `relates`: whether to look for what follows from other lines and numbers.
    pub fn new(dialect: Dialect, length: usize, relates: bool) -> Self {
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
            locals: vec![0; if relates { 0 } else { 1 << bits.saturating_sub(3) }],
            entries: [0; 2],
            continued: [Expectation::none(); 2],
            related: Expectation::none(),
            stepped: Expectation::none(),
            relations: relates.then(Relations::new),
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
            shape: 0,
            heading: 0,
            anchor: 0,
        }
    }

    #[inline]
    /// Takes in the newest byte of `history`, if there is one.
    pub fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.recent = self.recent << 8 | byte as u64;
        self.shape = self.shape << 8 | shape_of(byte) as u128;
        self.long.update(history);
        self.short.update(history);
        self.compare(history, byte);
        for pointer in [&mut self.above, &mut self.higher, &mut self.alike, &mut self.local] {
            pointer.follow(history);
        }
        if let Some(relations) = &mut self.relations {
            relations.read(history, byte, self.column == 0);
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
        if let Some(relations) = &mut self.relations {
            relations.read_digit(byte);
        }
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
        if let Some(relations) = &mut self.relations {
            relations.expect_numbers(&self.memory, self.entries[1], depth);
        }
    }

    fn end_token(&mut self, history: &[u8], byte: u8) {
        let end = history.len() - 1;
        let bytes = &history[self.start.max(end.saturating_sub(LONGEST_TOKEN + 1))..end];
        let token = hash(self.token, byte as u64);
        for index in self.entries {
            self.memory.learn(index, self.start, bytes, token, true);
        }
        if let Some(relations) = &mut self.relations {
            relations.end_token(&mut self.memory, self.entries[1], self.start, bytes, token);
            relations.reckoner.end_token(self.entries[1], bytes, byte);
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
            if let Some(relations) = &mut self.relations {
                relations.end_record(self.template);
            }
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
        self.compared = Compared::Equal;
        self.continued = [Expectation::none(); 2];
        self.related = Expectation::none();
        self.stepped = Expectation::none();
        match &mut self.relations {
            Some(relations) => relations.aim(&mut self.memory, template, self.entries[1]),
            None => self.aim_local(hash(hash(self.tokens[1], masked), byte as u64)),
        }
        self.expect_numbers(0);
    }

    /// Expects what followed the last place with this hash, and notes the new one.
    fn aim_local(&mut self, hash: u64) {
        let slot = (hash >> 20) as usize & (self.locals.len() - 1);
        let last = std::mem::replace(&mut self.locals[slot], self.start as u32) as usize;
        if last > 0 {
            self.local.aim(last, self.local.length());
        }
    }
}

/// What kind of byte: digits are alike, and letters of each case.
fn shape_of(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        other => other,
    }
}
