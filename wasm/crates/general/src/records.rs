//! Lines, their fields, and where the same field stood in earlier lines.

use crate::source::hash;
use coding::matching::Pointer;

const FIELDS: usize = 256;

/// Whether a byte belongs to a token; every other byte ends a field.
#[inline(always)]
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || byte == b'_'
}

/// Follows records (lines, or tuples of a list) as they go by.
#[derive(Clone)]
pub struct Records {
    /// Delimiters since the record began.
    pub field: usize,
    /// The bytes of this field.
    pub token: u64,
    /// The record so far with numbers left out.
    pub template: u64,
    token_has_digit: bool,
    /// The same field of the record before.
    pub above: Pointer,
    /// The same field of the last record that began alike.
    pub alike: Pointer,
    starts: [[u32; FIELDS]; 2],
    previous_fields: usize,
    templates: Vec<u32>,
}

impl Records {
    /// `bits`: the size of the table of templates.
    pub fn new(bits: u32) -> Self {
        Records {
            field: 0,
            token: 0,
            template: 0,
            token_has_digit: false,
            above: Pointer::default(),
            alike: Pointer::default(),
            starts: [[0; FIELDS]; 2],
            previous_fields: 0,
            templates: vec![0; 1 << bits],
        }
    }

    /// Makes the table of templates `1 << more` times as large; every place in it is found as before.
    pub fn grow(&mut self, more: u32) {
        self.templates = self.templates.repeat(1 << more);
    }

    pub fn update(&mut self, history: &[u8]) {
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
        (self.token, self.token_has_digit) = (0, false);
        self.field += 1;
        if ends_record(history) {
            self.previous_fields = self.field.min(FIELDS - 1);
            self.starts.swap(0, 1);
            (self.field, self.template) = (0, 0);
        }
        self.aim(history.len());
    }

    /// A new field begins at `at`.
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

/// A line's end, or the opening of the next tuple or object of a list.
fn ends_record(history: &[u8]) -> bool {
    match history {
        [.., b'\n'] => true,
        [.., b')', b',', b'('] | [.., b'}', b',', b'{'] => true,
        _ => false,
    }
}
