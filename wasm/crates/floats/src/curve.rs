//! The logistic distribution as a table.

/// Steps of the table to one scale of the distribution.
const STEPS: usize = 32;
/// Beyond so many scales there is nothing left to tell apart.
const REACH: usize = 24;
const MIDDLE: usize = REACH * STEPS;
const SIZE: usize = 2 * MIDDLE + 2;

/// `1 / (1 + e^(-x / 32))` for `x` from `-MIDDLE` on; each entry is a multiple of 2^-52.
static CURVE: [f64; SIZE] = curve();

const fn curve() -> [f64; SIZE] {
    // e^(-1/32) in 60 fractional bits.
    const STEP: u128 = 1117449839007427528;
    const ONE: u64 = 1 << 52;
    let mut table = [0.0; SIZE];
    let mut power: u128 = 1 << 60;
    let mut x = 0;
    while x <= MIDDLE {
        let upper = (((ONE as u128) << 60) / ((1 << 60) + power)) as u64;
        table[MIDDLE + x] = upper as f64 / ONE as f64;
        table[MIDDLE - x] = (ONE - upper) as f64 / ONE as f64;
        power = (power * STEP) >> 60;
        x += 1;
    }
    table[SIZE - 1] = table[SIZE - 2];
    table
}

/// A logistic distribution around a prediction.
#[derive(Clone, Copy, Default)]
pub struct Curve {
    middle: f64,
    /// Steps of the table to one of the samples' units.
    slope: f64,
}

impl Curve {
    /// `spread`: the mean of the errors' magnitudes, more than 0.
    pub fn new(middle: f64, spread: f64) -> Self {
        // The mean magnitude of the logistic distribution is 2 ln 2 scales.
        Curve { middle, slope: 1.3862943611198906 * STEPS as f64 / spread }
    }

    /// The same for numbers of the other sign.
    pub fn mirrored(self) -> Self {
        Curve { middle: -self.middle, ..self }
    }

    /// The chance of a number below `edge`.
    #[inline(always)]
    pub fn below(&self, edge: f64) -> f64 {
        const MOST: f64 = MIDDLE as f64;
        let x = (edge - self.middle) * self.slope;
        let x = x.max(-MOST).min(MOST) + MOST;
        let at = (x as usize).min(SIZE - 2);
        let (a, b) = (CURVE[at], CURVE[at + 1]);
        a + (b - a) * (x - at as f64)
    }
}

/// Less than this much of a distribution says nothing.
const FAINT: f64 = 1.0 / (1u64 << 40) as f64;

/// The share of `one` in `one + other`, in 16 bits.
#[inline(always)]
pub fn share(one: f64, other: f64) -> u32 {
    let (one, other) = (one.max(0.0) + FAINT, other.max(0.0) + FAINT);
    (one / (one + other) * 65535.0) as u32
}
