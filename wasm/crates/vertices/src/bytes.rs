//! Bytes whose meaning is not known.

use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use std::ops::Range;

/// Codes a stretch of `bytes`, likely in rows of `row`.
pub fn code_bytes<C: Coder, const N: usize, const I: usize>(
    engine: &mut Engine<N, I>, coder: &mut C, field: usize, bytes: &mut [u8], range: Range<usize>, row: usize,
) {
    let start = range.start;
    for at in range {
        let back = |count: usize| if at >= start + count { bytes[at - count] as i32 } else { -1 };
        let (place, r) = (((at - start) % row) as i32, row as i32);
        let contexts = fill([
            hash(&[r, place, back(row)]),
            hash(&[r, back(1), back(2)]),
            hash(&[r, place, back(1), back(2 * row)]),
            hash(&[r, place, back(row), back(2 * row)]),
            hash(&[back(1), back(2), back(3)]),
            hash(&[r, place, back(1), back(row)]),
            hash(&[r, place]),
        ]);
        bytes[at] = engine.symbol(coder, field, bytes[at], &contexts, place as usize);
    }
}
