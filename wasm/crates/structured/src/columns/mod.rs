//! Lines as shapes and columns: what stays the same from record to record is said once, and the values of each place
//! stand together, numbers as differences. An exact rewriting for coders that see little structure themselves.

mod column;
mod hexadecimal;
mod keys;
mod number;
mod shape;

use crate::documents;
use crate::kind::{self, Kind};
use abi::{Fault, Model};
use column::{read_number, write_number, Column, Form, Reader};
use keys::{Keys, Setting};
use shape::{Part, Style, LITERAL, NESTED, OPEN, TOKEN};
use std::collections::{HashMap, HashSet};

/// The longest input: what a worker's memory allows.
const LONGEST: usize = 64 << 20;
/// Columns beyond are all one, so that a file without order cannot fill the memory.
const MOST_COLUMNS: usize = 1 << 16;
/// How much is read to learn which texts repeat as a whole: a quarter, within these bounds.
const STUDY: usize = 1 << 17;
const LEAST_STUDY: usize = 1 << 14;
/// The column of the records themselves.
const RECORDS: u64 = 1;
/// Nested texts nest no further.
const DEEPEST: usize = 2;

/// Rewrites, and puts back; nothing is compressed.
pub struct Columns;

impl Model for Columns {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let style = match params {
            [number] => Style::of(*number).ok_or(Fault::Unsupported)?,
            _ => return Err(Fault::Unsupported),
        };
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        Ok(match kind::choose(input) {
            Kind::Bson => {
                let text = documents::to_text(input);
                let mut out = vec![Kind::Bson as u8];
                write_number(&mut out, text.len() as u64);
                [out, write_lines(&text, style)].concat()
            }
            Kind::Wide => {
                let half = |start: usize| input.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>();
                [vec![Kind::Wide as u8], half(1), write_lines(&half(0), style)].concat()
            }
            Kind::Lines | Kind::Sql => [vec![Kind::Lines as u8], write_lines(input, style)].concat(),
        })
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let (&kind, mut rest) = payload.split_first().ok_or(Fault::Damaged)?;
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        match Kind::of(kind) {
            Some(Kind::Lines) => read_lines(rest, length),
            Some(Kind::Bson) => {
                let size = read_number(&mut rest)? as usize;
                if size > documents::longest_text(length) {
                    return Err(Fault::Damaged);
                }
                let text = read_lines(rest, size)?;
                documents::from_text(&text, length).filter(|bytes| bytes.len() == length).ok_or(Fault::Damaged)
            }
            Some(Kind::Wide) => {
                let (second, rest) = rest.split_at_checked(length / 2).ok_or(Fault::Damaged)?;
                let first = read_lines(rest, length.div_ceil(2))?;
                Ok((0..length).map(|at| if at % 2 == 0 { first[at / 2] } else { second[at / 2] }).collect())
            }
            _ => Err(Fault::Damaged),
        }
    }
}

fn write_lines(input: &[u8], style: Style) -> Vec<u8> {
    let mut study = Writer::new(style, Whole::Studied(HashMap::default()));
    study.write_all(&input[..(input.len() / 4).clamp(LEAST_STUDY, STUDY).min(input.len())]);
    let mut writer = Writer::new(style, Whole::Known(study.whole.repeating()));
    writer.write_all(input);
    writer.finish()
}

fn read_lines(payload: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
    let mut reader = Columned::new(payload)?;
    let mut output = Vec::with_capacity(length);
    while output.len() < length {
        let before = output.len();
        reader.read_record(&mut output, length)?;
        if output.len() == before {
            return Err(Fault::Damaged);
        }
    }
    if output.len() == length {
        Ok(output)
    } else {
        Err(Fault::Damaged)
    }
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

/// The columns by their keys, in the order in which they were first met.
#[derive(Default)]
struct Places(HashMap<u64, usize, Hashing>);

impl Places {
    #[inline]
    fn of(&mut self, key: u64) -> usize {
        let next = self.0.len();
        if next < MOST_COLUMNS {
            *self.0.entry(key).or_insert(next)
        } else {
            self.0.get(&key).copied().unwrap_or(MOST_COLUMNS - 1)
        }
    }
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
                texts.insert(text.iter().fold(1, |hash, &byte| keys::mix(hash, byte as u64)));
                false
            }
            Whole::Known(keys) => keys.contains(&key),
        }
    }
}

struct Writer {
    style: Style,
    columns: Vec<Column>,
    places: Places,
    setting: Setting,
    whole: Whole,
}

impl Writer {
    fn new(style: Style, whole: Whole) -> Self {
        Writer { style, columns: Vec::new(), places: Places::default(), setting: Setting::new(style), whole }
    }

    fn write_all(&mut self, input: &[u8]) {
        let mut rest = input;
        while !rest.is_empty() {
            let (record, is_open, next) = split_record(rest);
            self.write_record(record, is_open);
            rest = next;
        }
    }

    #[inline]
    fn column(&mut self, key: u64) -> &mut Column {
        let place = self.places.of(key);
        if place == self.columns.len() {
            self.columns.push(Column::default());
        }
        &mut self.columns[place]
    }

    fn write_record(&mut self, record: &[u8], is_open: bool) {
        if shape::is_plain(record) {
            self.write_shape(record, RECORDS, 0, is_open);
        } else {
            let mark = if is_open { OPEN } else { TOKEN };
            self.column(RECORDS).push(&[&[LITERAL, mark], record].concat());
        }
    }

    fn write_shape(&mut self, bytes: &[u8], key: u64, depth: usize, is_open: bool) {
        // The shape is read before its variables, so its column comes first.
        let place = self.places.of(key);
        self.column(key);
        let mut parts = Vec::new();
        if depth == 0 {
            shape::cut_record(bytes, self.style, |part| parts.push(part));
        } else if self.whole.takes(key, bytes) {
            parts.push(Part::Constant(bytes));
        } else {
            shape::cut_text(bytes, |part| parts.push(part));
        }
        let mut keys = Keys::new(key, &self.setting, depth == 0);
        let mut shape = Vec::with_capacity(bytes.len() + 1);
        for part in parts {
            let mark = match part {
                Part::Constant(constant) => {
                    shape.extend_from_slice(constant);
                    constant.iter().for_each(|&byte| keys.read(byte, &mut self.setting));
                    continue;
                }
                Part::Token(token) => {
                    self.column(keys.column()).push(token);
                    TOKEN
                }
                Part::Nested(text) => {
                    self.write_shape(text, keys.column(), depth + 1, false);
                    NESTED
                }
            };
            shape.push(mark);
            keys.read(mark, &mut self.setting);
        }
        if is_open {
            shape.push(OPEN);
        }
        self.columns[place].push(&shape);
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
            write_number(&mut heads, column.rows as u64);
            write_number(&mut heads, body.len() as u64);
            bodies.extend_from_slice(&body);
        }
        heads.extend_from_slice(&bodies);
        heads
    }
}

/// Keys are hashes already.
type Hashing = std::hash::BuildHasherDefault<Plain>;

#[derive(Default)]
struct Plain(u64);

impl std::hash::Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| keys::mix(hash, byte as u64));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The way back.
struct Columned<'a> {
    readers: Vec<Reader<'a>>,
    places: Places,
    setting: Setting,
    shapes: [Vec<u8>; DEEPEST],
}

impl<'a> Columned<'a> {
    fn new(payload: &'a [u8]) -> Result<Self, Fault> {
        let (&style, mut heads) = payload.split_first().ok_or(Fault::Damaged)?;
        let style = Style::of(style).ok_or(Fault::Damaged)?;
        let count = read_number(&mut heads)? as usize;
        if count > MOST_COLUMNS || count > payload.len() {
            return Err(Fault::Damaged);
        }
        let mut sizes = Vec::with_capacity(count);
        for _ in 0..count {
            let (&form, rest) = heads.split_first().ok_or(Fault::Damaged)?;
            heads = rest;
            let rows = read_number(&mut heads)? as usize;
            sizes.push((form, rows, read_number(&mut heads)? as usize));
        }
        let mut readers = Vec::with_capacity(count);
        for (form, rows, size) in sizes {
            let (body, rest) = heads.split_at_checked(size).ok_or(Fault::Damaged)?;
            heads = rest;
            readers.push(Reader::new(form, rows, body, &readers)?);
        }
        if !heads.is_empty() {
            return Err(Fault::Damaged);
        }
        Ok(Columned {
            readers,
            places: Places::default(),
            setting: Setting::new(style),
            shapes: Default::default(),
        })
    }

    #[inline]
    fn next(&mut self, key: u64, out: &mut Vec<u8>) -> Result<(), Fault> {
        let place = self.places.of(key);
        self.readers.get_mut(place).ok_or(Fault::Damaged)?.next(out)
    }

    fn read_record(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Fault> {
        let is_open = self.read_shape(RECORDS, 0, out, limit)?;
        if !is_open {
            out.push(b'\n');
        }
        Ok(())
    }

    fn read_shape(&mut self, key: u64, depth: usize, out: &mut Vec<u8>, limit: usize) -> Result<bool, Fault> {
        if depth == DEEPEST || out.len() > limit {
            return Err(Fault::Damaged);
        }
        let mut shape = std::mem::take(&mut self.shapes[depth]);
        shape.clear();
        self.next(key, &mut shape)?;
        let is_open = match shape[..] {
            [LITERAL, mark, ..] => mark == OPEN,
            _ => shape.last() == Some(&OPEN),
        };
        if let [LITERAL, _, text @ ..] = &shape[..] {
            out.extend_from_slice(text);
        } else {
            let text = &shape[..shape.len() - is_open as usize];
            let mut keys = Keys::new(key, &self.setting, depth == 0);
            for &byte in text {
                match byte {
                    TOKEN => self.next(keys.column(), out)?,
                    NESTED => {
                        self.read_shape(keys.column(), depth + 1, out, limit)?;
                    }
                    _ => out.push(byte),
                }
                // A short shape may call for long values again and again.
                if out.len() > limit {
                    return Err(Fault::Damaged);
                }
                keys.read(byte, &mut self.setting);
            }
        }
        self.shapes[depth] = shape;
        Ok(is_open)
    }
}
