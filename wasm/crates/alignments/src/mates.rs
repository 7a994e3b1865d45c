//! Reads whose mates are still to come.

use crate::fields::Placed;
use crate::record::Fixed;
use std::collections::BTreeMap;

/// Reads that expect their mates at one place and are still looked at; the latest ones.
const MOST_AT_A_PLACE: usize = 64;
/// Values of fields that are remembered for mates.
const MOST_VALUES: usize = 1 << 22;

/// A read that was coded.
#[derive(Clone)]
pub struct Pending {
    pub fixed: Fixed,
    /// Where its name stands in the output.
    pub name: core::ops::Range<usize>,
    first_value: u32,
    values: u32,
}

#[derive(Default)]
pub struct Mates {
    reads: Vec<Pending>,
    waiting: BTreeMap<(i32, i32), Vec<u32>>,
    values: Vec<Placed>,
}

impl Mates {
    /// Reads that expect their mates at a place, the latest one first.
    pub fn at(&self, reference: i32, position: i32) -> impl Iterator<Item = &Pending> {
        let waiting = self.waiting.get(&(reference, position)).map_or(&[][..], |list| list);
        waiting.iter().rev().take(MOST_AT_A_PLACE).map(|&read| &self.reads[read as usize])
    }

    /// Takes the `index`th of them out.
    pub fn take(&mut self, reference: i32, position: i32, index: usize) -> Option<Pending> {
        let list = self.waiting.get_mut(&(reference, position))?;
        let at = list.len().checked_sub(index + 1)?;
        let read = list.remove(at);
        if list.is_empty() {
            self.waiting.remove(&(reference, position));
        }
        Some(self.reads[read as usize].clone())
    }

    pub fn values(&self, read: &Pending) -> &[Placed] {
        &self.values[read.first_value as usize..][..read.values as usize]
    }

    /// Remembers a read whose mate has not come.
    pub fn wait(&mut self, fixed: Fixed, name: core::ops::Range<usize>, placed: &[Placed]) {
        let placed = if self.values.len() + placed.len() <= MOST_VALUES { placed } else { &[] };
        let first_value = self.values.len() as u32;
        self.values.extend_from_slice(placed);
        self.waiting.entry((fixed.mate_reference, fixed.mate_position)).or_default().push(self.reads.len() as u32);
        self.reads.push(Pending { fixed, name, first_value, values: placed.len() as u32 });
    }
}
