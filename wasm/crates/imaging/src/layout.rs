//! How samples lie in bytes: the parameters of the model.

use abi::Fault;
use std::ops::Range;

/// Words in one stream at most; their planes take two bytes each.
pub const MOST_WORDS: usize = 32 << 20;

const BIG_ENDIAN: u8 = 4;
const SIGNED: u8 = 8;
const PLANAR: u8 = 16;
const MAGNITUDES: u8 = 32;

/// A stack of frames, each of `channels` planes of `width` by `height` samples. Samples of more than two bytes are
/// words of 16 bits, each with a plane of its own, the most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub frames: usize,
    /// Of a sample: 1, 2, 4 or 8.
    pub bytes: usize,
    pub big_endian: bool,
    pub signed: bool,
    /// Sign and magnitude instead of two's complement: floating point numbers.
    pub magnitudes: bool,
    /// The channels of a frame one after the other instead of sample by sample.
    pub planar: bool,
}

impl Layout {
    /// Reads four varints and a byte of flags.
    pub fn read(params: &[u8]) -> Result<Layout, Fault> {
        let mut at = 0;
        let mut varint = || {
            let mut value = 0usize;
            for shift in [0, 7, 14, 21] {
                let byte = *params.get(at).ok_or(Fault::Damaged)?;
                at += 1;
                value |= ((byte & 127) as usize) << shift;
                if byte < 128 {
                    return Ok(value);
                }
            }
            Err(Fault::Damaged)
        };
        let (width, height, channels, frames) = (varint()?, varint()?, varint()?, varint()?);
        let &[flags] = &params[at..] else { return Err(Fault::Damaged) };
        let layout = Layout {
            width,
            height,
            channels,
            frames,
            bytes: 1 << (flags & 3),
            big_endian: flags & BIG_ENDIAN != 0,
            signed: flags & SIGNED != 0,
            magnitudes: flags & MAGNITUDES != 0,
            planar: flags & PLANAR != 0,
        };
        let sides = [width, height, channels, frames, layout.words()];
        let words = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        match words {
            Some(1..=MOST_WORDS) if flags < 64 && channels <= 255 => Ok(layout),
            _ => Err(Fault::Damaged),
        }
    }

    /// Of a sample.
    pub fn words(&self) -> usize {
        self.bytes.div_ceil(2)
    }

    pub fn planes(&self) -> usize {
        self.channels * self.frames * self.words()
    }

    pub fn area(&self) -> usize {
        self.width * self.height
    }

    pub fn byte_length(&self) -> usize {
        self.area() * self.channels * self.frames * self.bytes
    }

    /// Where the words of a plane lie: the byte of the first one, and the distance from one to the next.
    fn places(&self, plane: usize) -> (usize, usize) {
        let (words, area) = (self.words(), self.area());
        let (word, stack) = (plane % words, plane / words);
        let inside = if self.big_endian { word } else { words - 1 - word } * 2;
        if self.planar {
            (stack * area * self.bytes + inside, self.bytes)
        } else {
            let (frame, channel) = (stack / self.channels, stack % self.channels);
            ((frame * area * self.channels + channel) * self.bytes + inside, self.channels * self.bytes)
        }
    }

    /// The words of a plane as non-negative numbers in their order.
    pub fn take(&self, bytes: &[u8], plane: usize, each: impl FnMut(u32)) {
        self.take_some(bytes, plane, 0..self.area(), each);
    }

    /// As [`Layout::take`], of a range of samples, counted row by row.
    pub fn take_some(&self, bytes: &[u8], plane: usize, range: Range<usize>, mut each: impl FnMut(u32)) {
        let (start, step) = self.places(plane);
        let turned = self.turned(plane);
        for i in range {
            let at = start + i * step;
            let value = match (self.bytes, self.big_endian) {
                (1, _) => bytes[at] as u32,
                (_, true) => (bytes[at] as u32) << 8 | bytes[at + 1] as u32,
                (_, false) => (bytes[at + 1] as u32) << 8 | bytes[at] as u32,
            };
            each(if value & turned.half != 0 { value ^ turned.above } else { value ^ turned.below });
        }
    }

    /// The inverse of [`Layout::take`].
    pub fn put(&self, bytes: &mut [u8], plane: usize, mut next: impl FnMut() -> u32) {
        let (start, step) = self.places(plane);
        let turned = self.turned(plane);
        for i in 0..self.area() {
            let at = start + i * step;
            let number = next();
            let value = if (number ^ turned.below) & turned.half != 0 { number ^ turned.above } else { number ^ turned.below };
            match (self.bytes, self.big_endian) {
                (1, _) => bytes[at] = value as u8,
                (_, true) => bytes[at..at + 2].copy_from_slice(&(value as u16).to_be_bytes()),
                (_, false) => bytes[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes()),
            }
        }
    }

    /// How words become numbers of the same order: only the most significant one has a sign.
    fn turned(&self, plane: usize) -> Turned {
        let half = if self.bytes == 1 { 0x80 } else { 0x8000 };
        match (self.signed && plane % self.words() == 0, self.magnitudes) {
            (false, _) => Turned { half, below: 0, above: 0 },
            (true, false) => Turned { half, below: half, above: half },
            (true, true) => Turned { half, below: half, above: 2 * half - 1 },
        }
    }
}

/// What is turned over in words without and with the highest bit.
struct Turned {
    half: u32,
    below: u32,
    above: u32,
}
