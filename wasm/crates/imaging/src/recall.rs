//! The values last seen behind groups of neighbours.

use crate::residual::RECALLED;

/// `R` tables of values and how often in a row each was right.
pub struct Recall<const R: usize> {
    tables: Vec<Vec<(u16, u16)>>,
    bits: u32,
}

/// The place of each group of neighbours in its table.
pub type Places<const R: usize> = [usize; R];

impl<const R: usize> Recall<R> {
    pub fn new(bits: u32) -> Self {
        Recall { tables: vec![vec![(0, 0); 1 << bits]; R.min(RECALLED)], bits }
    }

    #[inline(always)]
    pub fn places(&self, hashes: &[u32]) -> Places<R> {
        std::array::from_fn(|i| (hashes[i.min(RECALLED - 1)] >> (32 - self.bits)) as usize)
    }

    /// What table `i` says: a value, and how often it was right (0: it says nothing).
    #[inline(always)]
    pub fn get(&self, i: usize, places: &Places<R>) -> (i32, u32) {
        let (value, count) = self.tables[i][places[i]];
        (value as i32, count as u32)
    }

    #[inline(always)]
    pub fn learn(&mut self, places: &Places<R>, value: i32) {
        for (table, &place) in self.tables.iter_mut().zip(places) {
            let (last, count) = &mut table[place];
            if *last as i32 == value && *count > 0 {
                *count = (*count + 1).min(255);
            } else {
                (*last, *count) = (value as u16, 1);
            }
        }
    }
}
