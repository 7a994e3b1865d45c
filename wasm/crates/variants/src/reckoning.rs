//! Numbers that follow from others: what ends a line from where the next begins, sums, and steady differences.

use crate::columns::{Area, Columns, AD, DP, END, ID, POS};

/// Numbers of an identifier that are told apart.
const MOST_NUMBERS: usize = 4;

/// What a token was that has ended.
pub struct Ended {
    pub area: Area,
    /// As in [`Columns::key`].
    pub key: u32,
    pub element: usize,
}

impl Ended {
    /// Of the token that `columns` stand at.
    pub fn of(columns: &Columns) -> Self {
        Ended { area: columns.area, key: columns.key, element: columns.element }
    }

    fn is_fixed(&self, column: usize) -> bool {
        self.area == Area::Fixed && self.key == column as u32
    }
}

pub struct Reckoning {
    /// The value of END in this line, and the line before.
    ends: [Option<u64>; 2],
    /// The sum of AD in this sample.
    depths: Option<u64>,
    /// POS of this line.
    position: Option<u64>,
    /// By how much POS was larger than the numbers of ID, when they came last.
    leads: [Option<i64>; MOST_NUMBERS],
}

impl Reckoning {
    pub fn new() -> Self {
        Reckoning { ends: [None; 2], depths: None, position: None, leads: [None; MOST_NUMBERS] }
    }

    /// POS of this line, or of the line before if it has none yet.
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// Learns from a token that `separator` has ended.
    pub fn take(&mut self, token: &[u8], was: &Ended, separator: u8) {
        if was.area == Area::InfoValue && was.key == END {
            self.ends[0] = number_of(token);
        } else if was.is_fixed(POS) {
            self.position = number_of(token);
        } else if was.is_fixed(ID) && was.element < MOST_NUMBERS {
            let lead = self.position.zip(number_of(token)).map(|(position, number)| position as i64 - number as i64);
            self.leads[was.element] = lead;
        }
        if was.area == Area::Sample && was.key == AD {
            let sum = if was.element == 0 { Some(0) } else { self.depths };
            self.depths = sum.zip(number_of(token)).map(|(sum, value): (u64, u64)| sum.saturating_add(value));
        } else if separator == b'\t' {
            self.depths = None;
        }
        if separator == b'\n' {
            self.ends = [None, self.ends[0]];
        }
    }

    /// The number that is expected where `columns` stand.
    #[inline(always)]
    pub fn next(&self, columns: &Columns) -> Option<u64> {
        match columns.area {
            Area::Fixed if columns.column == POS => self.ends[1].map(|end| end + 1),
            Area::Fixed if columns.column == ID => {
                let lead = self.leads.get(columns.element).copied().flatten();
                let number = self.position.zip(lead).map(|(position, lead)| position as i64 - lead);
                number.and_then(|number| u64::try_from(number).ok())
            }
            Area::Sample if columns.key == DP => self.depths,
            _ => None,
        }
    }
}

/// The number that a token is, if it has at most 18 digits and nothing else.
pub fn number_of(token: &[u8]) -> Option<u64> {
    let digits = (1..=18).contains(&token.len()) && token.iter().all(u8::is_ascii_digit);
    digits.then(|| token.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as u64))
}

/// Appends a number in decimal digits.
pub fn push_number(mut number: u64, text: &mut Vec<u8>) {
    let start = text.len();
    loop {
        text.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_after(line: &[u8], ahead: &[u8]) -> Option<u64> {
        let (mut columns, mut reckoning) = (Columns::new(), Reckoning::new());
        let text = [line, ahead].concat();
        for at in 1..=text.len() {
            let (start, was) = (columns.start, Ended::of(&columns));
            if columns.take(&text[..at]) {
                reckoning.take(&text[start..at - 1], &was, text[at - 1]);
            }
        }
        reckoning.next(&columns)
    }

    #[test]
    fn numbers_follow_from_those_before() {
        assert_eq!(next_after(b"1\t5\t.\tA\tC\t.\t.\tEND=90\n", b"1\t"), Some(91));
        assert_eq!(next_after(b"1\t5\t.\tA\tC\t.\t.\tX=90\n", b"1\t"), None);
        assert_eq!(next_after(b"1\t1000\ts1-998\tA\n", b"1\t2000\ts1-"), Some(1998));
        assert_eq!(next_after(b"1\t1000\ts1-x\tA\n", b"1\t2000\ts1-"), None);
        assert_eq!(next_after(b"1\t1\t.\tA\tC\t.\t.\t.\tAD:DP\t3,4:", b""), Some(7));
        assert_eq!(next_after(b"1\t1\t.\tA\tC\t.\t.\t.\tDP\t", b""), None);
    }

    #[test]
    fn numbers_come_back_as_digits() {
        for number in [0, 7, 10, 1234567890, 999999999999999999] {
            let mut text = b"x".to_vec();
            push_number(number, &mut text);
            assert_eq!(text, format!("x{number}").into_bytes());
            assert_eq!(number_of(&text[1..]), Some(number));
        }
    }
}
