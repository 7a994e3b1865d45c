//! What a decoder must know before the first item.

use crate::alphabet::weights_of;
use crate::layout::{has_carriage_returns, Item, Items};
use abi::Level;

/// The character of quality 0.
pub const QUALITY_BASE: u8 = 33;
/// Quality characters are 33 to 126.
pub const QUALITIES: usize = 94;
/// Letters that the four bases may have.
const ALPHABETS: [[u8; 4]; 4] = [*b"ACGT", *b"ACGU", *b"acgt", *b"0123"];
/// More values than Illumina's instruments tell apart: those of single molecules, where bases say much of the quality.
const MANY_VALUES: usize = 43;
const LONG_READ: usize = 1000;

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
    /// The weight of each quality, 0 for those that do not occur.
    weights: [u8; QUALITIES],
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
        let used = counts.iter().filter(|&&count| count > 0).count();
        Header {
            level,
            carriage_returns,
            bases_first: used > MANY_VALUES || bases > records * LONG_READ,
            alphabet: (0..ALPHABETS.len()).rev().max_by_key(weight).unwrap_or(0),
            bases,
            weights: weights_of(counts),
        }
    }

    pub fn letters(&self) -> [u8; 4] {
        ALPHABETS[self.alphabet]
    }

    /// The qualities that occur, from 0 on, with their weights.
    pub fn values(&self) -> (Vec<u8>, Vec<u8>) {
        (0..QUALITIES as u8).zip(self.weights).filter(|&(_, weight)| weight > 0).unzip()
    }

    /// A byte of flags, the count of bases in four bytes, then the weights: runs of zeros as a 0 and their length.
    pub fn write(&self, output: &mut Vec<u8>) {
        let flags = (self.level as usize) | self.alphabet << 2;
        output.push(flags as u8 | (self.carriage_returns as u8) << 4 | (self.bases_first as u8) << 5);
        output.extend_from_slice(&(self.bases as u32).to_le_bytes());
        let mut at = 0;
        while at < QUALITIES {
            let zeros = self.weights[at..].iter().take_while(|&&weight| weight == 0).count();
            if zeros > 0 {
                output.extend_from_slice(&[0, zeros as u8]);
            } else {
                output.push(self.weights[at]);
            }
            at += zeros.max(1);
        }
    }

    /// The header at the start of a payload, and how long it is. `length`: of the text.
    pub fn read(payload: &[u8], length: usize) -> Option<(Self, usize)> {
        let (&[flags, b0, b1, b2, b3], _) = payload.split_first_chunk()?;
        let bases = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
        if flags >> 6 != 0 || bases > length {
            return None;
        }
        let mut weights = [0; QUALITIES];
        let (mut at, mut from) = (0, 5);
        while at < QUALITIES {
            let weight = *payload.get(from)?;
            from += 1;
            if weight > 0 {
                weights[at] = weight;
                at += 1;
            } else {
                at += (*payload.get(from)? as usize).max(1);
                from += 1;
            }
        }
        let header = Header {
            level: Level::of(flags & 3)?,
            carriage_returns: flags & 16 != 0,
            bases_first: flags & 32 != 0,
            alphabet: (flags >> 2 & 3) as usize,
            bases,
            weights,
        };
        (at == QUALITIES).then_some((header, from))
    }
}
