//! The logistic domain: `stretch(p) = ln(p / (1 - p))` and its inverse `squash`, by tables made at compile time.
//!
//! Mixing there is Mahoney, "Adaptive weighing of context models for lossless data compression" (2005).

/// Values of the logistic domain lie in `-LIMIT..=LIMIT`, with 8 fractional bits: 11.1 is 1 in 65536.
pub const LIMIT: i32 = 2840;

const SQUASH_SIZE: usize = 2 * LIMIT as usize + 1;
/// Stretch looks at the upper 14 bits of a probability.
const STRETCH_SHIFT: u32 = 2;
const STRETCH_SIZE: usize = 65536 >> STRETCH_SHIFT;

static SQUASH: [u16; SQUASH_SIZE] = squash_table();
static STRETCH: [i16; STRETCH_SIZE] = stretch_table();

/// `65536 / (1 + e^(-x / 256))`, within `1..=65535`.
#[inline(always)]
pub fn squash(x: i32) -> u32 {
    let x = x.clamp(-LIMIT, LIMIT);
    // SAFETY: clamped to the table.
    unsafe { *SQUASH.get_unchecked((x + LIMIT) as usize) as u32 }
}

/// `256 ln(p / (65536 - p))` for `p < 65536`.
#[inline(always)]
pub fn stretch(p: u32) -> i32 {
    STRETCH[(p >> STRETCH_SHIFT) as usize & (STRETCH_SIZE - 1)] as i32
}

const fn squash_table() -> [u16; SQUASH_SIZE] {
    // e^(-1/256) in 60 fractional bits.
    const STEP: u128 = 1148426689630428643;
    let mut table = [0u16; SQUASH_SIZE];
    let mut power: u128 = 1 << 60;
    let mut x = 0;
    while x <= LIMIT as usize {
        let whole = (1 << 60) + power;
        let upper = ((65536u128 << 60) + whole / 2) / whole;
        let upper = if upper > 65535 { 65535 } else { upper as u32 };
        table[LIMIT as usize + x] = upper as u16;
        table[LIMIT as usize - x] = (65536 - upper) as u16;
        power = (power * STEP) >> 60;
        x += 1;
    }
    table
}

const fn stretch_table() -> [i16; STRETCH_SIZE] {
    let squash = squash_table();
    let mut table = [0i16; STRETCH_SIZE];
    let mut x = -LIMIT;
    let mut i = 0;
    while i < STRETCH_SIZE {
        let p = ((i as u32) << STRETCH_SHIFT) + (1 << STRETCH_SHIFT) / 2;
        while x < LIMIT && (squash[(x + LIMIT) as usize] as u32) < p {
            x += 1;
        }
        table[i] = x as i16;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_follow_the_formula() {
        for x in (-LIMIT..=LIMIT).step_by(7) {
            let exact = 65536.0 / (1.0 + (-x as f64 / 256.0).exp());
            assert!((squash(x) as f64 - exact.clamp(1.0, 65535.0)).abs() <= 0.75, "{x}");
        }
        assert_eq!(squash(0), 32768);
        assert_eq!((squash(-99999), squash(99999)), (1, 65535));
    }

    #[test]
    fn stretch_is_the_inverse() {
        for p in (1..65536).step_by(5) {
            let near = 4 + (p as i32).min(65536 - p as i32) / 128;
            assert!((squash(stretch(p as u32)) as i32 - p as i32).abs() <= near, "{p}");
        }
    }
}
