//! Contexts of mail: orders, words, header fields, tags, and where the same place stood in earlier messages.

use crate::structure::{Structure, Zone, ZONES};
use coding::matching::{Matcher, Pointer, CONFIDENCES};
use general::{hash, recent, table_bits};

pub const CONTEXTS: usize = 12;
pub const VOTES: usize = 4;
pub const SELECTORS: usize = 4;
pub const SELECTOR_SIZES: [usize; SELECTORS] = [ZONES * 256, 2 * CONFIDENCES, 1024, 2048];

/// What the engine is told before each byte.
pub struct Contexts {
    pub hashes: [u64; CONTEXTS],
    /// A byte and how far it is to be trusted, below `CONFIDENCES`.
    pub expected: [(Option<u8>, usize); VOTES],
    /// Which weights to use, each below its size.
    pub selectors: [usize; SELECTORS],
}

pub struct Mail {
    structure: Structure,
    long: Matcher,
    short: Matcher,
    records: Records,
    word: u64,
    words: [u64; 3],
    /// The word that a soft line break interrupted.
    broken: u64,
    signs: Signs,
}

impl Mail {
    /// For `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = table_bits(length);
        Mail {
            structure: Structure::new(),
            long: Matcher::new(16, bits + 1),
            short: Matcher::new(6, bits),
            records: Records::new(bits),
            word: 0,
            words: [0; 3],
            broken: 0,
            signs: Signs::new(),
        }
    }

    fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.long.update(history);
        self.short.update(history);
        self.structure.update(byte);
        self.records.update(history, &self.structure);
        self.signs.update(recent(history));
        self.read_word(byte);
    }

    fn read_word(&mut self, byte: u8) {
        if byte.is_ascii_alphabetic() || byte >= 128 {
            self.word = hash(self.word, (byte | 0x20) as u64);
            return;
        }
        // Quoted-printable text breaks words at `=` and a line's end (RFC 2045, section 6.7).
        if byte == b'=' {
            self.broken = self.word;
        } else if byte == b'\n' && self.broken != 0 {
            self.word = self.broken;
            self.broken = 0;
            return;
        } else if byte != b'\r' {
            self.broken = 0;
        }
        if self.word != 0 {
            self.words = [self.word, self.words[0], self.words[1]];
            self.word = 0;
        }
    }
}

impl Mail {
    /// Takes in the newest byte of `history` and fills the contexts of the next.
    pub fn update(&mut self, history: &[u8], next: &mut Contexts) {
        self.read(history);
        let recent = recent(history);
        let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
        let c1 = last(1);
        let r = &self.records;
        let s = &self.structure;
        let pointers = [self.long.pointer(), self.short.pointer(), &r.above, &r.alike];
        for (expected, pointer) in next.expected.iter_mut().zip(pointers) {
            *expected = (pointer.expected(history), pointer.confidence());
        }
        let zone = s.zone as u64;
        let place = match s.zone {
            Zone::Name => hash(s.last_field, s.occurrence),
            Zone::Value => hash(s.field, s.occurrence),
            Zone::Text => 3,
            Zone::Tag => hash(s.tag, s.attribute),
            Zone::Encoded => 5,
        };
        next.hashes = [
            last(2),
            last(3),
            last(4),
            hash(self.word, c1),
            hash(self.word, self.words[0]) ^ c1,
            hash(hash(self.word, self.words[0]), self.words[1]),
            hash(r.template, r.token),
            hash(hash(place, c1), zone),
            hash(self.signs.after_two(recent), c1),
            hash(self.signs.after_one(recent), last(2)),
            hash(self.signs.shape, 1),
            hash(hash(self.signs.outline, self.word), self.words[0]),
        ];
        next.selectors = [
            s.zone as usize * 256 + c1 as usize,
            next.expected[3].1 + if next.expected[3].0.is_some() { CONFIDENCES } else { 0 },
            (place >> 54) as usize,
            self.signs.shape as usize & 2047,
        ];
    }
}

/// What single bytes were followed by, and how text looks with its letters left out.
struct Signs {
    /// The last bytes behind each byte, latest lowest.
    after_one: Vec<u32>,
    /// The same behind each two bytes.
    after_two: Vec<u32>,
    /// The last eight signs, where small letters in a row are one.
    shape: u64,
    /// The same with digits in a row as one, too.
    outline: u64,
}

impl Signs {
    fn new() -> Self {
        Signs { after_one: vec![0; 1 << 8], after_two: vec![0; 1 << 16], shape: 0, outline: 0 }
    }

    /// `recent`: the last eight bytes, latest lowest.
    fn update(&mut self, recent: u64) {
        let byte = recent as u8;
        for after in [
            &mut self.after_one[(recent >> 8 & 0xff) as usize],
            &mut self.after_two[(recent >> 8 & 0xffff) as usize],
        ] {
            *after = *after << 8 | byte as u32;
        }
        let sign = match byte {
            b'a'..=b'z' | 128.. => b'a',
            b'A'..=b'Z' => b'A',
            b'0'..=b'9' => b'0',
            other => other,
        };
        for (signs, is_joined) in
            [(&mut self.shape, sign == b'a'), (&mut self.outline, sign == b'a' || sign == b'0')]
        {
            if !is_joined || *signs as u8 != sign {
                *signs = *signs << 8 | sign as u64;
            }
        }
    }

    fn after_one(&self, recent: u64) -> u64 {
        (self.after_one[(recent & 0xff) as usize] & 0xffffff) as u64
    }

    fn after_two(&self, recent: u64) -> u64 {
        (self.after_two[(recent & 0xffff) as usize] & 0xffffff) as u64
    }
}

const FIELDS: usize = 256;

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || byte == b'_'
}

/// Follows lines and their tokens.
struct Records {
    /// Delimiters since the line began.
    field: usize,
    token: u64,
    last_token: u64,
    /// The line so far with numbers left out.
    template: u64,
    token_has_digit: bool,
    above: Pointer,
    alike: Pointer,
    starts: [[u32; FIELDS]; 2],
    previous_fields: usize,
    templates: Vec<u32>,
}

impl Records {
    fn new(bits: u32) -> Self {
        Records {
            field: 0,
            token: 0,
            last_token: 0,
            template: 0,
            token_has_digit: false,
            above: Pointer::default(),
            alike: Pointer::default(),
            starts: [[0; FIELDS]; 2],
            previous_fields: 0,
            templates: vec![0; 1 << bits],
        }
    }

    fn update(&mut self, history: &[u8], structure: &Structure) {
        let Some(&byte) = history.last() else { return };
        self.above.follow(history);
        self.alike.follow(history);
        if is_token(byte) {
            self.token_has_digit |= byte.is_ascii_digit();
            self.token = hash(self.token, byte as u64);
            return;
        }
        let token = if self.token_has_digit { 1 } else { self.token };
        self.template = hash(hash(self.template, token), byte as u64);
        self.last_token = self.token;
        (self.token, self.token_has_digit) = (0, false);
        self.field += 1;
        if byte == b'\n' {
            self.previous_fields = self.field.min(FIELDS - 1);
            self.starts.swap(0, 1);
            self.field = 0;
            self.template = match structure.zone {
                Zone::Name => hash(structure.field, structure.occurrence),
                zone => zone as u64,
            };
        }
        self.aim(history.len());
    }

    fn aim(&mut self, at: usize) {
        let field = self.field.min(FIELDS - 1);
        self.starts[0][field] = at as u32;
        if self.field <= self.previous_fields && self.starts[1][field] > 0 {
            self.above.aim(self.starts[1][field] as usize, 0);
        }
        let place = (self.template >> 20) as usize & (self.templates.len() - 1);
        let alike = self.templates[place] as usize;
        self.templates[place] = at as u32;
        if alike > 0 {
            let length = self.alike.length();
            self.alike.aim(alike, length);
        }
    }
}
