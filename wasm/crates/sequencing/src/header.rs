//! What a decoder must know before the first item.

use crate::layout::{has_carriage_returns, Item, Items};
use crate::opening::{bases_come_first, Opening, Weights};
use abi::Level;

/// The character of quality 0.
pub const QUALITY_BASE: u8 = 33;
/// Quality characters are 33 to 126.
pub const QUALITIES: usize = 94;
/// Letters that the four bases may have.
const ALPHABETS: [[u8; 4]; 4] = [*b"ACGT", *b"ACGU", *b"acgt", *b"0123"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub level: Level,
    /// Lines of records end in CR LF.
    pub carriage_returns: bool,
    /// A read's bases come before its qualities.
    pub bases_first: bool,
    alphabet: usize,
    /// How many bases there are in records.
    pub bases: usize,
    weights: Weights<QUALITIES>,
}

impl Header {
    pub fn of(text: &[u8], level: Level) -> Self {
        let carriage_returns = has_carriage_returns(text);
        let mut letters = [0u32; 256];
        let mut counts = [0u32; 256];
        let (mut bases, mut records) = (0, 0);
        for item in Items::new(text, carriage_returns) {
            let Item::Record(record) = item else { continue };
            records += 1;
            bases += record.bases.len();
            text[record.bases].iter().for_each(|&letter| letters[letter as usize] += 1);
            text[record.qualities].iter().for_each(|&value| counts[value as usize] += 1);
        }
        let counts = &counts[QUALITY_BASE as usize..QUALITY_BASE as usize + QUALITIES];
        let weight = |alphabet: &usize| ALPHABETS[*alphabet].iter().map(|&letter| letters[letter as usize]).sum::<u32>();
        Header {
            level,
            carriage_returns,
            bases_first: bases_come_first(counts, bases, records),
            alphabet: (0..ALPHABETS.len()).rev().max_by_key(weight).unwrap_or(0),
            bases,
            weights: Weights::of(counts),
        }
    }

    pub fn letters(&self) -> [u8; 4] {
        ALPHABETS[self.alphabet]
    }

    /// The qualities that occur, from 0 on, with their weights.
    pub fn values(&self) -> (Vec<u8>, Vec<u8>) {
        self.weights.values()
    }

    pub fn write(&self, output: &mut Vec<u8>) {
        let flags = self.level as u8
            | (self.alphabet as u8) << 2
            | (self.carriage_returns as u8) << 4
            | (self.bases_first as u8) << 5;
        Opening { flags, bases: self.bases, weights: self.weights.clone() }.write(output);
    }

    /// The header at the start of a payload, and how long it is. `length`: of the text.
    pub fn read(payload: &[u8], length: usize) -> Option<(Self, usize)> {
        let (Opening { flags, bases, weights }, end) = Opening::read(payload, length)?;
        if flags >> 6 != 0 {
            return None;
        }
        let header = Header {
            level: Level::of(flags & 3)?,
            carriage_returns: flags & 16 != 0,
            bases_first: flags & 32 != 0,
            alphabet: (flags >> 2 & 3) as usize,
            bases,
            weights,
        };
        Some((header, end))
    }
}
