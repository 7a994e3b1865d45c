//! The way there: records are cut, and their shapes and variables collected by column.

use super::column::{Column, Form};
use super::keys::{Keys, Setting};
use super::numbered::hash_of;
use super::shape::{self, Part, Style, LITERAL, NESTED, OPEN, TOKEN};
use super::varint::write_number;
use super::{Hashing, Places, DEEPEST, RECORDS};
use std::collections::{HashMap, HashSet};

/// How much is read to learn which texts repeat as a whole: a quarter, within these bounds.
const STUDY: usize = 1 << 17;
const LEAST_STUDY: usize = 1 << 14;

pub fn write_lines(input: &[u8], style: Style) -> Vec<u8> {
    let mut study = Writer::new(style, Whole::Studied(HashMap::default()));
    study.write_all(&input[..(input.len() / 4).clamp(LEAST_STUDY, STUDY).min(input.len())]);
    let mut writer = Writer::new(style, Whole::Known(study.whole.repeating()));
    writer.write_all(input);
    writer.finish()
}

/// A record (a line, or a tuple of a list), whether it has no line end, and what follows.
fn split_record(bytes: &[u8]) -> (&[u8], bool, &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => return (&bytes[..at], false, &bytes[at + 1..]),
            b'(' if at >= 2 && bytes[at - 1] == b',' && bytes[at - 2] == b')' => {
                return (&bytes[..at], true, &bytes[at..]);
            }
            _ => at += 1,
        }
    }
    (bytes, true, &[])
}

/// Which nested texts are not cut, since they come again and again as they are.
enum Whole {
    /// By column: how many texts there were, and the different ones.
    Studied(HashMap<u64, (usize, HashSet<u64, Hashing>), Hashing>),
    Known(HashSet<u64, Hashing>),
}

impl Whole {
    fn repeating(self) -> HashSet<u64, Hashing> {
        match self {
            Whole::Studied(columns) => {
                let repeats = |(count, texts): &(usize, HashSet<u64, Hashing>)| texts.len() * 5 < count * 2;
                columns.into_iter().filter(|(_, seen)| repeats(seen)).map(|(key, _)| key).collect()
            }
            Whole::Known(keys) => keys,
        }
    }

    /// Whether a text of a column stays in one piece.
    fn takes(&mut self, key: u64, text: &[u8]) -> bool {
        match self {
            Whole::Studied(columns) => {
                let (count, texts) = columns.entry(key).or_default();
                *count += 1;
                texts.insert(hash_of(text));
                false
            }
            Whole::Known(keys) => keys.contains(&key),
        }
    }
}

struct Writer<'a> {
    style: Style,
    columns: Vec<Column>,
    places: Places,
    setting: Setting,
    whole: Whole,
    /// Parts of the texts that are being cut, those of nested ones last.
    parts: Vec<Part<'a>>,
    /// The shapes that are being made, by depth.
    shapes: [Vec<u8>; DEEPEST],
}

impl<'a> Writer<'a> {
    fn new(style: Style, whole: Whole) -> Self {
        Writer {
            style,
            columns: Vec::new(),
            places: Places::default(),
            setting: Setting::new(style),
            whole,
            parts: Vec::new(),
            shapes: Default::default(),
        }
    }

    fn write_all(&mut self, input: &'a [u8]) {
        let mut rest = input;
        while !rest.is_empty() {
            let (record, is_open, next) = split_record(rest);
            self.write_record(record, is_open);
            rest = next;
        }
    }

    /// The place of a column; a study needs none.
    #[inline]
    fn place(&mut self, key: u64) -> usize {
        if let Whole::Studied(_) = self.whole {
            return 0;
        }
        let place = self.places.of(key);
        if place == self.columns.len() {
            self.columns.push(Column::default());
        }
        place
    }

    #[inline]
    fn push(&mut self, place: usize, value: &[u8]) {
        if let Some(column) = self.columns.get_mut(place) {
            column.push(value);
        }
    }

    fn write_record(&mut self, record: &'a [u8], is_open: bool) {
        if shape::is_plain(record) {
            self.write_shape(record, RECORDS, 0, is_open);
        } else {
            let mark = if is_open { OPEN } else { TOKEN };
            let place = self.place(RECORDS);
            self.push(place, &[&[LITERAL, mark], record].concat());
        }
    }

    fn write_shape(&mut self, bytes: &'a [u8], key: u64, depth: usize, is_open: bool) {
        // The shape is read before its variables, so its column comes first.
        let place = self.place(key);
        let first = self.parts.len();
        self.cut(bytes, key, depth);
        let mut keys = Keys::new(key, &self.setting, depth == 0);
        let mut shape = std::mem::take(&mut self.shapes[depth]);
        shape.clear();
        for index in first..self.parts.len() {
            let mark = match self.parts[index] {
                Part::Constant(constant) => {
                    shape.extend_from_slice(constant);
                    constant.iter().for_each(|&byte| keys.read(byte, &mut self.setting));
                    continue;
                }
                Part::Token(token) => {
                    let column = self.place(keys.column(&self.setting));
                    self.push(column, token);
                    TOKEN
                }
                Part::Nested(text) => {
                    self.write_shape(text, keys.column(&self.setting), depth + 1, false);
                    NESTED
                }
            };
            shape.push(mark);
            keys.read(mark, &mut self.setting);
        }
        if is_open {
            shape.push(OPEN);
        }
        self.push(place, &shape);
        self.shapes[depth] = shape;
        self.parts.truncate(first);
    }

    fn cut(&mut self, bytes: &'a [u8], key: u64, depth: usize) {
        if depth == 0 {
            shape::cut_record(bytes, self.style, |part| self.parts.push(part));
        } else if self.whole.takes(key, bytes) {
            self.parts.push(Part::Constant(bytes));
        } else {
            shape::cut_text(bytes, |part| self.parts.push(part));
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut heads = vec![self.style as u8];
        let mut bodies = Vec::new();
        let mut known: HashMap<u64, usize, Hashing> = HashMap::default();
        write_number(&mut heads, self.columns.len() as u64);
        for (index, column) in self.columns.iter().enumerate() {
            let first = *known.entry(column.fingerprint()).or_insert(index);
            let (form, body) = if first < index && self.columns[first].values == column.values {
                let mut body = Vec::new();
                write_number(&mut body, first as u64);
                (Form::Copy, body)
            } else {
                column.write()
            };
            heads.push(form as u8);
            write_number(&mut heads, column.rows() as u64);
            write_number(&mut heads, body.len() as u64);
            bodies.extend_from_slice(&body);
        }
        heads.extend_from_slice(&bodies);
        heads
    }
}
