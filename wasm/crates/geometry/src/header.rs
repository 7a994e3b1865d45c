//! What a payload says before it begins.

use crate::notation::{Notation, Printer, Zeros};
use crate::projection::{Choice, Surface};
use crate::survey::is_sound;
use crate::text::{Coded, Way};

/// The shortest position with what joins it to the next: `[1,2],`.
const SHORTEST_POSITION: usize = 6;
/// Columns are taken only where they are no longer than the text.
const LONGEST_FACTOR: usize = 1;

pub struct Header {
    /// The skeleton, and how many bytes it takes.
    pub text: Coded,
    pub coded: usize,
    /// How many positions have two and how many three dimensions.
    pub counts: [usize; 2],
    /// Those of all axes, for the dimensions that occur.
    pub notations: [Vec<Notation>; 2],
    pub projections: [Option<Choice>; 2],
}

impl Header {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.text.way as u8];
        put_number(self.text.length as u64, &mut bytes);
        if self.text.way == Way::Columns {
            put_number(self.text.rewritten as u64, &mut bytes);
        }
        put_number(self.coded as u64, &mut bytes);
        for group in 0..2 {
            put_number(self.counts[group] as u64, &mut bytes);
            for notation in &self.notations[group] {
                let Notation { printer, count, zeros, bits, shift, offset } = *notation;
                bytes.extend_from_slice(&[printer as u8 | (zeros as u8) << 4, count, bits, shift]);
                put_number(offset, &mut bytes);
            }
            if self.counts[group] > 0 {
                put_projection(&self.projections[group], &mut bytes);
            }
        }
        bytes
    }

    /// Of a payload for `length` bytes, and what follows.
    pub fn read(payload: &[u8], length: usize) -> Option<(Header, &[u8])> {
        let (&way, mut rest) = payload.split_first()?;
        let way = Way::of(way)?;
        let text_length = take_number(&mut rest)? as usize;
        let rewritten = if way == Way::Columns { take_number(&mut rest)? as usize } else { 0 };
        let coded = take_number(&mut rest)? as usize;
        if text_length > 2 * length || rewritten > LONGEST_FACTOR * text_length {
            return None;
        }
        let text = Coded { way, length: text_length, rewritten };
        let mut counts = [0; 2];
        let mut notations = [Vec::new(), Vec::new()];
        let mut projections = [None; 2];
        for (group, dimensions) in [2, 3].into_iter().enumerate() {
            counts[group] = take_number(&mut rest)? as usize;
            if counts[group] > length / SHORTEST_POSITION + 1 {
                return None;
            }
            if counts[group] > 0 {
                for _ in 0..dimensions {
                    notations[group].push(take_notation(&mut rest)?);
                }
                projections[group] = take_projection(&mut rest)?;
            }
        }
        Some((Header { text, coded, counts, notations, projections }, rest))
    }
}

fn take_notation(bytes: &mut &[u8]) -> Option<Notation> {
    let (&[kinds, count, bits, shift], rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    let printer = match kinds & 15 {
        0 => Printer::Decimals,
        1 => Printer::Digits,
        2 => Printer::Shortest,
        3 => Printer::Own,
        _ => return None,
    };
    let zeros = match kinds >> 4 {
        0 => Zeros::Kept,
        1 => Zeros::AllButOne,
        2 => Zeros::Dropped,
        _ => return None,
    };
    let notation = Notation { printer, count, zeros, bits, shift, offset: take_number(bytes)? };
    is_sound(&notation).then_some(notation)
}

/// No projection is an ellipsoid that there is not.
const NO_ELLIPSOID: u8 = 255;

fn put_projection(projection: &Option<Choice>, bytes: &mut Vec<u8>) {
    match projection {
        None => bytes.push(NO_ELLIPSOID),
        Some(Choice { surface: Surface { ellipsoid, scale, meridian }, unit, phases }) => {
            bytes.extend_from_slice(&[*ellipsoid, *scale, *unit]);
            put_number(*meridian as u64, bytes);
            phases.iter().for_each(|&phase| put_number(phase as u64, bytes));
        }
    }
}

fn take_projection(bytes: &mut &[u8]) -> Option<Option<Choice>> {
    let (&ellipsoid, rest) = bytes.split_first()?;
    *bytes = rest;
    if ellipsoid == NO_ELLIPSOID {
        return Some(None);
    }
    let (&[scale, unit], rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    let meridian = u16::try_from(take_number(bytes)?).ok()?;
    let east = u32::try_from(take_number(bytes)?).ok()?;
    let north = u32::try_from(take_number(bytes)?).ok()?;
    let choice = Choice { surface: Surface { ellipsoid, scale, meridian }, unit, phases: [east, north] };
    choice.is_sound().then_some(Some(choice))
}

/// Seven bits a byte, lowest first; the highest bit says that more follow.
fn put_number(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 128 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= ((byte & 127) as u64) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}
