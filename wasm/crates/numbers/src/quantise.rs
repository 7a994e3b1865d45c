//! Numbers made coarse, for contexts.

/// About twice the binary logarithm, with the sign.
#[inline(always)]
pub fn fine(value: i64) -> i32 {
    let size = value.unsigned_abs();
    let level = level(size);
    if value < 0 { -level } else { level }
}

/// 0, 1, 2, 3, then two steps for each doubling.
#[inline(always)]
pub fn level(size: u64) -> i32 {
    if size < 4 {
        return size as i32;
    }
    let length = 63 - size.leading_zeros() as i32;
    2 * length + (size >> (length - 1) & 1) as i32
}

/// The number itself while it is small.
#[inline(always)]
pub fn clip(value: i64, limit: i64) -> i32 {
    value.clamp(-limit, limit) as i32
}
