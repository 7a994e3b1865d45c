//! The logistic distribution as a table: how likely a decision is if a prediction errs that way.

/// Steps of the table to one scale of the distribution.
const STEPS: i32 = 32;
/// Beyond so many scales there is nothing left to tell apart.
const REACH: i32 = 24;
const SIZE: usize = (2 * REACH * STEPS) as usize + 2;
const ONE: u64 = 1 << 46;

/// `2^46 / (1 + e^(-x / 32))` for `x` from `-REACH * STEPS` on.
static CURVE: [u64; SIZE] = curve();

const fn curve() -> [u64; SIZE] {
    // e^(-1/32) in 60 fractional bits.
    const STEP: u128 = 1117449839007427528;
    let mut table = [0; SIZE];
    let mut power: u128 = 1 << 60;
    let middle = (REACH * STEPS) as usize;
    let mut x = 0;
    while x <= middle {
        let upper = (((ONE as u128) << 60) / ((1 << 60) + power)) as u64;
        table[middle + x] = upper;
        table[middle - x] = ONE - upper;
        power = (power * STEP) >> 60;
        x += 1;
    }
    table[SIZE - 1] = table[SIZE - 2];
    table
}

/// A logistic distribution around a prediction.
#[derive(Clone, Copy, Default)]
pub struct Curve {
    middle: f32,
    /// Steps of the table to one of the samples' units.
    slope: f32,
}

impl Curve {
    /// `spread`: the mean of the errors' magnitudes, more than 0.
    pub fn new(middle: f32, spread: f32) -> Self {
        // The mean magnitude of the logistic distribution is 2 ln 2 scales.
        Curve { middle, slope: 1.3862944 * STEPS as f32 / spread }
    }

    /// The chance of a number below `edge - 1/2`.
    #[inline(always)]
    pub fn below(&self, edge: i32) -> u64 {
        const MOST: f32 = (REACH * STEPS) as f32;
        let x = ((edge as f32 - 0.5) - self.middle) * self.slope;
        let x = x.max(-MOST).min(MOST) + MOST;
        let at = x as usize;
        let fraction = ((x - at as f32) * 256.0) as u64;
        // SAFETY: clamped to the table, the last entry of which is there twice.
        let (a, b) = unsafe { (*CURVE.get_unchecked(at), *CURVE.get_unchecked(at + 1)) };
        a + ((b - a) * fraction >> 8)
    }
}

/// The share of `one` in `one + other`, in 16 bits.
#[inline(always)]
pub fn share(one: u64, other: u64) -> u32 {
    let (one, other) = (one as f32 + 1024.0, other as f32 + 1024.0);
    (one / (one + other) * 65536.0) as u32
}
