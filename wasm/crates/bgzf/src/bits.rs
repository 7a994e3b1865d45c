//! Bits of a deflate stream, lowest first (RFC 1951, section 3.1.1).

pub struct Bits {
    /// Bits that are not in `bytes` yet, fewer than 32 between calls.
    waiting: u64,
    count: u32,
    bytes: Vec<u8>,
}

impl Bits {
    pub fn new() -> Self {
        Bits { waiting: 0, count: 0, bytes: Vec::with_capacity(1 << 16) }
    }

    /// Appends the lower `count` bits of `value`, which has no others; 32 at most.
    #[inline]
    pub fn send(&mut self, value: u64, count: u32) {
        self.waiting |= value << self.count;
        self.count += count;
        if self.count >= u32::BITS {
            self.bytes.extend_from_slice(&(self.waiting as u32).to_le_bytes());
            self.waiting >>= u32::BITS;
            self.count -= u32::BITS;
        }
    }

    /// Fills the last byte up with zeros.
    pub fn align(&mut self) {
        let whole = self.count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.waiting.to_le_bytes()[..whole]);
        (self.waiting, self.count) = (0, 0);
    }

    /// Appends bytes behind a whole one.
    pub fn append(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.bytes.extend_from_slice(bytes);
    }

    /// The stream, whose last byte must be whole.
    pub fn finish(self) -> Vec<u8> {
        debug_assert_eq!(self.count, 0);
        self.bytes
    }
}
