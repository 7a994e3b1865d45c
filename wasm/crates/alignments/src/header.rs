//! What a decoder must know before the first record.

use crate::record::{length_at, parse};
use abi::Level;
use sequencing::alphabet::weights_of;

/// Quality values are below this, or 255 for "none".
pub const QUALITIES: usize = 128;
/// More values than Illumina's instruments tell apart: those of single molecules, where bases say much of the quality.
const MANY_VALUES: usize = 43;
const LONG_READ: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub level: Level,
    /// A read's bases come before its qualities.
    pub bases_first: bool,
    /// How many bases there are.
    pub bases: usize,
    /// The weight of each quality, 0 for those that do not occur.
    weights: [u8; QUALITIES],
}

impl Header {
    /// The header of a run of records; nothing if it is none.
    pub fn of(bytes: &[u8], level: Level) -> Option<Self> {
        let mut counts = [0u32; QUALITIES];
        let (mut bases, mut records, mut at) = (0, 0, 0);
        while at < bytes.len() {
            let length = length_at(bytes, at)?;
            if let Some(record) = parse(bytes, at..at + length) {
                records += 1;
                bases += record.length;
                let qualities = &bytes[record.qualities];
                if qualities.iter().all(|&value| (value as usize) < QUALITIES) {
                    qualities.iter().for_each(|&value| counts[value as usize] += 1);
                }
            }
            at += length;
        }
        let used = counts.iter().filter(|&&count| count > 0).count();
        Some(Header {
            level,
            bases_first: used > MANY_VALUES || bases > records * LONG_READ,
            bases,
            weights: weights_of(&counts),
        })
    }

    /// The qualities that occur, with their weights.
    pub fn values(&self) -> (Vec<u8>, Vec<u8>) {
        (0..QUALITIES as u8).zip(self.weights).filter(|&(_, weight)| weight > 0).unzip()
    }

    /// A byte of flags, the count of bases in four bytes, then the weights: runs of zeros as a 0 and their length.
    pub fn write(&self, output: &mut Vec<u8>) {
        output.push(self.level as u8 | (self.bases_first as u8) << 2);
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

    /// The header at the start of a payload, and how long it is. `length`: of the records.
    pub fn read(payload: &[u8], length: usize) -> Option<(Self, usize)> {
        let (&[flags, b0, b1, b2, b3], _) = payload.split_first_chunk()?;
        let bases = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
        if flags >> 3 != 0 || bases > length {
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
        let header = Header { level: Level::of(flags & 3)?, bases_first: flags & 4 != 0, bases, weights };
        (at == QUALITIES).then_some((header, from))
    }
}
