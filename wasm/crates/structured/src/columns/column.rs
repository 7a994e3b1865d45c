//! A column of values and the ways to write it.

use super::hexadecimal::{self, Hexadecimal};
use super::keys::mix;
use super::number::Format;
use abi::Fault;
use std::collections::HashMap;

/// Values one after another, each ended by a line feed.
#[derive(Default)]
pub struct Column {
    pub values: Vec<u8>,
    pub rows: usize,
}

/// How a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// The values as they are.
    Text = 0,
    /// All rows are the one value that follows.
    Constant = 1,
    /// Different values once, then their numbers, a byte each.
    Dictionary = 2,
    /// Decimal numbers as differences.
    Differences = 3,
    /// As the column of the given number.
    Copy = 4,
    /// Different values once, then their numbers, two bytes each: all low ones, then all high ones.
    Wide = 5,
    /// A column without its immediate repetitions, then how often each of its values stands.
    Runs = 6,
    /// Hexadecimal values as bytes.
    Hexadecimal = 7,
}

impl Form {
    fn of(number: u8) -> Option<Form> {
        use Form::*;
        [Text, Constant, Dictionary, Differences, Copy, Wide, Runs, Hexadecimal]
            .into_iter()
            .find(|form| *form as u8 == number)
    }
}

impl Column {
    #[inline]
    pub fn push(&mut self, value: &[u8]) {
        self.values.extend_from_slice(value);
        self.values.push(b'\n');
        self.rows += 1;
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.values[..self.values.len() - 1].split(|&byte| byte == b'\n')
    }

    pub fn fingerprint(&self) -> u64 {
        self.values.chunks(8).fold(self.rows as u64, |hash, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mix(hash, u64::from_le_bytes(word))
        })
    }

    /// The form that promises to compress best, and the bytes in it.
    pub fn write(&self) -> (Form, Vec<u8>) {
        if self.rows < 4 {
            return (Form::Text, self.values.clone());
        }
        let numbered = Numbered::of(self);
        if numbered.starts.len() == 1 {
            return (Form::Constant, self.values[..self.values.len() / self.rows].to_vec());
        }
        let (same, _) = numbered.repeats();
        let runs = self.rows - same;
        if same * 5 > self.rows && numbered.starts.len() * 3 > runs && numbered.starts.len() > MANY {
            return (Form::Runs, self.write_runs(&numbered.numbers));
        }
        if numbered.starts.len() * 2 > self.rows {
            if let Some(form) = Hexadecimal::of(self.iter()) {
                return (Form::Hexadecimal, form.write(self.iter(), self.rows));
            }
        }
        let differences = Differences::of(self);
        let as_text = numbered.cost_of_text();
        let as_numbers = numbered.cost();
        let as_differences = differences.as_ref().map_or(f32::MAX, |differences| differences.cost);
        if as_differences < as_text.min(as_numbers) {
            return (Form::Differences, differences.map_or(Vec::new(), |differences| differences.bytes));
        }
        if as_numbers < as_text {
            return numbered.write(self);
        }
        (Form::Text, self.values.clone())
    }
}

impl Column {
    /// `numbers` are those of the values.
    fn write_runs(&self, numbers: &[u32]) -> Vec<u8> {
        let mut firsts = Column::default();
        let mut lengths = Vec::new();
        for (run, value) in numbers.chunk_by(|a, b| a == b).zip(
            self.iter()
                .zip(numbers)
                .scan(None, |last, (value, number)| {
                    let is_new = last.replace(number) != Some(number);
                    Some(is_new.then_some(value))
                })
                .flatten(),
        ) {
            firsts.push(value);
            write_number(&mut lengths, run.len() as u64);
        }
        let (form, body) = firsts.write();
        let mut bytes = vec![form as u8];
        write_number(&mut bytes, firsts.rows as u64);
        write_number(&mut bytes, body.len() as u64);
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&lengths);
        bytes
    }
}

/// Fewer values are better numbered than told by their runs.
const MANY: usize = 32;

/// Values by the order in which they were first seen.
struct Numbered {
    numbers: Vec<u32>,
    /// Where each value first stands, and how long it is with its end.
    starts: Vec<(usize, usize)>,
    new_bytes: usize,
}

impl Numbered {
    fn of(column: &Column) -> Self {
        let mut known: HashMap<&[u8], u32, Hashing> = HashMap::default();
        let mut numbered = Numbered { numbers: Vec::with_capacity(column.rows), starts: Vec::new(), new_bytes: 0 };
        let mut at = 0;
        for value in column.iter() {
            let next = numbered.starts.len() as u32;
            let number = *known.entry(value).or_insert(next);
            if number == next {
                numbered.starts.push((at, value.len() + 1));
                numbered.new_bytes += value.len() + 1;
            }
            numbered.numbers.push(number);
            at += value.len() + 1;
        }
        numbered
    }

    fn repeats(&self) -> (usize, usize) {
        let same = self.numbers.windows(2).filter(|pair| pair[0] == pair[1]).count();
        (same, self.numbers.len() - self.starts.len() - same.min(self.numbers.len() - self.starts.len()))
    }

    fn cost_of_text(&self) -> f32 {
        let (same, seen) = self.repeats();
        self.new_bytes as f32 * 0.45 + same as f32 * 0.1 + seen as f32 * 1.6
    }

    fn cost(&self) -> f32 {
        let (same, seen) = self.repeats();
        if self.starts.len() > 1 << 16 || self.starts.len() * 10 > self.numbers.len() * 9 {
            return f32::MAX;
        }
        let each = if self.starts.len() <= 256 { 0.5 } else { 1.3 };
        self.new_bytes as f32 * 0.45 + same as f32 * 0.08 + (seen + self.starts.len()) as f32 * each
    }

    fn write(&self, column: &Column) -> (Form, Vec<u8>) {
        let mut bytes = Vec::with_capacity(self.new_bytes + self.numbers.len() * 2 + 4);
        write_number(&mut bytes, self.starts.len() as u64);
        for &(start, length) in &self.starts {
            bytes.extend_from_slice(&column.values[start..start + length]);
        }
        bytes.extend(self.numbers.iter().map(|&number| number as u8));
        if self.starts.len() <= 256 {
            return (Form::Dictionary, bytes);
        }
        bytes.extend(self.numbers.iter().map(|&number| (number >> 8) as u8));
        (Form::Wide, bytes)
    }
}

/// Keys are short texts; nothing hostile depends on their order.
type Hashing = std::hash::BuildHasherDefault<Hasher>;

#[derive(Default)]
struct Hasher(u64);

impl std::hash::Hasher for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = mix(self.0, u64::from_le_bytes(word));
        }
    }

    fn finish(&self) -> u64 {
        mix(self.0, 7)
    }
}

/// Numbers as differences: their format, then LEB128 of zigzag.
struct Differences {
    bytes: Vec<u8>,
    cost: f32,
}

impl Differences {
    fn of(column: &Column) -> Option<Self> {
        let format = Format::of(column.iter())?;
        let mut bytes = format.write().to_vec();
        let mut last = 0i64;
        let mut counts: HashMap<i64, u32, Hashing> = HashMap::default();
        let mut magnitude = 0.0;
        for value in column.iter() {
            let number = format.parse(value)?;
            let difference = number - last;
            last = number;
            *counts.entry(difference).or_insert(0) += 1;
            magnitude += (64 - zigzag(difference).leading_zeros()) as f32 + 1.5;
            write_number(&mut bytes, zigzag(difference));
        }
        let rows = column.rows as f32;
        let entropy: f32 = counts.values().map(|&count| count as f32 * (rows / count as f32).log2()).sum();
        let cost = (entropy + counts.len() as f32 * 8.0).min(magnitude) / 8.0;
        Some(Differences { bytes, cost })
    }
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// LEB128.
pub fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub fn read_number(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Fault::Damaged)?;
        *bytes = rest;
        number |= ((byte & 127) as u64) << shift;
        if byte < 128 {
            return Ok(number);
        }
    }
    Err(Fault::Damaged)
}

/// Gives the values of a written column one after another.
#[derive(Clone)]
pub struct Reader<'a> {
    form: Form,
    /// What is left: values, numbers or differences.
    rest: &'a [u8],
    entries: std::rc::Rc<Vec<&'a [u8]>>,
    high: &'a [u8],
    last: i64,
    format: Format,
    rows: usize,
    runs: Option<Box<Runs<'a>>>,
    hexadecimal: Option<hexadecimal::Values<'a>>,
}

#[derive(Clone)]
struct Runs<'a> {
    values: Reader<'a>,
    value: Vec<u8>,
    left: u64,
}

impl<'a> Reader<'a> {
    /// `before` are the columns that a copy may name.
    pub fn new(form: u8, rows: usize, bytes: &'a [u8], before: &[Reader<'a>]) -> Result<Self, Fault> {
        let form = Form::of(form).ok_or(Fault::Damaged)?;
        let mut reader = Reader {
            form,
            rest: bytes,
            entries: Default::default(),
            high: &[],
            last: 0,
            format: Format::Plain,
            rows,
            runs: None,
            hexadecimal: None,
        };
        match form {
            Form::Text => {}
            Form::Hexadecimal => reader.hexadecimal = Some(hexadecimal::Values::new(bytes, rows)?),
            Form::Constant => {
                if bytes.iter().position(|&byte| byte == b'\n') != Some(bytes.len().wrapping_sub(1)) {
                    return Err(Fault::Damaged);
                }
            }
            Form::Copy => {
                let mut rest = bytes;
                let index = read_number(&mut rest)? as usize;
                reader = before.get(index).ok_or(Fault::Damaged)?.clone();
            }
            Form::Differences => {
                let (format, rest) = bytes.split_first_chunk().ok_or(Fault::Damaged)?;
                (reader.format, reader.rest) = (Format::read(*format)?, rest);
            }
            Form::Runs => {
                let (&form, mut rest) = bytes.split_first().ok_or(Fault::Damaged)?;
                let rows = read_number(&mut rest)? as usize;
                let size = read_number(&mut rest)? as usize;
                let (body, lengths) = rest.split_at_checked(size).ok_or(Fault::Damaged)?;
                if form == Form::Runs as u8 || form == Form::Copy as u8 {
                    return Err(Fault::Damaged);
                }
                let values = Reader::new(form, rows, body, &[])?;
                reader.rest = lengths;
                reader.runs = Some(Box::new(Runs { values, value: Vec::new(), left: 0 }));
            }
            Form::Dictionary | Form::Wide => {
                let mut rest = bytes;
                let count = read_number(&mut rest)? as usize;
                let mut entries = Vec::with_capacity(count.min(rest.len()));
                for _ in 0..count {
                    let end = rest.iter().position(|&byte| byte == b'\n').ok_or(Fault::Damaged)?;
                    entries.push(&rest[..end]);
                    rest = &rest[end + 1..];
                }
                reader.entries = std::rc::Rc::new(entries);
                let bytes = if form == Form::Wide { 2 } else { 1 };
                if rest.len() != rows.checked_mul(bytes).ok_or(Fault::Damaged)? {
                    return Err(Fault::Damaged);
                }
                (reader.rest, reader.high) = rest.split_at(rows);
            }
        }
        Ok(reader)
    }

    /// Appends the next value.
    #[inline]
    pub fn next(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.rows = self.rows.checked_sub(1).ok_or(Fault::Damaged)?;
        match self.form {
            Form::Text => {
                let end = self.rest.iter().position(|&byte| byte == b'\n').ok_or(Fault::Damaged)?;
                out.extend_from_slice(&self.rest[..end]);
                self.rest = &self.rest[end + 1..];
            }
            Form::Constant => out.extend_from_slice(&self.rest[..self.rest.len() - 1]),
            Form::Dictionary | Form::Wide | Form::Copy => {
                let (&low, rest) = self.rest.split_first().ok_or(Fault::Damaged)?;
                self.rest = rest;
                let mut number = low as usize;
                if let Some((&high, rest)) = self.high.split_first() {
                    number |= (high as usize) << 8;
                    self.high = rest;
                }
                out.extend_from_slice(self.entries.get(number).ok_or(Fault::Damaged)?);
            }
            Form::Hexadecimal => self.hexadecimal.as_mut().ok_or(Fault::Damaged)?.next(out)?,
            Form::Runs => {
                let runs = self.runs.as_mut().ok_or(Fault::Damaged)?;
                if runs.left == 0 {
                    runs.left = read_number(&mut self.rest)?;
                    runs.value.clear();
                    runs.values.next(&mut runs.value)?;
                }
                runs.left = runs.left.checked_sub(1).ok_or(Fault::Damaged)?;
                out.extend_from_slice(&runs.value);
            }
            Form::Differences => {
                let coded = read_number(&mut self.rest)?;
                let difference = (coded >> 1) as i64 ^ -((coded & 1) as i64);
                self.last = self.last.wrapping_add(difference);
                self.format.print(self.last, out);
            }
        }
        Ok(())
    }
}
