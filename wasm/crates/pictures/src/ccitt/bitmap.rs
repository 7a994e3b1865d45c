//! A line of pixels, eight to a byte, with white ones around it.

/// How far windows may reach behind the ends of a line.
const MARGIN: usize = 32;

#[derive(Clone)]
pub struct Bitmap {
    bytes: Vec<u8>,
}

impl Bitmap {
    pub fn new(columns: usize) -> Self {
        // A window is taken out of eight bytes.
        Bitmap { bytes: vec![0; (columns + 2 * MARGIN) / 8 + 8] }
    }

    pub fn clear(&mut self) {
        self.bytes.fill(0);
    }

    pub fn copy_from(&mut self, other: &Bitmap) {
        self.bytes.copy_from_slice(&other.bytes);
    }

    /// The pixels up to `reach` before `x` and behind it, the first one highest.
    #[inline(always)]
    pub fn window(&self, x: usize, reach: usize) -> usize {
        self.stretch(x + MARGIN - reach, 2 * reach + 1)
    }

    /// The last `count` pixels before `x`.
    #[inline(always)]
    pub fn before(&self, x: usize, count: usize) -> usize {
        self.stretch(x + MARGIN - count, count)
    }

    /// At most 32 pixels.
    #[inline(always)]
    fn stretch(&self, from: usize, count: usize) -> usize {
        let bytes = self.bytes[from / 8..][..8].try_into().expect("eight bytes");
        (u64::from_be_bytes(bytes) << (from % 8) >> (64 - count)) as usize
    }

    /// Makes pixels black.
    pub fn blacken(&mut self, from: usize, to: usize) {
        let (mut at, end) = (from + MARGIN, to + MARGIN);
        while at < end {
            if at % 8 == 0 && end - at >= 8 {
                self.bytes[at / 8] = 0xff;
                at += 8;
            } else {
                self.bytes[at / 8] |= 0x80 >> (at % 8);
                at += 1;
            }
        }
    }
}
