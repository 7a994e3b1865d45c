//! What a file says besides its coefficients: marker segments, habits of its encoder, what cannot be written again.

use crate::jpeg::frame::Headers;
use crate::jpeg::picture::{next_scan, Picture, Structure};
use crate::jpeg::reader::Habits;

/// One scan.
pub struct SideScan<'a> {
    pub head: &'a [u8],
    pub habits: Habits,
    /// Bytes that the writer gives, and those that follow it.
    pub exact: usize,
    pub rest: &'a [u8],
}

pub struct Side<'a> {
    /// Rows of blocks of each component.
    pub rows: Vec<usize>,
    pub scans: Vec<SideScan<'a>>,
    pub tail: &'a [u8],
}

impl<'a> Side<'a> {
    pub fn of(input: &'a [u8], picture: &Picture) -> Self {
        let scans = picture.parts.iter().map(|part| SideScan {
            head: &input[part.head.clone()],
            habits: part.habits,
            exact: part.exact,
            rest: &input[part.data.start + part.exact..part.data.end],
        });
        Side {
            rows: picture.planes.planes.iter().map(|plane| plane.rows()).collect(),
            scans: scans.collect(),
            tail: &input[picture.tail..],
        }
    }

    /// Numbers first, then the bytes in their order.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_numbers(&mut out);
        self.write_bytes(&mut out);
        out
    }

    pub fn write_numbers(&self, out: &mut Vec<u8>) {
        put(out, self.rows.len());
        self.rows.iter().for_each(|&rows| put(out, rows));
        put(out, self.scans.len());
        for SideScan { head, habits, exact, rest } in &self.scans {
            put(out, head.len());
            put(out, habits.longest_run as usize * 2 + habits.padding as usize);
            put(out, *exact);
            put(out, rest.len());
        }
    }

    pub fn write_bytes(&self, out: &mut Vec<u8>) {
        for scan in &self.scans {
            out.extend_from_slice(scan.head);
            out.extend_from_slice(scan.rest);
        }
        out.extend_from_slice(self.tail);
    }

    /// `length`: bytes of the file, which bounds the numbers.
    pub fn read(bytes: &'a [u8], length: usize) -> Option<Self> {
        let mut at = 0;
        let numbers = Numbers::read(bytes, &mut at, length)?;
        let mut rest = &bytes[at..];
        let side = numbers.with_bytes(&mut rest, 0)?;
        Some(Side { tail: rest, ..side })
    }

    /// What the marker segments say.
    pub fn structure(&self, mut headers: Headers) -> Option<Structure> {
        let mut scans = Vec::new();
        for scan in &self.scans {
            let (end, found) = next_scan(scan.head, 0, &mut headers)?;
            scans.push((end == scan.head.len()).then_some(found)?);
        }
        let components = headers.frame.as_ref()?.components.len();
        (components == self.rows.len()).then_some(Structure { headers, scans })
    }
}

/// What a side says before its bytes.
pub struct Numbers {
    rows: Vec<usize>,
    /// Of each scan: bytes before its data, habits, bytes of its data that are written, and that are kept.
    scans: Vec<(usize, Habits, usize, usize)>,
}

impl Numbers {
    /// `length` bounds the numbers of bytes.
    pub fn read(bytes: &[u8], at: &mut usize, length: usize) -> Option<Self> {
        let rows = (0..take(bytes, at, 4)?).map(|_| take(bytes, at, 1 << 20)).collect::<Option<_>>()?;
        let count = take(bytes, at, length)?;
        let mut scans = Vec::new();
        for _ in 0..count {
            let head = take(bytes, at, length)?;
            let run = take(bytes, at, u32::MAX as usize)?;
            let habits = Habits { longest_run: (run / 2) as u32, padding: run % 2 != 0 };
            scans.push((head, habits, take(bytes, at, length)?, take(bytes, at, length)?));
        }
        Some(Numbers { rows, scans })
    }

    /// Takes the bytes of the scans and `tail` more off the front of `rest`.
    pub fn with_bytes<'a>(self, rest: &mut &'a [u8], tail: usize) -> Option<Side<'a>> {
        let mut cut = |length: usize| {
            let (first, behind) = rest.split_at_checked(length)?;
            *rest = behind;
            Some(first)
        };
        let mut scans = Vec::new();
        for (head, habits, exact, kept) in self.scans {
            scans.push(SideScan { head: cut(head)?, habits, exact, rest: cut(kept)? });
        }
        Some(Side { rows: self.rows, scans, tail: cut(tail)? })
    }
}

/// Seven bits a byte, lowest first; the last byte is below 128.
pub fn put(out: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn take(bytes: &[u8], at: &mut usize, most: usize) -> Option<usize> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= (byte as u64 & 127) << shift;
        if byte < 128 {
            return usize::try_from(value).ok().filter(|&value| value <= most);
        }
    }
    None
}
