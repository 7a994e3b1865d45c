//! Formats of floating-point words.

/// How a word of 32 bits is a number. Both have a sign above a magnitude that grows with its bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// IEEE 754 binary32.
    Ieee,
    /// IBM System/360: a power of 16, and a fraction whose first digit is not 0.
    Ibm,
}

pub const MAGNITUDE: u32 = 0x7fff_ffff;

impl Kind {
    /// The number of a word; 0 for what is none.
    pub fn number(self, word: u32) -> f64 {
        let magnitude = match self {
            Kind::Ieee => f32::from_bits(word & MAGNITUDE) as f64,
            Kind::Ibm => scaled((word & 0xff_ffff) as f64, 4 * (word >> 24 & 127) as i32 - 280),
        };
        if !magnitude.is_finite() {
            0.0
        } else if word > MAGNITUDE {
            -magnitude
        } else {
            magnitude
        }
    }

    /// The number halfway between this magnitude, above 0, and the one below. Grows with the magnitude.
    #[inline(always)]
    pub fn edge(self, magnitude: u32) -> f64 {
        (self.grown(magnitude) + self.grown(magnitude - 1)) * 0.5
    }

    /// Continues numbers beyond the largest exponent, and gives digits that normalised words do not have no room.
    #[inline(always)]
    fn grown(self, magnitude: u32) -> f64 {
        match self {
            Kind::Ieee => {
                let exponent = magnitude >> 23;
                let fraction = (magnitude & 0x7f_ffff) as f64;
                if exponent == 0 { scaled(fraction, -149) } else { scaled(fraction + 8388608.0, exponent as i32 - 150) }
            }
            Kind::Ibm => {
                let fraction = (magnitude & 0xff_ffff).max(0x10_0000) as f64;
                scaled(fraction, 4 * (magnitude >> 24) as i32 - 280)
            }
        }
    }
}

/// Times a power of two between -300 and 300.
#[inline(always)]
fn scaled(number: f64, exponent: i32) -> f64 {
    number * f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// The binary exponent of a number.
#[inline(always)]
pub fn exponent_of(number: f64) -> i32 {
    (number.to_bits() >> 52 & 2047) as i32 - 1023
}
