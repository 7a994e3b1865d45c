//! Files made of random coefficients, through the model and back.

use super::{Jpeg, JpegSeries};
use crate::jpeg::frame::{Headers, Segment};
use crate::jpeg::planes::Planes;
use crate::jpeg::reader::Habits;
use crate::jpeg::writer::write_scan;
use abi::Model;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}

struct Kind {
    progressive: bool,
    /// Sampling factors.
    components: Vec<(u8, u8)>,
    interval: u16,
    padding: bool,
    /// What two quantisers are.
    quantisers: [u8; 2],
}

impl Kind {
    fn baseline(components: &[(u8, u8)]) -> Self {
        Kind { progressive: false, components: components.to_vec(), interval: 0, padding: true, quantisers: [3, 9] }
    }

    fn progressive(components: &[(u8, u8)]) -> Self {
        Kind { progressive: true, ..Kind::baseline(components) }
    }

    fn scans(&self) -> Vec<(Vec<u8>, [u8; 3])> {
        let all: Vec<u8> = (0..self.components.len() as u8).collect();
        if !self.progressive {
            return vec![(all, [0, 63, 0])];
        }
        let mut scans = vec![(all.clone(), [0, 0, 0x01])];
        for &component in &all {
            for spectral in [[1, 5, 0x02], [6, 63, 0x02], [1, 63, 0x21]] {
                scans.push((vec![component], spectral));
            }
        }
        scans.push((all.clone(), [0, 0, 0x10]));
        scans.extend(all.iter().map(|&component| (vec![component], [1, 63, 0x10])));
        scans
    }

    fn header(&self, width: u16, height: u16) -> Vec<u8> {
        let mut out = vec![0xff, 0xd8];
        for (number, &quantiser) in self.quantisers.iter().enumerate() {
            segment(&mut out, 0xdb, &[&[number as u8][..], &[quantiser; 64]].concat());
        }
        let mut frame = vec![8];
        frame.extend_from_slice(&height.to_be_bytes());
        frame.extend_from_slice(&width.to_be_bytes());
        frame.push(self.components.len() as u8);
        for (index, &(across, down)) in self.components.iter().enumerate() {
            frame.extend_from_slice(&[index as u8, across << 4 | down, (index > 0) as u8]);
        }
        segment(&mut out, if self.progressive { 0xc2 } else { 0xc0 }, &frame);
        // Half of the symbols get eight bits, the others nine.
        let mut counts = [0u8; 16];
        (counts[7], counts[8]) = (128, 128);
        let symbols: Vec<u8> = (0..=255).collect();
        for kind in [0x00, 0x10] {
            segment(&mut out, 0xc4, &[&[kind][..], &counts, &symbols].concat());
        }
        if self.interval > 0 {
            segment(&mut out, 0xdd, &self.interval.to_be_bytes());
        }
        out
    }

    /// A file of random coefficients, many of them like their neighbours'.
    fn file(&self, seed: u64, width: u16, height: u16) -> Vec<u8> {
        let mut random = Random(seed);
        let mut file = self.header(width, height);
        let mut headers = Headers::new();
        let mut at = 2;
        while at < file.len() {
            let length = u16::from_be_bytes([file[at + 2], file[at + 3]]) as usize;
            headers.take(file[at + 1], &file[at + 4..at + 2 + length]).expect("a good segment");
            at += 2 + length;
        }
        let frame = headers.frame.as_ref().expect("a frame");
        let mut planes = Planes::new(frame, 1 << 20);
        for (index, component) in frame.components.iter().enumerate() {
            let interleaved = self.components.len() > 1;
            let (across, down) = if interleaved {
                (component.stride, frame.units_down * component.down)
            } else {
                (component.width, component.height)
            };
            for y in 0..down {
                for x in 0..across {
                    // Blocks that only fill up units have no AC coefficients in progressive files.
                    let inside = x < component.width && y < component.height;
                    let block = planes.block(index, x, y).expect("room");
                    block[0] = random.below(200) as i16 - 100;
                    if inside || !self.progressive {
                        for _ in 0..random.below(12) {
                            block[1 + random.below(63) as usize] = random.below(30) as i16 - 15;
                        }
                    }
                }
            }
        }
        let habits = Habits { longest_run: 0x7fff, padding: self.padding };
        for (components, spectral) in self.scans() {
            let mut body = vec![components.len() as u8];
            components.iter().for_each(|&component| body.extend_from_slice(&[component, 0]));
            body.extend_from_slice(&spectral);
            let Some(Segment::Scan(scan)) = headers.take(0xda, &body) else { panic!("no scan") };
            segment(&mut file, 0xda, &body);
            let frame = headers.frame.as_ref().expect("a frame");
            file.extend_from_slice(&write_scan(frame, &scan, &planes, habits, usize::MAX));
        }
        file.extend_from_slice(&[0xff, 0xd9]);
        file
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&(body.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(body);
}

/// Codes, decodes, compares; gives the payload.
fn round_trip(bytes: &[u8]) -> Vec<u8> {
    let payload = Jpeg::encode(bytes, &[]).expect("codable");
    assert!(Jpeg::decode(&payload, &[], bytes.len()).as_deref() == Ok(bytes), "not the same bytes");
    payload
}

fn kinds() -> Vec<Kind> {
    let colour = [(2, 2), (1, 1), (1, 1)];
    vec![
        Kind::baseline(&[(1, 1)]),
        Kind::baseline(&[(2, 2)]),
        Kind::baseline(&colour),
        Kind::baseline(&[(1, 2), (2, 1), (1, 1)]),
        Kind::baseline(&[(1, 1); 4]),
        Kind { interval: 3, padding: false, ..Kind::baseline(&colour) },
        Kind { quantisers: [0, 255], ..Kind::baseline(&colour) },
        Kind::progressive(&[(1, 1)]),
        Kind::progressive(&colour),
        Kind { interval: 5, ..Kind::progressive(&[(2, 1), (1, 1), (1, 1)]) },
    ]
}

#[test]
fn files_of_all_kinds_come_back() {
    for (seed, kind) in kinds().iter().enumerate() {
        for (width, height) in [(64, 64), (77, 50), (1, 1), (8, 200)] {
            let file = kind.file(seed as u64, width, height);
            let payload = round_trip(&file);
            assert_eq!(payload[0], 1, "kind {seed} was not understood");
        }
    }
}

#[test]
fn every_truncation_comes_back() {
    for kind in [Kind::baseline(&[(2, 1), (1, 1), (1, 1)]), Kind { interval: 2, ..Kind::progressive(&[(1, 1)]) }] {
        let file = kind.file(5, 40, 24);
        for length in (0..file.len()).step_by(29) {
            round_trip(&file[..length]);
        }
    }
}

#[test]
fn damaged_files_come_back() {
    let mut random = Random(7);
    for kind in kinds() {
        let file = kind.file(9, 48, 33);
        for _ in 0..6 {
            let mut damaged = file.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(damaged.len() as u64) as usize;
                damaged[at] = random.below(256) as u8;
            }
            round_trip(&damaged);
        }
    }
}

#[test]
fn what_stands_around_the_scans_is_kept() {
    let file = Kind::baseline(&[(1, 1)]).file(3, 32, 32);
    round_trip(&[&file[..], b"something behind the end"].concat());
    round_trip(&[&file[..file.len() - 2], &[0, 0, 0xff, 0xd9][..]].concat());
    round_trip(&[&file[..], &file[..]].concat());
    round_trip(b"");
    round_trip(b"no picture at all");
    round_trip(&[0xff, 0xd8, 0xff]);
}

#[test]
fn pictures_that_claim_to_be_huge_take_little() {
    let mut file = Kind::baseline(&[(4, 4), (1, 1), (1, 1)]).file(3, 32, 32);
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    file[frame + 5..frame + 9].fill(0xff);
    round_trip(&file);
}

#[test]
fn damaged_payloads_are_found_or_give_as_many_bytes() {
    let mut random = Random(11);
    for kind in [Kind::baseline(&[(2, 2), (1, 1), (1, 1)]), Kind::progressive(&[(1, 1)])] {
        let file = kind.file(13, 64, 64);
        let payload = round_trip(&file);
        // A decoder imagines up to four bytes behind the end.
        for length in (0..payload.len() - 4).step_by(payload.len() / 12) {
            assert!(Jpeg::decode(&payload[..length], &[], file.len()).is_err(), "cut at {length}");
        }
        for _ in 0..25 {
            let mut damaged = payload.clone();
            let at = random.below(damaged.len().min(400) as u64) as usize;
            damaged[at] ^= 1 + random.below(255) as u8;
            if let Ok(bytes) = Jpeg::decode(&damaged, &[], file.len()) {
                assert_eq!(bytes.len(), file.len());
            }
        }
        assert!(Jpeg::decode(&payload, &[], file.len() - 1).is_err());
        assert!(Jpeg::decode(&payload, &[], file.len() + 1).is_err());
    }
}

/// Codes a series, decodes it, compares; gives the payload.
fn series_round_trip(bytes: &[u8], tables: &[u8]) -> Vec<u8> {
    let payload = JpegSeries::encode(bytes, tables).expect("codable");
    assert!(JpegSeries::decode(&payload, tables, bytes.len()).as_deref() == Ok(bytes), "not the same bytes");
    payload
}

/// What a file says before its frame, and the file without it.
fn abbreviated(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let cut = |at: usize| at + 2 + u16::from_be_bytes([file[at + 2], file[at + 3]]) as usize;
    let (mut tables, mut rest, mut at) = (vec![0xff, 0xd8], vec![0xff, 0xd8], 2);
    while file[at + 1] != 0xda {
        let piece = &file[at..cut(at)];
        if matches!(file[at + 1], 0xdb | 0xc4) { &mut tables } else { &mut rest }.extend_from_slice(piece);
        at = cut(at);
    }
    tables.extend_from_slice(&[0xff, 0xd9]);
    rest.extend_from_slice(&file[at..]);
    (tables, rest)
}

#[test]
fn series_of_all_kinds_come_back() {
    for kind in kinds() {
        let files: Vec<_> = (0..4).map(|seed| kind.file(seed, 60, 44)).collect();
        let other = Kind::baseline(&[(1, 1)]).file(5, 24, 80);
        let series = [b"before", &files[0][..], &files[1], b"\0", &other, &files[2], &files[3], b"behind"].concat();
        assert_eq!(series_round_trip(&series, &[])[0], 1);
        let alone: usize = files.iter().map(|file| round_trip(file).len()).sum();
        let together = series_round_trip(&files.concat(), &[]).len();
        assert!(together < alone, "{together} together, {alone} alone");
    }
}

#[test]
fn images_that_repeat_the_one_before_take_little() {
    let file = Kind::baseline(&[(2, 1), (1, 1), (1, 1)]).file(5, 160, 160);
    let once = series_round_trip(&file, &[]).len();
    let often = series_round_trip(&file.repeat(8), &[]).len();
    assert!(often < once + 300, "{once} once, {often} often");
}

#[test]
fn images_with_tables_in_common_come_back() {
    let files: Vec<_> = (0..3).map(|seed| Kind::baseline(&[(2, 2), (1, 1), (1, 1)]).file(seed, 64, 64)).collect();
    let (tables, _) = abbreviated(&files[0]);
    let series: Vec<u8> = files.iter().flat_map(|file| abbreviated(file).1).collect();
    let payload = series_round_trip(&series, &tables);
    assert_eq!(payload[0], 1);
    assert!(JpegSeries::decode(&payload, &[], series.len()).is_err());
    assert!(JpegSeries::decode(&payload, &tables[..40], series.len()).is_err());
    series_round_trip(&series, b"no tables");
    series_round_trip(&series, &files[0]);
    series_round_trip(b"no image", &tables);
}

#[test]
fn damaged_series_come_back_and_damaged_payloads_are_found() {
    let mut random = Random(17);
    let file = Kind::baseline(&[(2, 1), (1, 1), (1, 1)]).file(5, 48, 40);
    let moved = [&file[..file.len() - 2], &file[file.len() / 2..]].concat();
    let series = [&file[..], &moved, &file[..], &file[..]].concat();
    for _ in 0..30 {
        let mut damaged = series.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(damaged.len() as u64) as usize;
            damaged[at] = random.below(256) as u8;
        }
        damaged.truncate(series.len() - random.below(series.len() as u64 / 2) as usize);
        series_round_trip(&damaged, &[]);
    }
    let payload = series_round_trip(&series, &[]);
    for _ in 0..60 {
        let mut damaged = payload.clone();
        let at = random.below(damaged.len().min(600) as u64) as usize;
        damaged[at] ^= 1 + random.below(255) as u8;
        if let Ok(bytes) = JpegSeries::decode(&damaged, &[], series.len()) {
            assert_eq!(bytes.len(), series.len());
        }
    }
    assert!(JpegSeries::decode(&payload[..payload.len() / 2], &[], series.len()).is_err());
    assert!(JpegSeries::decode(&payload, &[], series.len() + 1).is_err());
}
