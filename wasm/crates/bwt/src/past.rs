//! What the coders of runs remember of the runs before: how far in front their bytes stood, and how long they were.

/// Bytes that count as being in front.
pub const FRONT: usize = 6;
/// How far in front a byte was found, by its place there; [`BEHIND`] for all others.
pub const CLASSES: [u8; FRONT] = [0, 0, 1, 2, 2, 2];
pub const BEHIND: u8 = 3;
/// Lengths lie below `1 << MAX_EXPONENT`.
pub const MAX_EXPONENT: usize = 24;
/// The place of a length's highest bit is remembered up to here: exponents above are alike as contexts.
pub const FAR: usize = 15;

/// How far in front the last bytes were found, two bits each, newest lowest.
pub struct Distances {
    pub all: usize,
    /// Of the bytes behind each byte.
    pub behind: [u8; 256],
}

impl Distances {
    pub fn new() -> Self {
        Distances { all: 0, behind: [0; 256] }
    }

    /// A byte behind `last` was found at a distance of the class, one of [`CLASSES`] or [`BEHIND`].
    #[inline(always)]
    pub fn learn(&mut self, last: u8, class: u8) {
        self.all = self.all << 2 | class as usize;
        self.behind[last as usize] = self.behind[last as usize] << 2 | class;
    }
}

/// How long runs were.
pub struct Lengths {
    /// Exponents of the last lengths, four bits each, newest lowest.
    pub exponents: usize,
    /// The same of each byte.
    pub exponents_of: [usize; 256],
    /// A running mean of the logarithm of each byte's lengths, in 1/512.
    pub mean_of: [i32; 256],
}

impl Lengths {
    pub fn new() -> Self {
        Lengths { exponents: 0, exponents_of: [0; 256], mean_of: [0; 256] }
    }

    /// A run of `byte` had the length, whose exponent is given.
    #[inline(always)]
    pub fn learn(&mut self, byte: usize, exponent: usize, length: u32) {
        self.exponents = self.exponents << 4 | exponent.min(FAR);
        self.exponents_of[byte] = self.exponents_of[byte] << 4 | exponent.min(FAR);
        let logarithm = (exponent << 9 | (length as usize) << 9 >> exponent & 511) as i32;
        self.mean_of[byte] += (logarithm - self.mean_of[byte]) / 4;
    }
}
