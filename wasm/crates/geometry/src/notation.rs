//! How an axis writes its numbers: from the text of a number to integers and back.

use std::io::Write;

/// A number as integers: a place on the axis' lattice, how far the printed digits are from that place, and, where each
/// number has its own, how many decimals it has.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Number {
    pub place: i64,
    pub error: i32,
    pub decimals: u8,
}

/// Where digits end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Printer {
    /// After a fixed count of decimals (`%.15f`).
    Decimals = 0,
    /// After a fixed count of digits (`%.15g`).
    Digits = 1,
    /// After as many digits as tell a double from all others.
    Shortest = 2,
    /// Each number says.
    Own = 3,
}

/// What becomes of zeros behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Zeros {
    Kept = 0,
    /// Dropped, but for one behind the point.
    AllButOne = 1,
    /// Dropped, with the point.
    Dropped = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notation {
    pub printer: Printer,
    /// Decimals or digits.
    pub count: u8,
    pub zeros: Zeros,
    /// The lattice: place `p` is `((p << shift) + offset) / 2^bits`. With 0 bits it is `p / 10^count`.
    pub bits: u8,
    pub shift: u8,
    pub offset: u64,
}

/// More decimals are not written as integers.
pub const MOST_DECIMALS: u8 = 18;
const LARGEST: i128 = 1 << 62;
pub const MOST_BITS: u8 = 61;

/// The digits of a number, without its point.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    pub value: i64,
    pub decimals: u8,
}

impl Digits {
    /// Of a text without exponent and with few enough digits.
    pub fn read(text: &[u8]) -> Option<Digits> {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            _ => (false, text),
        };
        let mut value = 0i64;
        let mut decimals = None;
        for &byte in digits {
            if byte == b'.' {
                decimals = Some(0);
                continue;
            }
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value.checked_mul(10)?.checked_add((byte - b'0') as i64)?;
            decimals = decimals.map(|count: u8| count + 1);
        }
        let decimals = decimals.unwrap_or(0);
        (decimals <= MOST_DECIMALS && (value as i128) < LARGEST)
            .then_some(Digits { value: if negative { -value } else { value }, decimals })
    }

    /// The value with so many decimals, if it has no more.
    fn scaled(self, decimals: u8) -> Option<i64> {
        let more = decimals.checked_sub(self.decimals)?;
        self.value.checked_mul(power(more)?).filter(|&value| (value as i128).abs() < LARGEST)
    }
}

pub fn power(exponent: u8) -> Option<i64> {
    10i64.checked_pow(exponent as u32)
}

/// `numerator / denominator` for a positive denominator, to the nearest, halves to even.
fn divide(numerator: i128, denominator: i128) -> i128 {
    let (quotient, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let up = rest * 2 > denominator || (rest * 2 == denominator && quotient & 1 != 0);
    quotient + up as i128
}

impl Notation {
    /// The integers of a text, if exactly it comes back of them.
    pub fn read(&self, text: &[u8], scratch: &mut Vec<u8>) -> Option<Number> {
        let number = self.integers(text)?;
        scratch.clear();
        self.write(number, scratch)?;
        (scratch == text).then_some(number)
    }

    fn integers(&self, text: &[u8]) -> Option<Number> {
        if self.printer == Printer::Shortest {
            let place = self.place_of_double(std::str::from_utf8(text).ok()?.parse().ok()?)?;
            return Some(Number { place, ..Number::default() });
        }
        let digits = Digits::read(text)?;
        match self.printer {
            Printer::Own => {
                Some(Number { place: digits.scaled(self.count)?, error: 0, decimals: digits.decimals })
            }
            _ if self.bits == 0 => Some(Number { place: digits.scaled(self.count)?, ..Number::default() }),
            _ => {
                let decimals = match self.printer {
                    Printer::Decimals => self.count,
                    _ => self.significant(digits)?,
                };
                let scaled = digits.scaled(decimals)?;
                let fine = divide((scaled as i128) << self.bits, power(decimals)? as i128);
                let place = fine - self.offset as i128 + (1i128 << self.shift >> 1) >> self.shift;
                let place = i64::try_from(place).ok()?;
                let printed = self.printed(place, decimals)?;
                Some(Number { place, error: i32::try_from(scaled as i128 - printed).ok()?, decimals: 0 })
            }
        }
    }

    /// How many decimals make the count of digits.
    fn significant(&self, digits: Digits) -> Option<u8> {
        let mut size = digits.value.unsigned_abs();
        let mut have = 0;
        while size > 0 {
            size /= 10;
            have += 1;
        }
        let decimals = digits.decimals as i32 + self.count as i32 - have;
        u8::try_from(decimals).ok().filter(|&decimals| decimals <= MOST_DECIMALS)
    }

    pub fn place_of_double(&self, value: f64) -> Option<i64> {
        let scaled = value * (1u64 << self.bits) as f64;
        if !(scaled.abs() < LARGEST as f64) || scaled != (scaled as i64) as f64 {
            return None;
        }
        let above = (scaled as i64).wrapping_sub(self.offset as i64);
        (above & ((1i64 << self.shift) - 1) == 0).then_some(above >> self.shift)
    }

    /// What a place stands for, as a double.
    pub fn degrees(&self, place: i64) -> f64 {
        match self.bits {
            0 => place as f64 / power(self.count).unwrap_or(1) as f64,
            bits => (((place as i128) << self.shift) + self.offset as i128) as f64 / (1u64 << bits) as f64,
        }
    }

    /// The place nearest to a double; of two, and far away, either.
    pub fn place_near(&self, degrees: f64) -> i64 {
        match self.bits {
            0 => (degrees * power(self.count).unwrap_or(1) as f64 + 0.5).floor() as i64,
            bits => {
                let fine = (degrees * (1u64 << bits) as f64).floor() as i64 as i128 - self.offset as i128;
                (fine + (1i128 << self.shift >> 1) >> self.shift) as i64
            }
        }
    }

    /// The place in units of `1 / 2^bits`.
    fn fine(&self, place: i64) -> Option<i128> {
        let fine = ((place as i128) << self.shift) + self.offset as i128;
        (fine.abs() < LARGEST).then_some(fine)
    }

    /// The place in units of the last decimal.
    fn printed(&self, place: i64, decimals: u8) -> Option<i128> {
        let product = self.fine(place)?.checked_mul(power(decimals)? as i128)?;
        Some(divide(product, 1 << self.bits))
    }

    /// Appends the text of a number; nothing for what no text can have given.
    pub fn write(&self, number: Number, text: &mut Vec<u8>) -> Option<()> {
        match self.printer {
            Printer::Shortest => {
                let fine = self.fine(number.place)?;
                let start = text.len();
                let value = fine as f64 / (1u64 << self.bits) as f64;
                write!(text, "{value}").ok()?;
                if self.zeros == Zeros::AllButOne && !text[start..].contains(&b'.') {
                    text.extend_from_slice(b".0");
                }
                Some(())
            }
            Printer::Own => {
                let unit = power(self.count.checked_sub(number.decimals)?)?;
                write_digits((number.place / unit) as i128, number.decimals, Zeros::Kept, text)
            }
            Printer::Decimals if self.bits == 0 => write_digits(number.place as i128, self.count, self.zeros, text),
            Printer::Decimals => {
                let value = self.printed(number.place, self.count)? + number.error as i128;
                write_digits(value, self.count, self.zeros, text)
            }
            Printer::Digits => {
                let (value, decimals) = self.rounded(number)?;
                write_digits(value, decimals, self.zeros, text)
            }
        }
    }

    /// The place to the count of digits, and how many of them are decimals.
    fn rounded(&self, number: Number) -> Option<(i128, u8)> {
        let size = self.fine(number.place)?.abs();
        let limit = power(self.count)? as i128;
        let mut decimals = self.count.min(MOST_DECIMALS);
        let mut whole = size >> self.bits;
        while whole > 0 {
            whole /= 10;
            decimals = decimals.checked_sub(1)?;
        }
        while decimals < MOST_DECIMALS && self.printed(number.place, decimals)?.abs() < limit / 10 {
            decimals += 1;
        }
        if self.printed(number.place, decimals)?.abs() >= limit {
            decimals = decimals.checked_sub(1)?;
        }
        Some((self.printed(number.place, decimals)? + number.error as i128, decimals))
    }
}

fn write_digits(value: i128, decimals: u8, zeros: Zeros, text: &mut Vec<u8>) -> Option<()> {
    let mut size = u64::try_from(value.unsigned_abs()).ok()?;
    let mut decimals = decimals;
    let least = match zeros {
        Zeros::Kept => decimals,
        Zeros::AllButOne => 1,
        Zeros::Dropped => 0,
    };
    while decimals > least && size % 10 == 0 {
        size /= 10;
        decimals -= 1;
    }
    let mut reversed = [b'0'; 40];
    let mut length = 0;
    while size > 0 || length <= decimals as usize {
        if length == decimals as usize && decimals > 0 {
            reversed[length] = b'.';
            length += 1;
        }
        reversed[length] = b'0' + (size % 10) as u8;
        size /= 10;
        length += 1;
    }
    if value < 0 {
        reversed[length] = b'-';
        length += 1;
    }
    text.extend(reversed[..length].iter().rev());
    Some(())
}
