//! What foretells the next step.

use super::{length_bits, Walk};
use crate::engine::{hash, Contexts, CHOICES};

impl Walk {
    /// The contexts of the step along an axis, and the choice of weights; `known` has the places of the axes before.
    pub(super) fn step_contexts(&self, axis: usize, starts: bool, known: &[i64; 3], unit: i64) -> (Contexts, usize) {
        let [last, before] = &self.steps;
        let state = starts as i64 | ((unit > 1) as i64 * length_bits(unit)) << 1;
        let border = self.history.is_known() as i64;
        let scale = self.scale >> 4;
        let other = 1 - axis.min(1);
        if axis == 0 {
            let contexts = [
                hash(&[state, shape(last[0], 2), shape(last[1], 1)]),
                hash(&[state, shape(last[0], 2), shape(before[0], 2)]),
                hash(&[state, self.scale >> 2]),
                hash(&[state, shape(last[0], 1), shape(last[1], 1), shape(before[0], 1), shape(before[1], 1)]),
                hash(&[state]),
                hash(&[state, last[0], last[1]]),
                hash(&[state, border, self.outcomes & 3, scale]),
                hash(&[state, shape(last[0], 0), shape(last[1], 0), scale]),
            ];
            return (contexts, scale.clamp(0, CHOICES as i64 - 1) as usize);
        }
        let step = known[0].wrapping_sub(self.last_place(0));
        let expected = if last[0] == 0 { 0 } else { (last[axis] as i128 * step as i128 / last[0] as i128) as i64 };
        let more = if axis > 1 { known[1].wrapping_sub(self.last_place(1)) } else { 0 };
        let contexts = [
            hash(&[state, shape(step, 2), shape(last[axis], 1)]),
            hash(&[state, shape(step, 1), shape(expected, 2)]),
            hash(&[state, self.scale >> 2, length_bits(step)]),
            hash(&[state, shape(step, 1), shape(last[0], 1), shape(last[axis], 1)]),
            hash(&[state, shape(step, 3), more.signum()]),
            hash(&[state, step, last[other], last[axis]]),
            hash(&[state, border, self.outcomes & 3, length_bits(step)]),
            hash(&[state, shape(step, 0), shape(more, 0), shape(last[axis], 2)]),
        ];
        (contexts, length_bits(step).clamp(0, CHOICES as i64 - 1) as usize)
    }
}

/// Sign, length and so many bits below the highest.
fn shape(value: i64, bits: u32) -> i64 {
    let size = value.unsigned_abs();
    let length = 64 - size.leading_zeros();
    let top = if length > bits { size >> (length - 1 - bits.min(length - 1)) } else { size };
    (length as i64) << 10 | (top as i64) << 1 | (value < 0) as i64
}
