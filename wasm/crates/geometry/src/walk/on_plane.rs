//! Positions that were surveyed on a plane.

use crate::engine::hash;
use crate::notation::Number;
use numbers::coder::Coder;
use super::{length_bits, Given, Walk, OFF, REGULAR, STEP};

impl Walk {
    /// [`Walk::spell`] for positions from a plane: the place there, then what is left of the numbers.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn spell_on_plane<C: Coder>(
        &mut self, coder: &mut C, starts: bool, given: &Given, position: &mut [Number; 3], grid: &mut [i64; 2],
        text: &mut Vec<u8>, ends: &mut [usize; 3],
    ) -> Option<bool> {
        let dimensions = self.notations.len();
        let regular = given.numbers[..dimensions].iter().all(Option::is_some);
        let contexts = self.plain(0, self.regular & 15);
        let regular = self.engine.flag(coder, REGULAR, regular, &contexts, 0);
        self.regular = self.regular << 1 | regular as i64;
        if !regular {
            for axis in 0..dimensions {
                self.spell_literal(coder, given.texts[axis]);
                text.extend_from_slice(&self.literal);
                ends[axis] = text.len();
                position[axis] = self.last(axis);
            }
            *grid = [self.last_place(0), self.last_place(1)];
            return Some(true);
        }
        self.place_on_plane(coder, starts, given, position, grid);
        for axis in 0..dimensions {
            self.notations[axis].write(position[axis], text)?;
            ends[axis] = text.len();
        }
        Some(false)
    }

    fn place_on_plane<C: Coder>(
        &mut self, coder: &mut C, starts: bool, given: &Given, position: &mut [Number; 3], grid: &mut [i64; 2],
    ) {
        let dimensions = self.notations.len();
        let numbers = given.numbers.map(Option::unwrap_or_default);
        let known = match (&self.projection, given.numbers[0]) {
            (Some(projection), Some(_)) => {
                projection.grid([0, 1].map(|axis| self.notations[axis].degrees(numbers[axis].place)))
            }
            _ => [0; 2],
        };
        let mut places = [0; 3];
        for axis in 0..2 {
            if axis == 1 {
                let came = |other: &[Number]| *other == numbers[..dimensions];
                if let Some(index) = self.column(coder, places[0], came) {
                    position[..dimensions].copy_from_slice(self.history.position(index));
                    *grid = self.history.grid(index);
                    return;
                }
            }
            let last = self.last_place(axis);
            let (contexts, choice) = self.step_contexts(axis, starts, &places, 1);
            let step = self.engine.number(coder, STEP + axis, known[axis].wrapping_sub(last), &contexts, choice);
            places[axis] = last.wrapping_add(step);
            grid[axis] = places[axis];
        }
        let near = self.projection.as_ref().map_or([0.0; 2], |projection| projection.degrees(*grid));
        for axis in 0..2 {
            let expected = self.notations[axis].place_near(near[axis]);
            let first = if axis > 0 { self.off[0] } else { 0 };
            let mut contexts = self.plain(axis as i64, self.off[axis]);
            contexts[2] = hash(&[axis as i64, first]);
            contexts[3] = hash(&[axis as i64, length_bits(self.off[axis]), length_bits(first)]);
            let off = numbers[axis].place.wrapping_sub(expected);
            let off = self.engine.number(coder, OFF + axis, off, &contexts, 0);
            self.off[axis] = off;
            position[axis].place = expected.wrapping_add(off);
            let first = if axis > 0 { position[0].error as i64 } else { 0 };
            position[axis].error = self.error(coder, axis, numbers[axis].error, position[axis].place, first);
        }
        if dimensions > 2 {
            position[2] = self.number(coder, 2, numbers[2], starts, position);
        }
    }
}
