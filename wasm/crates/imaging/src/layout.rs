//! How samples lie in bytes: the parameters of the model.

use abi::Fault;

/// Samples in one stream at most; their planes take four bytes each.
pub const MOST_SAMPLES: usize = 32 << 20;

const BIG_ENDIAN: u8 = 4;
const SIGNED: u8 = 8;
const PLANAR: u8 = 16;
const MAGNITUDES: u8 = 32;

/// A stack of frames, each of `channels` planes of `width` by `height` samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub frames: usize,
    /// Of a sample: 1 or 2.
    pub bytes: usize,
    pub big_endian: bool,
    pub signed: bool,
    /// Sign and magnitude instead of two's complement: the upper halves of floating point numbers.
    pub magnitudes: bool,
    /// The planes of a frame one after the other instead of sample by sample.
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
            bytes: (flags & 3) as usize + 1,
            big_endian: flags & BIG_ENDIAN != 0,
            signed: flags & SIGNED != 0,
            magnitudes: flags & MAGNITUDES != 0,
            planar: flags & PLANAR != 0,
        };
        let sides = [width, height, channels, frames];
        let samples = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        match samples {
            Some(1..=MOST_SAMPLES) if layout.bytes <= 2 && flags < 64 && channels <= 255 => Ok(layout),
            _ => Err(Fault::Damaged),
        }
    }

    pub fn planes(&self) -> usize {
        self.channels * self.frames
    }

    pub fn byte_length(&self) -> usize {
        self.width * self.height * self.planes() * self.bytes
    }

    /// Where the samples of a plane lie: the byte of the first one, and the distance from one to the next.
    fn places(&self, plane: usize) -> (usize, usize) {
        let area = self.width * self.height;
        if self.planar {
            (plane * area * self.bytes, self.bytes)
        } else {
            let (frame, channel) = (plane / self.channels, plane % self.channels);
            ((frame * area * self.channels + channel) * self.bytes, self.channels * self.bytes)
        }
    }

    /// The samples of a plane as non-negative numbers in their order.
    pub fn take(&self, bytes: &[u8], plane: usize, mut each: impl FnMut(u32)) {
        let (start, step) = self.places(plane);
        for i in 0..self.width * self.height {
            let at = start + i * step;
            let value = match (self.bytes, self.big_endian) {
                (1, _) => bytes[at] as u32,
                (_, true) => (bytes[at] as u32) << 8 | bytes[at + 1] as u32,
                (_, false) => (bytes[at + 1] as u32) << 8 | bytes[at] as u32,
            };
            each(self.ordered(value));
        }
    }

    /// The inverse of [`Layout::take`].
    pub fn put(&self, bytes: &mut [u8], plane: usize, mut next: impl FnMut() -> u32) {
        let (start, step) = self.places(plane);
        for i in 0..self.width * self.height {
            let at = start + i * step;
            let value = self.original(next());
            match (self.bytes, self.big_endian) {
                (1, _) => bytes[at] = value as u8,
                (_, true) => bytes[at..at + 2].copy_from_slice(&(value as u16).to_be_bytes()),
                (_, false) => bytes[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes()),
            }
        }
    }

    /// A sample as a number of the same order without a sign.
    #[inline(always)]
    fn ordered(&self, sample: u32) -> u32 {
        let half = 0x80 << (8 * (self.bytes - 1));
        match (self.signed, self.magnitudes) {
            (false, _) => sample,
            (true, true) if sample & half != 0 => sample ^ (2 * half - 1),
            (true, _) => sample ^ half,
        }
    }

    /// The inverse of [`Layout::ordered`].
    #[inline(always)]
    fn original(&self, number: u32) -> u32 {
        let half = 0x80 << (8 * (self.bytes - 1));
        match (self.signed, self.magnitudes) {
            (false, _) => number,
            (true, true) if number & half == 0 => number ^ (2 * half - 1),
            (true, _) => number ^ half,
        }
    }
}
