//! Hexadecimal values of one length as bytes, place by place: keys, identifiers and blobs.

use abi::Fault;

/// Shorter values are left as text.
const SHORTEST: usize = 8;
const LONGEST: usize = 128;
/// Where a GUID has hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const GUID: usize = 36;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hexadecimal {
    /// Characters of a value.
    length: usize,
    upper: bool,
    is_guid: bool,
}

pub fn is_guid(text: &[u8]) -> bool {
    text.len() == GUID
        && text.iter().enumerate().all(|(at, byte)| match HYPHENS.contains(&at) {
            true => *byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

impl Hexadecimal {
    /// The form of all values, if they have one and letters among their digits.
    pub fn of<'a>(values: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Self> {
        let length = values.clone().next()?.len();
        let is_guid = values.clone().next().is_some_and(is_guid);
        if !is_guid && (length % 2 != 0 || !(SHORTEST..=LONGEST).contains(&length)) {
            return None;
        }
        let (mut upper, mut lower) = (false, false);
        for value in values {
            let fits = if is_guid { self::is_guid(value) } else { value.iter().all(u8::is_ascii_hexdigit) };
            if value.len() != length || !fits {
                return None;
            }
            upper |= value.iter().any(u8::is_ascii_uppercase);
            lower |= value.iter().any(u8::is_ascii_lowercase);
        }
        (upper != lower).then_some(Hexadecimal { length, upper, is_guid })
    }

    fn bytes(self) -> usize {
        if self.is_guid {
            16
        } else {
            self.length / 2
        }
    }

    /// The form, then for each place whether it holds differences, and its bytes.
    pub fn write<'a>(self, values: impl Iterator<Item = &'a [u8]>, rows: usize) -> Vec<u8> {
        let mut out = vec![self.length as u8, self.upper as u8 | (self.is_guid as u8) << 1];
        let mut planes = vec![Vec::with_capacity(rows); self.bytes()];
        for value in values {
            let mut nibbles = value.iter().filter(|byte| **byte != b'-').map(|&byte| digit(byte));
            for plane in &mut planes {
                let high = nibbles.next().unwrap_or(0);
                plane.push(high << 4 | nibbles.next().unwrap_or(0));
            }
        }
        for plane in planes {
            let mut last = 0;
            let differences: Vec<u8> =
                plane.iter().map(|&byte| byte.wrapping_sub(std::mem::replace(&mut last, byte))).collect();
            let differs = distinct(&differences) * 2 < distinct(&plane);
            out.push(differs as u8);
            out.extend(if differs { differences } else { plane });
        }
        out
    }
}

/// How many values are not rare.
fn distinct(bytes: &[u8]) -> usize {
    let mut counts = [0usize; 256];
    bytes.iter().for_each(|&byte| counts[byte as usize] += 1);
    counts.iter().filter(|&&count| count * 256 > bytes.len()).count()
}

fn digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() {
        byte - b'0'
    } else {
        (byte | 0x20) - b'a' + 10
    }
}

/// Gives the values back.
#[derive(Clone)]
pub struct Values<'a> {
    form: Hexadecimal,
    /// The planes, each behind a byte that says whether it holds differences.
    planes: &'a [u8],
    rows: usize,
    row: usize,
    last: Vec<u8>,
}

impl<'a> Values<'a> {
    pub fn new(bytes: &'a [u8], rows: usize) -> Result<Self, Fault> {
        let (&[length, flags], planes) = bytes.split_first_chunk().ok_or(Fault::Damaged)?;
        let form = Hexadecimal { length: length as usize, upper: flags & 1 != 0, is_guid: flags & 2 != 0 };
        let wanted = rows.checked_add(1).and_then(|rows| rows.checked_mul(form.bytes()));
        if flags > 3 || wanted != Some(planes.len()) || form.length > LONGEST {
            return Err(Fault::Damaged);
        }
        Ok(Values { form, planes, rows, row: 0, last: vec![0; form.bytes()] })
    }

    pub fn next(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        if self.row == self.rows {
            return Err(Fault::Damaged);
        }
        let digits: &[u8; 16] = if self.form.upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        for (plane, last) in self.planes.chunks_exact(self.rows + 1).zip(&mut self.last) {
            let byte = plane[1 + self.row];
            *last = if plane[0] != 0 { last.wrapping_add(byte) } else { byte };
            out.extend_from_slice(&[digits[(*last >> 4) as usize], digits[(*last & 15) as usize]]);
        }
        if self.form.is_guid {
            let start = out.len() - 32;
            HYPHENS.into_iter().for_each(|at| out.insert(start + at, b'-'));
        }
        self.row += 1;
        Ok(())
    }
}
