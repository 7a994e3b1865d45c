//! What a decoder must know before the first record.

use crate::record::{length_at, parse};
use abi::Level;
use sequencing::opening::{bases_come_first, Opening, Weights};

/// Quality values are below this, or 255 for "none".
pub const QUALITIES: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub level: Level,
    /// A read's bases come before its qualities.
    pub bases_first: bool,
    /// How many bases there are.
    pub bases: usize,
    weights: Weights<QUALITIES>,
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
        Some(Header {
            level,
            bases_first: bases_come_first(&counts, bases, records),
            bases,
            weights: Weights::of(&counts),
        })
    }

    /// The qualities that occur, with their weights.
    pub fn values(&self) -> (Vec<u8>, Vec<u8>) {
        self.weights.values()
    }

    pub fn write(&self, output: &mut Vec<u8>) {
        let flags = self.level as u8 | (self.bases_first as u8) << 2;
        Opening { flags, bases: self.bases, weights: self.weights.clone() }.write(output);
    }

    /// The header at the start of a payload, and how long it is. `length`: of the records.
    pub fn read(payload: &[u8], length: usize) -> Option<(Self, usize)> {
        let (Opening { flags, bases, weights }, end) = Opening::read(payload, length)?;
        if flags >> 3 != 0 {
            return None;
        }
        Some((Header { level: Level::of(flags & 3)?, bases_first: flags & 4 != 0, bases, weights }, end))
    }
}
