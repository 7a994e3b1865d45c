//! A column of values and the ways to write it.

use super::hexadecimal::Hexadecimal;
use super::keys::mix;
use super::number::Format;
use super::numbered::{Index, Numbered};
use super::varint::{write_number, zigzag};

/// Values one after another, each ended by a line feed.
#[derive(Default)]
pub struct Column {
    pub values: Vec<u8>,
    /// Where each value ends, behind its line feed.
    ends: Vec<u32>,
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
    pub fn of(number: u8) -> Option<Form> {
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
        self.ends.push(self.values.len() as u32);
    }

    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let value = &self.values[start..end as usize - 1];
            start = end as usize;
            value
        })
    }

    pub fn fingerprint(&self) -> u64 {
        let words = self.values.chunks_exact(8);
        let rest = words.remainder().iter().fold(self.rows() as u64, |hash, &byte| mix(hash, byte as u64));
        words.fold(rest, |hash, word| mix(hash, u64::from_le_bytes(word.try_into().expect("eight bytes"))))
    }

    /// The form that promises to compress best, and the bytes in it.
    pub fn write(&self) -> (Form, Vec<u8>) {
        let rows = self.rows();
        if rows < 4 {
            return (Form::Text, self.values.clone());
        }
        let numbered = Numbered::of(self.iter(), rows);
        let distinct = numbered.firsts.len();
        if distinct == 1 {
            return (Form::Constant, self.values[..self.values.len() / rows].to_vec());
        }
        if numbered.same * 5 > rows && distinct * 3 > rows - numbered.same && distinct > MANY {
            return (Form::Runs, write_runs(&numbered));
        }
        if distinct * 2 > rows {
            if let Some(form) = Hexadecimal::of(self.iter()) {
                return (Form::Hexadecimal, form.write(self.iter(), rows));
            }
        }
        let differences = Differences::of(self);
        let as_text = cost_as_text(&numbered);
        let as_numbers = cost_as_numbers(&numbered);
        let as_differences = differences.as_ref().map_or(f32::MAX, |differences| differences.cost);
        if as_differences < as_text.min(as_numbers) {
            return (Form::Differences, differences.map_or(Vec::new(), |differences| differences.bytes));
        }
        if as_numbers < as_text {
            return write_numbered(&numbered);
        }
        (Form::Text, self.values.clone())
    }
}

/// Fewer values are better numbered than told by their runs.
const MANY: usize = 32;

fn write_runs(numbered: &Numbered) -> Vec<u8> {
    let mut values = Column::default();
    let mut lengths = Vec::new();
    for run in numbered.numbers.chunk_by(|a, b| a == b) {
        values.push(numbered.firsts[run[0] as usize]);
        write_number(&mut lengths, run.len() as u64);
    }
    let (form, body) = values.write();
    let mut bytes = vec![form as u8];
    write_number(&mut bytes, values.rows() as u64);
    write_number(&mut bytes, body.len() as u64);
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(&lengths);
    bytes
}

fn cost_as_text(numbered: &Numbered) -> f32 {
    numbered.new_bytes as f32 * 0.45 + numbered.same as f32 * 0.1 + numbered.seen() as f32 * 1.6
}

fn cost_as_numbers(numbered: &Numbered) -> f32 {
    let (distinct, rows) = (numbered.firsts.len(), numbered.numbers.len());
    if distinct > 1 << 16 || distinct * 10 > rows * 9 {
        return f32::MAX;
    }
    let each = if distinct <= 256 { 0.5 } else { 1.3 };
    numbered.new_bytes as f32 * 0.45 + numbered.same as f32 * 0.08 + (numbered.seen() + distinct) as f32 * each
}

fn write_numbered(numbered: &Numbered) -> (Form, Vec<u8>) {
    let mut bytes = Vec::with_capacity(numbered.new_bytes + numbered.numbers.len() * 2 + 4);
    write_number(&mut bytes, numbered.firsts.len() as u64);
    for value in &numbered.firsts {
        bytes.extend_from_slice(value);
        bytes.push(b'\n');
    }
    bytes.extend(numbered.numbers.iter().map(|&number| number as u8));
    if numbered.firsts.len() <= 256 {
        return (Form::Dictionary, bytes);
    }
    bytes.extend(numbered.numbers.iter().map(|&number| (number >> 8) as u8));
    (Form::Wide, bytes)
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
        let mut index = Index::new();
        let mut counts: Vec<(i64, u32)> = Vec::new();
        let mut magnitude = 0;
        for value in column.iter() {
            let number = format.parse(value)?;
            let difference = number - last;
            last = number;
            let next = counts.len() as u32;
            let known =
                index.number(mix(7, difference as u64), next, |known| counts[known as usize].0 == difference);
            match counts.get_mut(known as usize) {
                Some(entry) => entry.1 += 1,
                None => counts.push((difference, 1)),
            }
            magnitude += 64 - zigzag(difference).leading_zeros() as usize;
            write_number(&mut bytes, zigzag(difference));
        }
        let rows = column.rows() as f32;
        let entropy: f32 = counts.iter().map(|&(_, count)| count as f32 * (rows / count as f32).log2()).sum();
        let cost = (entropy + counts.len() as f32 * 8.0).min(magnitude as f32 + rows * 1.5) / 8.0;
        Some(Differences { bytes, cost })
    }
}
