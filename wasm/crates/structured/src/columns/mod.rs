//! Lines as shapes and columns: what stays the same from record to record is said once, and the values of each place
//! stand together, numbers as differences. An exact rewriting for coders that see little structure themselves.

mod column;
mod hexadecimal;
mod keys;
mod number;
mod numbered;
mod reader;
mod shape;
mod varint;
mod writer;

use crate::documents;
use crate::kind::{self, exchange_ends, Kind};
use abi::{Fault, Model};
use keys::{Keys, Setting};
use reader::Reader;
use shape::{Style, LITERAL, NESTED, OPEN, TOKEN};
use std::collections::HashMap;
use varint::{read_number, write_number};
use writer::write_lines;

/// The longest input: what a worker's memory allows.
const LONGEST: usize = 64 << 20;
/// Columns beyond are all one, so that a file without order cannot fill the memory.
const MOST_COLUMNS: usize = 1 << 16;
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
            Kind::Returns => [vec![Kind::Returns as u8], write_lines(&exchange_ends(input), style)].concat(),
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
            Some(Kind::Returns) => Ok(exchange_ends(&read_lines(rest, length)?)),
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

/// The columns by their keys, in the order in which they were first met.
#[derive(Default)]
struct Places {
    known: HashMap<u64, usize, Hashing>,
    /// For each column, what came behind it last: its key and place. Records are alike, so it often comes again.
    followers: Vec<(u64, usize)>,
    last: usize,
}

impl Places {
    #[inline]
    fn of(&mut self, key: u64) -> usize {
        if let Some(&(expected, place)) = self.followers.get(self.last) {
            if expected == key {
                self.last = place;
                return place;
            }
        }
        self.find(key)
    }

    fn find(&mut self, key: u64) -> usize {
        let next = self.known.len();
        let place = if next < MOST_COLUMNS {
            *self.known.entry(key).or_insert(next)
        } else {
            self.known.get(&key).copied().unwrap_or(MOST_COLUMNS - 1)
        };
        if let Some(follower) = self.followers.get_mut(self.last) {
            *follower = (key, place);
        }
        if place == self.followers.len() {
            self.followers.push((key, place));
        }
        self.last = place;
        place
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
                    TOKEN => self.next(keys.column(&self.setting), out)?,
                    NESTED => {
                        self.read_shape(keys.column(&self.setting), depth + 1, out, limit)?;
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
