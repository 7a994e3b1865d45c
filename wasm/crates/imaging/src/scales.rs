//! Numbers as classes of their magnitude.

use crate::residual::LEVELS;

fn log(v: i32) -> i32 {
    32 - v.unsigned_abs().leading_zeros() as i32
}

/// `0..=2 * limit`: sign and logarithm.
pub fn signed_log(v: i32, limit: i32) -> usize {
    let q = log(v).min(limit);
    (if v < 0 { limit - q } else { limit + q }) as usize
}

/// Three and a half steps to the octave, roughly.
pub fn level_of(energy: i32) -> usize {
    let v = energy as u32 + 1;
    let octave = v.ilog2();
    let fraction = ((v << 2) >> octave) & 3;
    let steps = octave * 3 + [0, 1, 2, 2][fraction as usize];
    (steps as usize).saturating_sub(1).min(LEVELS - 1)
}
