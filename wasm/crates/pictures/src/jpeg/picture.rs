//! A JPEG file cut into marker segments, scans and what follows them.

use crate::jpeg::frame::{Headers, Scan, Segment};
use crate::jpeg::planes::Planes;
use crate::jpeg::reader::{read_scan, Habits};
use crate::jpeg::writer::write_scan;
use std::ops::Range;

const END_OF_IMAGE: u8 = 0xd9;

/// One scan of a file.
pub struct ScanPart {
    /// The marker segments before the scan's data, its own header included.
    pub head: Range<usize>,
    pub data: Range<usize>,
    pub habits: Habits,
    /// How much of the data the writer gives; the rest is kept as it is.
    pub exact: usize,
}

/// Where each scan's segments end and what they have said.
pub struct Structure {
    pub headers: Headers,
    pub scans: Vec<Scan>,
}

/// What tables say that stand in front of several images (T.81, B.5); None if they are damaged.
pub fn read_tables(tables: &[u8]) -> Option<Headers> {
    let mut headers = Headers::new();
    match next_scan(tables, 0, &mut headers) {
        None if headers.frame.is_none() => Some(headers),
        _ => None,
    }
}

/// Reads marker segments from `from` on up to the data of a scan. Gives where the data begin and the scan; None where
/// the image ends or nothing of use goes on.
pub fn next_scan(bytes: &[u8], from: usize, headers: &mut Headers) -> Option<(usize, Scan)> {
    let mut at = from;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0xd8 => at += 2,
            END_OF_IMAGE | 0x00..=0xbf | 0xd0..=0xd7 => return None,
            _ => {
                let length = u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?) as usize;
                let end = at + 2 + length.max(2);
                match headers.take(marker, bytes.get(at + 4..end)?)? {
                    Segment::Scan(scan) => return Some((end, scan)),
                    Segment::Tables => at = end,
                }
            }
        }
    }
}

/// Where the entropy-coded data end that begin at `from`: at the next marker that is no restart.
pub fn data_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == 0xff) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}

/// What a file is made of: the planes, the scans, and where what follows them begins.
pub struct Picture {
    pub structure: Structure,
    pub planes: Planes,
    pub parts: Vec<ScanPart>,
    pub tail: usize,
}

impl Picture {
    /// `headers`: what tables that stand elsewhere have said. None when there is no scan that can be read, or no room
    /// for its coefficients.
    pub fn read(bytes: &[u8], mut headers: Headers, room: usize) -> Option<Self> {
        let mut quantisers = headers.quantisers;
        let mut planes: Option<Planes> = None;
        let (mut scans, mut parts) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some((start, scan)) = next_scan(bytes, at, &mut headers) {
            let frame = headers.frame.as_ref()?;
            let planes = planes.get_or_insert_with(|| Planes::new(frame, room));
            let end = data_end(bytes, start);
            let habits = read_scan(&bytes[start..end], frame, &scan, planes);
            quantisers = headers.quantisers;
            parts.push(ScanPart { head: at..start, data: start..end, habits, exact: 0 });
            scans.push(scan);
            at = end;
        }
        let planes = planes?;
        // What stands behind the last scan is not for its coefficients.
        headers.quantisers = quantisers;
        let frame = headers.frame.as_ref()?;
        for (part, scan) in parts.iter_mut().zip(&scans) {
            let data = &bytes[part.data.clone()];
            let written = write_scan(frame, scan, &planes, part.habits, data.len());
            part.exact = data.iter().zip(&written).take_while(|(a, b)| a == b).count();
        }
        Some(Picture { structure: Structure { headers, scans }, planes, parts, tail: at })
    }
}
