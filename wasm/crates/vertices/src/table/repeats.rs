//! Records that are like an earlier one: tables that hold others, and rows that share a key.

use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use std::ops::Range;
use super::fields::REPEAT;

const SLOT_BITS: u32 = 16;
const NONE: u32 = u32::MAX;
/// Shorter fields are too much alike to say which record is meant.
const LEAST_BYTES: usize = 4;
/// An earlier record of which fewer of the last 8 fields came again is given up.
const LEAST_HITS: u32 = 2;

pub struct Repeats {
    /// The latest record with such contents of two fields.
    slots: Vec<u32>,
    /// The record that this one is expected to be like.
    row: Option<usize>,
    /// Which of the last fields asked for were those expected, latest lowest.
    hits: u32,
    /// The same for each column.
    columns: Vec<u32>,
    /// A hash of the last field taken in.
    last: u64,
}

impl Repeats {
    pub fn new() -> Self {
        Repeats { slots: vec![NONE; 1 << SLOT_BITS], row: None, hits: 0, columns: Vec::new(), last: 0 }
    }

    /// Goes on to the next record, behind `past`.
    pub fn begin(&mut self, past: &[u8], width: usize) {
        self.row = self.row.map(|row| row + 1).filter(|row| (row + 1) * width <= past.len());
    }

    /// The field of the expected record, unless that is the one above.
    pub fn field<'a>(&self, past: &'a [u8], width: usize, range: &Range<usize>) -> Option<&'a [u8]> {
        let start = self.row? * width;
        past.get(start + range.start..start + range.end)
    }

    pub fn ask<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, here: &mut [u8], expected: &[u8],
    ) -> bool {
        if self.columns.len() <= index {
            self.columns.resize(index + 1, 0);
        }
        let (f, h, c) = (index as i32, self.hits as i32, self.columns[index] as i32);
        let contexts = fill([
            hash(&[f, h & 15, c & 3]),
            hash(&[h & 0xffff]),
            hash(&[f, c & 0xff]),
            hash(&[h & 0xff, c & 0xff]),
            hash(&[f, h & 0xff]),
            hash(&[(h & 0xffff).count_ones() as i32, c & 1, f]),
            hash(&[f]),
        ]);
        let hit = engine.flag(coder, REPEAT, here == expected, &contexts, (self.hits & 63) as usize);
        self.hits = self.hits << 1 | hit as u32;
        self.columns[index] = self.columns[index] << 1 | hit as u32;
        if hit {
            here.copy_from_slice(expected);
        } else if (self.hits & 255).count_ones() < LEAST_HITS {
            self.row = None;
        }
        hit
    }

    /// Takes in a field of record `row`; `same`: it is as in the record above.
    pub fn add(&mut self, index: usize, field: &[u8], row: usize, same: bool) {
        let blank = field.iter().all(|&byte| byte == b' ' || byte == b'0');
        if same || blank || field.len() < LEAST_BYTES {
            return;
        }
        let sum = field.iter().fold(index as u64, |sum, &byte| {
            (sum ^ byte as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
        });
        let both = (sum ^ self.last.rotate_left(7)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.last = sum;
        let slot = &mut self.slots[(both >> (64 - SLOT_BITS)) as usize];
        if self.row.is_none() && *slot != NONE {
            self.row = Some(*slot as usize);
            self.hits = START_HITS;
        }
        *slot = row as u32;
    }
}

/// What a record just found is taken to have shown.
const START_HITS: u32 = 0b0110_0000;
