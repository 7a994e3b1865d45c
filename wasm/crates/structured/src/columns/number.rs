//! How the numbers of a column are written, so that they can be kept as integers.

use abi::Fault;

/// Digits of the largest number.
const DIGITS: usize = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Without leading zeros; 0 as `0`.
    Plain,
    /// All of so many digits.
    Padded(usize),
    /// A plain number, a point and so many digits.
    Decimal(usize),
    /// Hours, minutes and seconds of two digits each with colons between them.
    Clock,
    /// The same with a point or comma and so many digits behind.
    Fine(u8, usize),
}

impl Format {
    pub fn write(self) -> [u8; 3] {
        match self {
            Format::Plain => [0, 0, 0],
            Format::Padded(width) => [1, width as u8, 0],
            Format::Decimal(digits) => [2, digits as u8, 0],
            Format::Clock => [3, 0, 0],
            Format::Fine(mark, digits) => [4, digits as u8, mark],
        }
    }

    pub fn read(bytes: [u8; 3]) -> Result<Self, Fault> {
        let digits = bytes[1] as usize;
        match bytes {
            [0, 0, 0] => Ok(Format::Plain),
            [1, _, 0] if (1..=DIGITS).contains(&digits) => Ok(Format::Padded(digits)),
            [2, _, 0] if (1..DIGITS).contains(&digits) => Ok(Format::Decimal(digits)),
            [3, 0, 0] => Ok(Format::Clock),
            [4, _, mark @ (b'.' | b',')] if (1..=9).contains(&digits) => Ok(Format::Fine(mark, digits)),
            _ => Err(Fault::Damaged),
        }
    }

    /// The format of all values, if they have one.
    pub fn of<'a>(values: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Self> {
        let first = values.clone().next()?;
        let mut format = Format::of_value(first)?;
        if let Format::Plain | Format::Padded(_) = format {
            let (mut plain, mut equal) = (true, true);
            for value in values {
                if value.is_empty() || value.len() > DIGITS || !value.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                plain &= value[0] != b'0' || value.len() == 1;
                equal &= value.len() == first.len();
            }
            format = match (plain, equal) {
                (true, _) => Format::Plain,
                (false, true) => Format::Padded(first.len()),
                _ => return None,
            };
            return Some(format);
        }
        let mut again = Vec::new();
        for value in values {
            again.clear();
            format.print(format.parse(value)?, &mut again);
            if again != value {
                return None;
            }
        }
        Some(format)
    }

    fn of_value(value: &[u8]) -> Option<Self> {
        let mark = value.iter().rposition(|byte| !byte.is_ascii_digit());
        let digits = value.len() - mark.map_or(0, |mark| mark + 1);
        match (value, mark) {
            (_, None) => Some(Format::Plain),
            ([_, _, b':', _, _, b':', _, _], _) => Some(Format::Clock),
            ([_, _, b':', _, _, b':', _, _, mark @ (b'.' | b','), ..], _) if (1..=9).contains(&digits) => {
                Some(Format::Fine(*mark, digits))
            }
            (_, Some(at)) if value[at] == b'.' && (1..DIGITS).contains(&digits) => Some(Format::Decimal(digits)),
            _ => None,
        }
    }

    /// The number of a value that looks like the format; printing it tells whether it was.
    pub fn parse(self, value: &[u8]) -> Option<i64> {
        if value.is_empty() || value.len() > DIGITS {
            return None;
        }
        let number = |digits: &[u8]| {
            digits.iter().filter(|byte| byte.is_ascii_digit()).fold(0i64, |n, digit| n * 10 + (digit - b'0') as i64)
        };
        match self {
            Format::Plain | Format::Padded(_) | Format::Decimal(_) => Some(number(value)),
            Format::Clock | Format::Fine(..) => {
                let clock = value.get(..8)?;
                let seconds = (number(&clock[..2]) * 60 + number(&clock[3..5])) * 60 + number(&clock[6..]);
                match self {
                    Format::Fine(_, digits) => Some(seconds * power(digits) + number(value.get(9..)?)),
                    _ => Some(seconds),
                }
            }
        }
    }

    pub fn print(self, number: i64, out: &mut Vec<u8>) {
        let number = number.unsigned_abs();
        match self {
            Format::Plain => print_digits(number, 1, out),
            Format::Padded(width) => print_digits(number, width, out),
            Format::Decimal(digits) => {
                let unit = power(digits) as u64;
                print_digits(number / unit, 1, out);
                out.push(b'.');
                print_digits(number % unit, digits, out);
            }
            Format::Clock => print_clock(number, out),
            Format::Fine(mark, digits) => {
                let unit = power(digits) as u64;
                print_clock(number / unit, out);
                out.push(mark);
                print_digits(number % unit, digits, out);
            }
        }
    }
}

fn power(digits: usize) -> i64 {
    10i64.pow(digits.min(DIGITS) as u32)
}

fn print_clock(seconds: u64, out: &mut Vec<u8>) {
    print_digits(seconds / 3600, 2, out);
    out.push(b':');
    print_digits(seconds / 60 % 60, 2, out);
    out.push(b':');
    print_digits(seconds % 60, 2, out);
}

/// At least `width` digits, at most 18.
fn print_digits(mut number: u64, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&digits[at.min(digits.len() - width)..]);
}
