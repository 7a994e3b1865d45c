//! Several JPEG images one after the other (frames of a stack, tiles of a picture): one coder learns from all of them,
//! and what stands around their coefficients is coded in one.

use super::picture::{read_tables, Picture};
use super::side::{put, take, Numbers, Side};
use super::{encode_coefficients, read_side, write_side, Pictures};
use super::{COEFFICIENTS, LONGEST, MAX_BLOCKS, PLAIN};
use crate::jpeg::frame::Headers;
use crate::jpeg::model::BlockCoder;
use crate::jpeg::planes::Planes;
use abi::{Fault, Model};
use coding::arithmetic::Encoder;
use general::{encode_fresh, General};
use std::ops::Range;

/// Blocks of a picture that is kept for the next one.
const MOST_KEPT: usize = MAX_BLOCKS / 4;
/// The share of the blocks that must be those of the picture before, for it to be looked at.
const REPEATED: usize = 16;

/// Images shorter than this can only be damaged ones.
const SHORTEST: usize = 16;

pub struct JpegSeries;

impl Model for JpegSeries {
    /// The parameters are the tables that all images have in common, as an image without frame and scans (T.81, B.5).
    fn encode(input: &[u8], tables: &[u8]) -> Result<Vec<u8>, Fault> {
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        match Series::read(input, tables) {
            Some(series) if !series.images.is_empty() => series.finish(input),
            _ => Ok([vec![PLAIN], encode_fresh(input)?].concat()),
        }
    }

    fn decode(payload: &[u8], tables: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST {
            return Err(Fault::Damaged);
        }
        let (&kind, rest) = payload.split_first().ok_or(Fault::Damaged)?;
        match kind {
            PLAIN => General::decode(rest, &[], length),
            COEFFICIENTS => decode_images(rest, tables, length).ok_or(Fault::Damaged),
            _ => Err(Fault::Damaged),
        }
    }
}

fn headers_of(tables: &[u8]) -> Option<Headers> {
    if tables.is_empty() {
        Some(Headers::new())
    } else {
        read_tables(tables)
    }
}

/// The planes, if they are small enough to be kept for the next picture.
fn kept(planes: Planes) -> Option<Planes> {
    (planes.len() <= MOST_KEPT).then_some(planes)
}

/// Where an image begins at or behind `from`, if any does.
fn next_start(bytes: &[u8], from: usize) -> usize {
    let found = bytes.get(from..).and_then(|rest| rest.windows(3).position(|window| window == [0xff, 0xd8, 0xff]));
    found.map_or(bytes.len(), |found| from + found)
}

/// What is known of an image whose coefficients are coded.
struct Image {
    start: usize,
    numbers: Vec<u8>,
    /// All but those behind the last scan.
    bytes: Vec<u8>,
    tail: Range<usize>,
}

/// Images as they are coded; only one at a time is in memory as coefficients.
struct Series {
    images: Vec<Image>,
    encoder: Encoder,
    coder: BlockCoder,
    before: Option<Planes>,
}

impl Series {
    /// None where the common tables cannot be read.
    fn read(input: &[u8], tables: &[u8]) -> Option<Series> {
        let (encoder, coder) = (Encoder::new(Vec::new()), BlockCoder::new());
        let mut series = Series { images: Vec::new(), encoder, coder, before: None };
        let mut room = 8 * input.len();
        let mut start = next_start(input, 0);
        while start + SHORTEST <= input.len() {
            let mut after = start + 2;
            if let Some(picture) = Picture::read(&input[start..], headers_of(tables)?, room.min(MAX_BLOCKS)) {
                room -= picture.planes.len();
                after = start + picture.tail;
                series.add(&input[start..after], start, picture)?;
            }
            start = next_start(input, after);
            if let Some(last) = series.images.last_mut() {
                last.tail.end = start;
            }
        }
        if let Some(last) = series.images.last_mut() {
            last.tail.end = input.len();
        }
        Some(series)
    }

    fn add(&mut self, image: &[u8], start: usize, mut picture: Picture) -> Option<()> {
        let before = self.before.take().filter(|before| {
            before.is_like(&picture.planes) && before.shared(&picture.planes) * REPEATED >= before.len()
        });
        let side = Side::of(image, &picture);
        let (mut numbers, mut bytes) = (Vec::new(), Vec::new());
        put(&mut numbers, before.is_some() as usize);
        side.write_numbers(&mut numbers);
        side.write_bytes(&mut bytes);
        let end = start + image.len();
        self.images.push(Image { start, numbers, bytes, tail: end..end });
        encode_coefficients(&mut self.coder, &mut self.encoder, &mut picture, before.as_ref())?;
        self.before = kept(picture.planes);
        Some(())
    }

    fn finish(self, input: &[u8]) -> Result<Vec<u8>, Fault> {
        let first = self.images[0].start;
        let (mut side, mut bytes) = (Vec::new(), input[..first].to_vec());
        put(&mut side, first);
        put(&mut side, self.images.len());
        for image in &self.images {
            side.extend_from_slice(&image.numbers);
            put(&mut side, image.tail.len());
            bytes.extend_from_slice(&image.bytes);
            bytes.extend_from_slice(&input[image.tail.clone()]);
        }
        side.append(&mut bytes);
        let mut output = vec![COEFFICIENTS];
        write_side(&side, &mut output)?;
        output.extend_from_slice(&self.encoder.finish());
        Ok(output)
    }
}

fn decode_images(payload: &[u8], tables: &[u8], length: usize) -> Option<Vec<u8>> {
    let (side, rest) = read_side(payload, length)?;
    let mut at = 0;
    let first = take(&side, &mut at, length)?;
    let count = take(&side, &mut at, length)?;
    let mut numbers = Vec::new();
    for _ in 0..count {
        let repeats = take(&side, &mut at, 1)? == 1;
        let image = Numbers::read(&side, &mut at, length)?;
        numbers.push((repeats, image, take(&side, &mut at, length)?));
    }
    let (start, mut bytes) = side[at..].split_at_checked(first)?;
    let mut pictures = Pictures::new(rest, length);
    pictures.output.extend_from_slice(start);
    let mut before = None;
    for (repeats, image, tail) in numbers {
        let image = image.with_bytes(&mut bytes, tail)?;
        let planes = pictures.decode(&image, headers_of(tables)?, before.as_ref().filter(|_| repeats))?;
        before = kept(planes);
        if pictures.output.len() > length {
            return None;
        }
    }
    pictures.finish(length).filter(|_| bytes.is_empty())
}
