//! Where each base of a read stands on the reference.

use crate::record::Operation;
use crate::reference::{Reference, NOWHERE};

/// A position of the reference that a read covers, in order.
#[derive(Clone, Copy)]
pub struct Column {
    pub place: u32,
    /// The read's base there; `u32::MAX` in a deletion.
    pub base: u32,
}

/// A column without a base of the read.
pub const DELETED: u32 = u32::MAX;

/// Deletions longer than this have no columns of their own.
const LONGEST_DELETION: u32 = 1 << 12;

#[derive(Default)]
pub struct Alignment {
    /// The place on the reference of each base of the read, or [`NOWHERE`].
    pub places: Vec<u32>,
    pub columns: Vec<Column>,
    /// Whether the columns are all that the CIGAR says.
    pub is_whole: bool,
    pub inserted: u32,
    pub deleted: u32,
    /// Bases cut off at either end.
    pub clipped: [u32; 2],
    scratch: Vec<u32>,
}

impl Alignment {
    /// Lays a read of `length` bases out.
    pub fn lay(&mut self, table: &mut Reference, reference: i32, position: i32, operations: &[Operation], length: usize) {
        self.places.clear();
        self.columns.clear();
        (self.inserted, self.deleted, self.clipped) = (0, 0, [0; 2]);
        self.is_whole = true;
        let mut at = position.max(0) as u32;
        table.reserve(length + (LONGEST_DELETION as usize) * operations.len().min(16), operations.len());
        let mut deletions = 0;
        for (index, op) in operations.iter().enumerate() {
            let room = (length - self.places.len()) as u32;
            match op.kind {
                0 | 7 | 8 => {
                    let count = op.length.min(room);
                    self.is_whole &= count == op.length;
                    let first = self.places.len();
                    table.find(reference, at, count, &mut self.places);
                    for base in first..self.places.len() {
                        self.columns.push(Column { place: self.places[base], base: base as u32 });
                    }
                }
                1 | 4 => {
                    let count = op.length.min(room);
                    self.places.resize(self.places.len() + count as usize, NOWHERE);
                    if op.kind == 1 {
                        self.inserted = self.inserted.saturating_add(op.length);
                    } else {
                        self.clipped[(index > 1) as usize] = count;
                    }
                }
                2 => {
                    self.deleted = self.deleted.saturating_add(op.length);
                    deletions += 1;
                    if op.length <= LONGEST_DELETION && (deletions <= 16 || op.length <= 64) {
                        self.scratch.clear();
                        table.find(reference, at, op.length, &mut self.scratch);
                        self.columns.extend(self.scratch.iter().map(|&place| Column { place, base: DELETED }));
                    } else {
                        self.is_whole = false;
                    }
                }
                _ => {}
            }
            if op.takes_reference() {
                at = at.saturating_add(op.length);
            }
        }
        self.is_whole &= self.places.len() == length;
        self.places.resize(length, NOWHERE);
    }
}
