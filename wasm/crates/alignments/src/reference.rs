//! What the reads so far say of the reference: at each position how often each base stood there, and which base the
//! reference has, where a field of mismatches told it.

use std::collections::BTreeMap;

/// Positions of a page.
const PAGE: usize = 256;
/// So many pages are kept; then all are forgotten at once, since sorted reads do not come back.
const MOST_PAGES: usize = 1 << 16;

/// The place of no position.
pub const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy, Default)]
pub struct Cell {
    counts: [u8; 4],
    /// The base of the reference plus one; 0 if it is not known.
    known: u8,
}

/// What a cell expects.
#[derive(Clone, Copy, Default)]
pub struct Expected {
    pub base: u8,
    /// 0: nothing is expected; below [`CONFIDENCES`].
    pub confidence: usize,
}

pub const CONFIDENCES: usize = 128;

impl Cell {
    #[inline(always)]
    pub fn expected(&self) -> Expected {
        let known = self.known;
        let mut weights = self.counts.map(u32::from);
        if known > 0 {
            weights[known as usize - 1] += 2;
        }
        let total: u32 = weights.iter().sum();
        if total == 0 {
            return Expected::default();
        }
        let mut base = 0;
        for other in 1..4 {
            if weights[other] > weights[base] {
                base = other;
            }
        }
        let own = weights[base];
        let rest = total - own;
        let agreement = match known {
            0 => 0,
            known if known as usize == base + 1 => 1,
            _ => 2,
        };
        let own_step = step_of(own).min(7);
        let rest_step = step_of(rest).min(4);
        let confidence = 1 + (agreement * 8 + own_step) * 5 + rest_step;
        Expected { base: base as u8, confidence: confidence.min(CONFIDENCES - 1) }
    }

    /// The bases but `first`, the most seen one first, and how often that was.
    pub fn others(&self, first: u8) -> ([u8; 3], u8) {
        let mut others = [0; 3];
        let mut count = 0;
        for base in (0..4).filter(|&base| base != first) {
            others[count] = base;
            count += 1;
        }
        others.sort_by_key(|&base| (255 - self.counts[base as usize], base));
        (others, self.counts[others[0] as usize])
    }

    /// The base of the reference, where it was told.
    pub fn known(&self) -> Option<u8> {
        self.known.checked_sub(1)
    }

    pub fn tell(&mut self, base: u8) {
        self.known = base + 1;
    }

    #[inline(always)]
    pub fn count(&mut self, base: u8) {
        let count = &mut self.counts[base as usize & 3];
        *count += 1;
        if *count == 255 {
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
    }
}

fn step_of(count: u32) -> usize {
    match count {
        0..=3 => count as usize,
        4..=6 => 4,
        7..=14 => 5,
        15..=40 => 6,
        _ => 7,
    }
}

#[derive(Default)]
pub struct Reference {
    cells: Vec<Cell>,
    pages: BTreeMap<(i32, u32), u32>,
}

impl Reference {
    /// Makes room for `pages` more pages, so that places stay valid as long as no more are asked for.
    pub fn reserve(&mut self, positions: usize, runs: usize) {
        let pages = positions / PAGE + 2 * runs;
        if self.pages.len() + pages > MOST_PAGES {
            self.pages.clear();
            self.cells.clear();
        }
    }

    /// Appends the places of the positions `start..start + length` of a reference.
    pub fn find(&mut self, reference: i32, start: u32, length: u32, places: &mut Vec<u32>) {
        let end = start as u64 + length as u64;
        let mut at = start as u64;
        while at < end {
            let page = (at / PAGE as u64) as u32;
            let next = (at / PAGE as u64 + 1) * PAGE as u64;
            let fresh = self.cells.len() as u32;
            let first = *self.pages.entry((reference, page)).or_insert(fresh);
            if first == fresh {
                self.cells.resize(self.cells.len() + PAGE, Cell::default());
            }
            let inner = (at % PAGE as u64) as u32;
            places.extend((inner..inner + (next.min(end) - at) as u32).map(|inner| first + inner));
            at = next;
        }
    }

    #[inline(always)]
    pub fn cell(&self, place: u32) -> Cell {
        self.cells.get(place as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    pub fn cell_mut(&mut self, place: u32) -> Option<&mut Cell> {
        self.cells.get_mut(place as usize)
    }
}
