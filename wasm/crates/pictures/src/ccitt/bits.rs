//! Bits of a byte string, highest first.

pub struct Reader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// The next bits, at most 16; zeros behind the end.
    #[inline]
    pub fn peek(&self, count: u32) -> u32 {
        let byte = self.at / 8;
        let window =
            (0..3).fold(0u32, |window, i| window << 8 | self.bytes.get(byte + i).copied().unwrap_or(0) as u32);
        (window >> (24 - self.at as u32 % 8 - count)) & ((1 << count) - 1)
    }

    /// False if there are not so many.
    #[inline]
    pub fn skip(&mut self, count: u32) -> bool {
        self.at += count as usize;
        self.at <= 8 * self.bytes.len()
    }

    pub fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    buffer: u64,
    count: u32,
}

impl Writer {
    #[inline]
    pub fn put(&mut self, bits: u32, count: u32) {
        self.buffer = self.buffer << count | bits as u64;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.buffer >> self.count) as u8);
        }
    }

    /// Fills up the last byte with zeros.
    pub fn align(&mut self) {
        self.put(0, (8 - self.count) % 8);
    }
}
