//! Probabilities with counts: quick at first, then slower, each the mean of what was seen until its count reaches a limit.
//!
//! An entry has 22 bits of probability above 10 bits of count.

const COUNT_BITS: u32 = 10;
/// The bits of an entry that are its count, and the largest count.
pub const COUNT_MASK: u32 = (1 << COUNT_BITS) - 1;
/// An even chance of which nothing was seen.
pub const EVEN: u32 = 1 << 31;

/// `65536 / (n + 1.5)`: the step after `n` observations.
static STEPS: [u16; 1 << COUNT_BITS] = steps();

const fn steps() -> [u16; 1 << COUNT_BITS] {
    let mut table = [0; 1 << COUNT_BITS];
    let mut n = 0;
    while n < table.len() {
        table[n] = (2 * 65536 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
}

/// The entry after a bit; a step is never smaller than that of `limit` observations, [`COUNT_MASK`] at most.
#[inline(always)]
pub fn learnt(entry: u32, bit: u32, limit: u32) -> u32 {
    let count = entry & COUNT_MASK;
    let target = 0u32.wrapping_sub(bit & 1);
    let error = target as i64 - entry as i64;
    let moved = (entry as i64 + (error * STEPS[count as usize] as i64 >> 16)) as u32;
    moved & !COUNT_MASK | (count + (count < limit) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_mean_of_what_was_seen_and_then_an_average_that_forgets() {
        let share = |entry: u32| entry as f64 / (1u64 << 32) as f64;
        let entry = (0..400).fold(EVEN, |entry, i| learnt(entry, (i % 4 == 0) as u32, COUNT_MASK));
        assert_eq!(entry & COUNT_MASK, 400);
        assert!((share(entry) - 0.25).abs() < 0.01, "{}", share(entry));
        let slow = (0..40).fold(entry, |entry, _| learnt(entry, 1, COUNT_MASK));
        let quick = (0..40).fold(entry & !COUNT_MASK | 30, |entry, _| learnt(entry, 1, 30));
        assert_eq!(quick & COUNT_MASK, 30);
        assert!(share(slow) < 0.35 && share(quick) > 0.75, "{} {}", share(slow), share(quick));
    }
}
