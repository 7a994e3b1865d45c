//! All positions so far, and where each of them stood before: borders are shared, and run the other way round there.

use crate::notation::Number;

/// No position.
const NONE: u32 = u32::MAX;
/// Earlier places of a position that are looked at.
const LOOKED_AT: usize = 4;
pub const CANDIDATES: usize = 4;

const STARTS_RUN: u8 = 1;
const IRREGULAR: u8 = 2;

/// Why a position is expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Reason {
    /// It follows in the border that the last ones came from.
    Follows = 0,
    /// It stood behind the last position before.
    Behind = 1,
    /// It stood before the last position before.
    Before = 2,
    /// It began the run.
    Closes = 3,
}

#[derive(Clone, Copy)]
pub struct Candidate {
    pub index: usize,
    pub reason: Reason,
    /// Which way it follows: 1 or -1.
    pub step: isize,
}

pub struct History {
    dimensions: usize,
    numbers: Vec<Number>,
    /// Where the positions are on a plane, if they were surveyed there.
    grids: Vec<[i64; 2]>,
    planar: bool,
    marks: Vec<u8>,
    /// The place before with the same position.
    earlier: Vec<u32>,
    heads: Vec<u32>,
    /// Latest place with the same first number.
    columns: Vec<u32>,
    pub run_start: usize,
}

impl History {
    /// For `count` positions.
    pub fn new(dimensions: usize, planar: bool, count: usize) -> Self {
        let heads = vec![NONE; 1 << (count.max(1).ilog2() + 1).clamp(4, 22)];
        History {
            dimensions,
            numbers: Vec::new(),
            grids: Vec::new(),
            planar,
            marks: Vec::new(),
            earlier: Vec::new(),
            columns: heads.clone(),
            heads,
            run_start: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.marks.len()
    }

    pub fn position(&self, index: usize) -> &[Number] {
        &self.numbers[index * self.dimensions..(index + 1) * self.dimensions]
    }

    /// What steps are measured by: the place on the plane, or that of the number.
    pub fn place(&self, index: usize, axis: usize) -> i64 {
        match self.planar && axis < 2 {
            true => self.grids[index][axis],
            false => self.position(index)[axis].place,
        }
    }

    pub fn grid(&self, index: usize) -> [i64; 2] {
        if self.planar { self.grids[index] } else { [0; 2] }
    }

    /// Appends a position; one that is irregular is not looked for again.
    pub fn push(&mut self, position: &[Number], grid: [i64; 2], starts_run: bool, irregular: bool) {
        let index = self.len();
        if starts_run {
            self.run_start = index;
        }
        self.numbers.extend_from_slice(position);
        if self.planar {
            self.grids.push(grid);
        }
        self.marks.push(if starts_run { STARTS_RUN } else { 0 } | if irregular { IRREGULAR } else { 0 });
        let mut earlier = NONE;
        if !irregular {
            let head = self.head(position);
            earlier = std::mem::replace(&mut self.heads[head], index as u32);
            if earlier != NONE && self.position(earlier as usize) != position {
                earlier = NONE;
            }
            let column = self.column(self.place(index, 0));
            self.columns[column] = index as u32;
        }
        self.earlier.push(earlier);
    }

    fn head(&self, numbers: &[Number]) -> usize {
        let mixed = numbers.iter().fold(0u64, |sum, number| {
            let sum = (sum ^ number.place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
            (sum ^ (number.error as u32 as u64) << 8 ^ number.decimals as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        });
        (mixed >> 32) as usize & (self.heads.len() - 1)
    }

    fn column(&self, place: i64) -> usize {
        ((place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & (self.columns.len() - 1)
    }

    /// The latest position with this first place.
    pub fn in_column(&self, place: i64) -> Option<usize> {
        let index = self.columns[self.column(place)];
        (index != NONE && self.place(index as usize, 0) == place).then_some(index as usize)
    }

    /// Whether the last position stood before.
    pub fn is_known(&self) -> bool {
        self.earlier.last().is_some_and(|&earlier| earlier != NONE)
    }

    /// What may come next, the likeliest first; `follows` is the place after the last hit and its way.
    pub fn candidates(&self, follows: Option<(usize, isize)>, list: &mut [Candidate; CANDIDATES]) -> usize {
        let last = self.len() - 1;
        let mut count = 0;
        if let Some((index, step)) = follows {
            self.offer(Candidate { index, reason: Reason::Follows, step }, list, &mut count);
        }
        let mut place = self.earlier[last];
        for _ in 0..LOOKED_AT {
            if place == NONE {
                break;
            }
            let index = place as usize;
            if index + 1 < last && self.marks[index + 1] & STARTS_RUN == 0 {
                self.offer(Candidate { index: index + 1, reason: Reason::Behind, step: 1 }, list, &mut count);
            }
            if self.marks[index] & STARTS_RUN == 0 {
                self.offer(Candidate { index: index - 1, reason: Reason::Before, step: -1 }, list, &mut count);
            }
            place = self.earlier[index];
        }
        if last >= self.run_start + 2 {
            let index = self.run_start;
            self.offer(Candidate { index, reason: Reason::Closes, step: 1 }, list, &mut count);
        }
        count
    }

    fn offer(&self, candidate: Candidate, list: &mut [Candidate; CANDIDATES], count: &mut usize) {
        let position = self.position(candidate.index);
        let last = self.len() - 1;
        let is_back = last > self.run_start && self.position(last - 1) == position;
        let is_listed = list[..*count].iter().any(|other| self.position(other.index) == position);
        if *count < CANDIDATES && !is_back && !is_listed && self.marks[candidate.index] & IRREGULAR == 0 {
            list[*count] = candidate;
            *count += 1;
        }
    }

    /// The next place on the way of a candidate that came.
    pub fn next(&self, candidate: Candidate) -> Option<(usize, isize)> {
        let next = candidate.index.checked_add_signed(candidate.step)?;
        let border = if candidate.step > 0 { next } else { candidate.index };
        (next < self.len() && self.marks[border] & STARTS_RUN == 0).then_some((next, candidate.step))
    }
}
