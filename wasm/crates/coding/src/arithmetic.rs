//! Binary arithmetic coding with a 32-bit interval and 16-bit probabilities.
//!
//! The carry-less form of Witten, Neal and Cleary, "Arithmetic coding for data compression" (CACM 30, 1987), with
//! bytewise renormalisation: leading bytes on which both ends of the interval agree are shifted out.

/// Where bits go to or come from, so that a model is written once for both.
pub trait Coder {
    /// Codes `bit`, 1 with probability `one / 65536`. A decoder ignores `bit`; both give back the bit that counts.
    fn code(&mut self, bit: u32, one: u32) -> u32;

    /// Whether a decoder has read so far behind its payload that the payload must be damaged.
    fn is_lost(&self) -> bool {
        false
    }
}

impl Coder for Encoder {
    #[inline(always)]
    fn code(&mut self, bit: u32, one: u32) -> u32 {
        self.encode(bit, one);
        bit
    }
}

impl Coder for Decoder<'_> {
    #[inline(always)]
    fn code(&mut self, _bit: u32, one: u32) -> u32 {
        self.decode(one)
    }

    fn is_lost(&self) -> bool {
        self.overrun() > 4
    }
}

/// Writes bits.
pub struct Encoder {
    low: u32,
    high: u32,
    bytes: Vec<u8>,
}

impl Encoder {
    /// Appends to `bytes`.
    pub fn new(bytes: Vec<u8>) -> Self {
        Encoder { low: 0, high: u32::MAX, bytes }
    }

    /// Codes `bit`, which is 1 with probability `one / 65536`; `1 <= one <= 65535`.
    #[inline]
    pub fn encode(&mut self, bit: u32, one: u32) {
        let middle = split(self.low, self.high, one);
        if bit != 0 {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.bytes.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
        }
    }

    /// Bytes written so far, what is still open left out.
    pub fn written(&self) -> usize {
        self.bytes.len()
    }

    /// Closes the interval with the fewest bytes; the decoder reads zeros behind the end.
    pub fn finish(mut self) -> Vec<u8> {
        for length in 0..=4u32 {
            let mask = (u32::MAX as u64 >> (8 * length)) as u32;
            let value = (self.low as u64 + mask as u64) & !(mask as u64);
            if value <= self.high as u64 {
                self.bytes.extend_from_slice(&(value as u32).to_be_bytes()[..length as usize]);
                break;
            }
        }
        self.bytes
    }
}

/// Reads what [`Encoder`] wrote. Any bytes decode to something; behind the end it reads zeros.
pub struct Decoder<'a> {
    low: u32,
    high: u32,
    code: u32,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Decoder { low: 0, high: u32::MAX, code: 0, bytes, at: 0 };
        for _ in 0..4 {
            decoder.shift();
        }
        decoder
    }

    /// The next bit, given the probability that the encoder used.
    #[inline]
    pub fn decode(&mut self, one: u32) -> u32 {
        let middle = split(self.low, self.high, one);
        let bit = (self.code <= middle) as u32;
        if bit != 0 {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            self.shift();
        }
        bit
    }

    /// Whether the payload is used up exactly as an encoder leaves it: no byte that was never needed.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// How far reading ran behind the end: an encoder leaves at most 4 bytes to be imagined.
    pub fn overrun(&self) -> usize {
        self.at - self.bytes.len().min(self.at)
    }

    #[inline]
    fn shift(&mut self) {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        self.code = self.code << 8 | byte as u32;
    }
}

#[inline]
fn split(low: u32, high: u32, one: u32) -> u32 {
    let range = high - low;
    low + ((range as u64 * one as u64) >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(seed: u64, count: usize) -> Vec<(u32, u32)> {
        let mut x = seed;
        (0..count)
            .map(|_| {
                x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let one = match x >> 60 {
                    0 => 1,
                    1 => 65535,
                    _ => 1 + (x >> 40) as u32 % 65535,
                };
                (((x >> 20) as u32 & 0xffff < one) as u32, one)
            })
            .collect()
    }

    #[test]
    fn bits_come_back_and_the_end_is_known() {
        for seed in 0..200 {
            let bits = bits(seed, seed as usize * 7);
            let mut encoder = Encoder::new(Vec::new());
            bits.iter().for_each(|&(bit, one)| encoder.encode(bit, one));
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            for &(bit, one) in &bits {
                assert_eq!(decoder.decode(one), bit);
            }
            assert!(decoder.is_at_end() && decoder.overrun() <= 4);
        }
    }

    #[test]
    fn the_length_is_near_the_entropy() {
        let mut encoder = Encoder::new(Vec::new());
        for i in 0..100_000 {
            encoder.encode((i % 1000 != 0) as u32, 65470);
        }
        // 99,900 bits of cost 0.00145 and 100 of cost 9.96 make 142 bytes.
        assert!((140..150).contains(&encoder.finish().len()));
    }
}
