//! Numbers with a point and times of day, read from tokens of digits and written again.

/// Digits of a quantity, at most.
const DIGITS: usize = 17;
/// Bytes of its text: a point more.
const LONGEST: usize = DIGITS + 1;
/// Digits of a token, at most.
pub const LONGEST_NUMBER: usize = 15;
/// Seconds of a day.
pub const DAY: i64 = 86400;
/// The shortest number without a point that counts.
const SHORTEST: u8 = 3;
/// Digits behind a second, at most.
const LONGEST_FRACTION: u8 = 9;
/// A power of ten that a source is scaled by, at most.
const MOST_SHIFT: i8 = 6;

/// How a quantity is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Digits, and so many of them behind a point.
    Decimal { fraction: u8 },
    /// Hours, minutes and seconds with this byte between them.
    Clock { separator: u8 },
}

/// A number without its point; of a time of day, seconds.
#[derive(Clone, Copy, Default)]
pub struct Quantity {
    pub value: i64,
    /// Digits behind the point.
    pub fraction: u8,
}

/// Tokens of digits that may be one quantity.
#[derive(Clone, Copy, Default)]
pub struct Chain {
    /// The place of the first.
    pub place: u16,
    count: usize,
    separator: u8,
    values: [i64; 4],
    lengths: [u8; 4],
    /// What stood behind the last of them.
    last: u8,
}

/// Digits that are expected, and what stands between them.
#[derive(Clone, Copy, Default)]
pub struct Written {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Written {
    #[inline(always)]
    pub fn at(&self, index: usize) -> Option<u8> {
        self.bytes[..self.length].get(index).copied()
    }

    pub fn length(&self) -> usize {
        self.length
    }

    fn put(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    /// The last `count` digits of a number.
    fn put_digits(&mut self, value: i64, count: usize) {
        for place in (0..count).rev() {
            self.put(b'0' + (value / POWERS[place] % 10) as u8);
        }
    }
}

impl Format {
    /// A quantity as text; none for what is negative or too long.
    pub fn written(self, value: i64) -> Option<Written> {
        let mut text = Written::default();
        match self {
            Format::Clock { separator } => {
                for (i, part) in [value / 3600, value / 60 % 60, value % 60].into_iter().enumerate() {
                    if i > 0 {
                        text.put(separator);
                    }
                    text.put_digits(part, 2);
                }
            }
            Format::Decimal { fraction } => {
                let fraction = fraction as usize;
                let digits = (value.max(1).ilog10() as usize + 1).max(fraction + 1);
                if value < 0 || digits > DIGITS {
                    return None;
                }
                text.put_digits(value / POWERS[fraction], digits - fraction);
                if fraction > 0 {
                    text.put(b'.');
                    text.put_digits(value, fraction);
                }
            }
        }
        Some(text)
    }
}

impl Quantity {
    /// Without what stands behind the point.
    pub fn whole(&self) -> i64 {
        self.value / POWERS[self.fraction as usize]
    }
}

impl Chain {
    pub fn beginning(place: u16) -> Self {
        Chain { place, ..Chain::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a token may follow that belongs to the same quantity.
    pub fn goes_on(&self) -> bool {
        match self.count {
            1 => matches!(self.last, b'.' | b':'),
            2 => self.last == self.separator,
            3 => self.last == self.separator || matches!(self.last, b'.' | b','),
            _ => false,
        }
    }

    pub fn add(&mut self, digits: &[u8], delimiter: u8) {
        if self.count == 1 {
            self.separator = self.last;
        }
        self.values[self.count] = digits.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as i64);
        self.lengths[self.count] = digits.len() as u8;
        self.count += 1;
        self.last = delimiter;
    }

    /// What the tokens say together.
    pub fn quantity(&self) -> Option<(Quantity, Format)> {
        let Chain { count, separator, values, lengths, .. } = *self;
        match count {
            1 if lengths[0] >= SHORTEST => {
                Some((Quantity { value: values[0], fraction: 0 }, Format::Decimal { fraction: 0 }))
            }
            2 if separator == b'.' && (lengths[0] + lengths[1]) as usize <= DIGITS => {
                let value = values[0] * POWERS[lengths[1] as usize] + values[1];
                Some((Quantity { value, fraction: lengths[1] }, Format::Decimal { fraction: lengths[1] }))
            }
            3 | 4 => Some((Quantity { value: self.second()?, fraction: 0 }, Format::Clock { separator })),
            _ => None,
        }
    }

    /// A time of day with more than seconds.
    pub fn with_fraction_of_second(&self) -> Option<Quantity> {
        let fraction = self.lengths[3];
        if self.count < 4 || fraction > LONGEST_FRACTION {
            return None;
        }
        Some(Quantity { value: self.second()? * POWERS[fraction as usize] + self.values[3], fraction })
    }

    /// The second of the day, if three tokens can be that.
    fn second(&self) -> Option<i64> {
        let [hour, minute, second, _] = self.values;
        let is_clock = self.lengths[..3] == [2; 3] && hour < 24 && minute < 60 && second < 60;
        is_clock.then_some((hour * 60 + minute) * 60 + second)
    }
}

/// The power of ten between a source and a quantity that are nearly the same; 0 for others.
pub fn shift(value: i64, source: i64) -> i8 {
    if value < 1000 || source < 1000 {
        return 0;
    }
    let shift = (value.ilog10() as i8 - source.ilog10() as i8).clamp(-MOST_SHIFT, MOST_SHIFT);
    if value.wrapping_sub(shifted(source, shift)).unsigned_abs() < value as u64 / 8 {
        shift
    } else {
        0
    }
}

pub fn shifted(value: i64, shift: i8) -> i64 {
    let power = POWERS[shift.unsigned_abs() as usize];
    if shift < 0 {
        value / power
    } else {
        value.wrapping_mul(power)
    }
}

const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut i = 1;
    while i < 19 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};
