//! What a number is likely to be: the one before in the same place and its last step, or another number nearby and the
//! same distance from it.

/// The longest number that is predicted.
pub const DIGITS: usize = 18;

/// A number as it was written.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Written {
    pub value: u64,
    pub length: u8,
    pub hexadecimal: bool,
    pub upper: bool,
}

/// Digits that are expected.
#[derive(Clone, Copy, Default)]
pub struct Expectation {
    digits: [u8; DIGITS],
    length: u8,
    /// How many of them came; beyond the length once one did not.
    came: u8,
    pub trust: u8,
}

const LOST: u8 = u8::MAX;

impl Expectation {
    pub fn none() -> Self {
        Expectation { came: LOST, ..Expectation::default() }
    }

    /// Expects `value`, written as `like` is.
    pub fn of(value: u64, like: Written, padded: bool, trust: u8) -> Self {
        let mut reversed = [b'0'; DIGITS];
        let mut rest = value;
        let mut length = 0;
        let base = if like.hexadecimal { 16 } else { 10 };
        while length < DIGITS && (rest > 0 || length == 0) {
            let digit = (rest % base) as u8;
            reversed[length] = match digit {
                0..=9 => b'0' + digit,
                _ if like.upper => b'A' + digit - 10,
                _ => b'a' + digit - 10,
            };
            rest /= base;
            length += 1;
        }
        if rest > 0 {
            return Expectation::none();
        }
        if padded {
            length = length.max(like.length as usize).min(DIGITS);
        }
        let mut digits = [0; DIGITS];
        for (place, digit) in digits[..length].iter_mut().zip(reversed[..length].iter().rev()) {
            *place = *digit;
        }
        Expectation { digits, length: length as u8, came: 0, trust }
    }

    /// The digit expected next.
    #[inline]
    pub fn next(&self) -> Option<u8> {
        if self.came < self.length {
            Some(self.digits[self.came as usize])
        } else {
            None
        }
    }

    pub fn came(&self) -> usize {
        self.came as usize
    }

    #[inline]
    pub fn read(&mut self, byte: u8) {
        if self.came < self.length && self.digits[self.came as usize] == byte {
            self.came += 1;
        } else {
            self.came = LOST;
        }
    }
}
