//! Numbers made small enough to be contexts.

/// How many levels there are.
pub const LEVELS: usize = 16;

/// 0 to 3 as they are, then two levels for each doubling.
#[inline(always)]
pub fn level(x: u32) -> usize {
    if x < 4 {
        return x as usize;
    }
    let log = x.ilog2();
    ((2 * log + (x >> (log - 1) & 1)) as usize).min(LEVELS - 1)
}

/// How many levels numbers with signs have.
pub const SIGNED_LEVELS: usize = 2 * LEVELS - 1;

#[inline(always)]
pub fn signed_level(x: i32) -> usize {
    let level = level(x.unsigned_abs());
    if x < 0 {
        LEVELS - 1 - level
    } else {
        LEVELS - 1 + level
    }
}

/// 0 for negative numbers, 1 for zero, 2 for the others.
#[inline(always)]
pub fn sign(x: i32) -> usize {
    (x.signum() + 1) as usize
}
