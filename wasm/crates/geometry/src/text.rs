//! The text that is left without its numbers.

use crate::Effort;
use abi::{Fault, Model};
use bwt::Bwt;
use structured::{Columns, Structured};

/// How it is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Way {
    Sorted = 0,
    Structured = 1,
    /// Rewritten as columns, then sorted.
    Columns = 2,
}

impl Way {
    pub fn of(number: u8) -> Option<Way> {
        [Way::Sorted, Way::Structured, Way::Columns].into_iter().find(|way| *way as u8 == number)
    }
}

#[derive(Clone, Copy)]
pub struct Coded {
    pub way: Way,
    /// Bytes of the text.
    pub length: usize,
    /// Bytes of its columns.
    pub rewritten: usize,
}

/// The text of records has so many different words that they are no templates.
const STYLE: u8 = 0;

/// What is asked of each byte: all that helps, since the text is the smaller part of most maps.
const EFFORT: u8 = 0;

pub fn encode(text: &[u8], effort: Effort) -> Result<(Coded, Vec<u8>), Fault> {
    let length = text.len();
    if effort == Effort::High {
        let coded = Coded { way: Way::Structured, length, rewritten: 0 };
        return Ok((coded, Structured::encode(text, &[EFFORT])?));
    }
    let sorted = Bwt::encode(text, &[])?;
    let columns = Columns::encode(text, &[STYLE])?;
    if columns.len() <= length {
        let payload = Bwt::encode(&columns, &[])?;
        if payload.len() < sorted.len() {
            return Ok((Coded { way: Way::Columns, length, rewritten: columns.len() }, payload));
        }
    }
    Ok((Coded { way: Way::Sorted, length, rewritten: 0 }, sorted))
}

pub fn decode(payload: &[u8], text: Coded) -> Result<Vec<u8>, Fault> {
    match text.way {
        Way::Sorted => Bwt::decode(payload, &[], text.length),
        Way::Structured => Structured::decode(payload, &[EFFORT], text.length),
        Way::Columns => Columns::decode(&Bwt::decode(payload, &[], text.rewritten)?, &[], text.length),
    }
}
