//! The walk along positions: each is one that stood before, or differs from the last by what the steps before foretell.

mod on_plane;
mod spelling;
mod steps;

use crate::engine::{hash, Contexts, Engine};
use crate::history::{Candidate, History, Reason, CANDIDATES};
use crate::notation::{Notation, Number};
use crate::projection::{Choice, Projection};
use numbers::coder::Coder;

const MORE: usize = 0;
const HIT: usize = 1;
const COLUMN: usize = 2;
const REGULAR: usize = 3;
const STEP: usize = 4;
const ERROR: usize = 7;
const DECIMALS: usize = 10;
const LITERAL: usize = 13;
const OFF: usize = 14;
const FIELDS: usize = 16;

/// What an encoder knows of a position.
pub struct Given<'a> {
    /// Nothing for what the notation does not give back.
    pub numbers: [Option<Number>; 3],
    pub texts: [&'a [u8]; 3],
}

impl Given<'_> {
    pub const NOTHING: Given<'static> = Given { numbers: [None; 3], texts: [&[]; 3] };
}

/// Positions of as many dimensions as there are notations.
pub struct Walk {
    notations: Vec<Notation>,
    engine: Engine,
    history: History,
    follows: Option<(usize, isize)>,
    /// Hits in a row, and for the latest candidates, latest lowest: whether they came.
    hits: i64,
    outcomes: i64,
    columns: i64,
    /// The last two steps, by axis.
    steps: [[i64; 3]; 2],
    /// The mean bit length of steps, times 16.
    scale: i64,
    regular: i64,
    literal: Vec<u8>,
    /// The way from the plane on which the positions were surveyed.
    projection: Option<Projection>,
    /// How far from the lattice the last position was, by axis.
    off: [i64; 2],
}

impl Walk {
    /// For `count` positions.
    pub fn new(notations: Vec<Notation>, choice: Option<Choice>, count: usize) -> Self {
        Walk {
            engine: Engine::new(FIELDS, count * notations.len()),
            history: History::new(notations.len(), choice.is_some(), count),
            projection: choice.map(Projection::new),
            off: [0; 2],
            notations,
            follows: None,
            hits: 0,
            outcomes: 0,
            columns: 0,
            steps: [[0; 3]; 2],
            scale: 0,
            regular: 0,
            literal: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether the run goes on.
    pub fn more<C: Coder>(&mut self, coder: &mut C, more: bool) -> bool {
        let last = self.history.len() - 1;
        let start = self.history.run_start;
        let length = (last + 1 - start) as i64;
        let closed = (length > 2 && self.history.position(last) == self.history.position(start)) as i64;
        let size = length_bits(length);
        let contexts = [
            hash(&[closed]),
            hash(&[closed, size]),
            hash(&[closed, length]),
            hash(&[closed, self.hits.min(3), size]),
            hash(&[closed, self.outcomes & 7]),
            hash(&[closed, self.scale >> 4]),
            hash(&[closed, self.follows.is_some() as i64, self.history.is_known() as i64]),
            0,
        ];
        self.engine.flag(coder, MORE, more, &contexts, (closed * 16 + size.min(15)) as usize)
    }

    /// Codes the next position, the first of a run if `starts`; appends its texts and notes their ends.
    pub fn position<C: Coder>(
        &mut self, coder: &mut C, starts: bool, given: &Given, text: &mut Vec<u8>, ends: &mut [usize; 3],
    ) -> Option<()> {
        let dimensions = self.notations.len();
        let mut position = [Number::default(); 3];
        let hit = if starts { None } else { self.hit(coder, given) };
        let mut irregular = false;
        let mut grid = [0; 2];
        if let Some(candidate) = hit {
            grid = self.history.grid(candidate.index);
            position[..dimensions].copy_from_slice(self.history.position(candidate.index));
            self.follows = if candidate.reason == Reason::Closes { None } else { self.history.next(candidate) };
            self.hits += 1;
            for axis in 0..dimensions {
                self.notations[axis].write(position[axis], text)?;
                ends[axis] = text.len();
            }
        } else {
            self.follows = None;
            self.hits = 0;
            irregular = match self.projection.is_some() {
                true => self.spell_on_plane(coder, starts, given, &mut position, &mut grid, text, ends)?,
                false => self.spell(coder, starts, given, &mut position, text, ends)?,
            };
        }
        self.note(&position, grid, starts, irregular);
        Some(())
    }

    fn note(&mut self, position: &[Number; 3], grid: [i64; 2], starts: bool, irregular: bool) {
        let dimensions = self.notations.len();
        let (last, before) = (self.history.len(), self.history.run_start);
        self.history.push(&position[..dimensions], grid, starts, irregular);
        // Lone positions are steps apart, runs are not.
        if last == 0 || (starts && before + 1 != last) {
            return;
        }
        let mut steps = [0; 3];
        for (axis, step) in steps[..dimensions].iter_mut().enumerate() {
            *step = self.history.place(last, axis).wrapping_sub(self.history.place(last - 1, axis));
        }
        let size = (length_bits(steps[0]) + length_bits(steps[1])) * 8;
        self.scale += (size - self.scale) / 4;
        self.steps = [steps, self.steps[0]];
    }

    /// Codes which of the positions that may come does.
    fn hit<C: Coder>(&mut self, coder: &mut C, given: &Given) -> Option<Candidate> {
        let mut list = [Candidate { index: 0, reason: Reason::Closes, step: 1 }; CANDIDATES];
        let count = self.history.candidates(self.follows, &mut list);
        let dimensions = self.notations.len();
        let last = self.history.len() - 1;
        for (rank, candidate) in list[..count].iter().enumerate() {
            let position = self.history.position(candidate.index);
            let came = position.iter().zip(&given.numbers[..dimensions]).all(|(number, given)| Some(*number) == *given);
            let far = |axis: usize| {
                length_bits(self.history.place(candidate.index, axis).wrapping_sub(self.history.place(last, axis)))
            };
            let (reason, rank) = (candidate.reason as i64, rank as i64);
            let distance = far(0).max(far(1)) - (self.scale >> 4);
            let run = length_bits((last - self.history.run_start) as i64);
            let hits = self.hits.min(20);
            let contexts = [
                hash(&[reason, rank, hits]),
                hash(&[reason, rank, distance]),
                hash(&[reason, self.outcomes & 0xff]),
                hash(&[reason, rank, distance, run]),
                hash(&[reason, hits.min(3), distance, count as i64]),
                hash(&[reason, rank, count as i64, self.outcomes & 7]),
                hash(&[reason, run, hits.min(3)]),
                hash(&[reason, rank, length_bits(self.hits), self.outcomes & 15]),
            ];
            let choice = (reason * 16 + rank * 4 + hits.min(3)) as usize;
            let came = self.engine.flag(coder, HIT, came, &contexts, choice);
            if candidate.reason != Reason::Closes {
                self.outcomes = self.outcomes << 1 | came as i64;
            }
            if came {
                return Some(*candidate);
            }
        }
        None
    }

    fn last_place(&self, axis: usize) -> i64 {
        match self.history.len() {
            0 => 0,
            count => self.history.place(count - 1, axis),
        }
    }

    fn plain(&self, axis: i64, context: i64) -> Contexts {
        let mut contexts = [0; 8];
        contexts[0] = hash(&[axis]);
        contexts[1] = hash(&[axis, context]);
        contexts
    }

    fn last(&self, axis: usize) -> Number {
        match self.history.len() {
            0 => Number::default(),
            count => self.history.position(count - 1)[axis],
        }
    }

    /// Codes whether the position is the latest one with this first place; gives where that stood.
    fn column<C: Coder>(&mut self, coder: &mut C, first: i64, came: impl Fn(&[Number]) -> bool) -> Option<usize> {
        let index = self.history.in_column(first)?;
        let came = came(self.history.position(index));
        let far = self.history.place(index, 1).wrapping_sub(self.last_place(1));
        let distance = length_bits(far) - (self.scale >> 4);
        let contexts = [
            hash(&[distance]),
            hash(&[self.columns & 15]),
            hash(&[distance, self.columns & 3]),
            hash(&[self.outcomes & 3, distance]),
            0,
            0,
            0,
            0,
        ];
        let came = self.engine.flag(coder, COLUMN, came, &contexts, (self.columns & 3) as usize);
        self.columns = self.columns << 1 | came as i64;
        came.then_some(index)
    }
}

fn length_bits(value: i64) -> i64 {
    64 - value.unsigned_abs().leading_zeros() as i64
}
