//! Range coding with a 64-bit interval: symbols with frequencies of 16 bits, and bits with 16-bit probabilities.
//!
//! Martin, "Range encoding" (1979): the encoder keeps the low end and the size of the interval, sends 32 bits as soon as
//! the size needs no more than the lower half, and adds a carry to what it has sent. One step takes a whole symbol, so
//! that an alphabet costs one step and no guessed branch, where a binary coder takes one for each answer.

use crate::arithmetic::Coder;

/// Frequencies add up to `1 << SCALE_BITS`.
pub const SCALE_BITS: u32 = 16;
const WORD_BITS: u32 = 32;
const WORD_BYTES: usize = 4;
/// What a decoder reads before the first symbol, and so what it may imagine behind the end.
pub const STATE_BYTES: usize = 8;

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
        self.overrun() > STATE_BYTES
    }
}

/// Writes symbols and bits.
pub struct Encoder {
    low: u64,
    size: u64,
    bytes: Vec<u8>,
    /// Where in `bytes` the coded part begins.
    start: usize,
}

impl Encoder {
    /// Appends to `bytes`.
    pub fn new(bytes: Vec<u8>) -> Self {
        let start = bytes.len();
        Encoder { low: 0, size: u64::MAX, bytes, start }
    }

    /// Codes a symbol whose share of 65536 is `start..end`; `start < end <= 65536`.
    #[inline(always)]
    pub fn encode_share(&mut self, start: u32, end: u32) {
        self.narrow(self.size >> SCALE_BITS, start, end);
    }

    /// Codes a symbol whose share of `total` is `start..end`; `start < end <= total <= 65536`.
    #[inline(always)]
    pub fn encode_share_of(&mut self, total: u32, start: u32, end: u32) {
        self.narrow(self.size / total as u64, start, end);
    }

    #[inline(always)]
    fn narrow(&mut self, unit: u64, start: u32, end: u32) {
        let (low, carries) = self.low.overflowing_add(unit * start as u64);
        self.low = low;
        self.size = unit * (end - start) as u64;
        if carries {
            self.carry();
        }
        if self.size >> WORD_BITS == 0 {
            self.bytes.extend_from_slice(&((self.low >> WORD_BITS) as u32).to_be_bytes());
            self.low <<= WORD_BITS;
            self.size <<= WORD_BITS;
        }
    }

    /// Codes `bit`, which is 1 with probability `one / 65536`; `1 <= one <= 65535`.
    #[inline(always)]
    pub fn encode(&mut self, bit: u32, one: u32) {
        let (start, end) = if bit != 0 { (0, one) } else { (one, 1 << SCALE_BITS) };
        self.encode_share(start, end);
    }

    /// Adds 1 to what has been sent, which cannot overflow: the interval never leaves the first one.
    #[cold]
    fn carry(&mut self) {
        for byte in self.bytes[self.start..].iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    /// Closes the interval with the fewest bytes; the decoder reads zeros behind the end.
    pub fn finish(mut self) -> Vec<u8> {
        for length in 0..=STATE_BYTES {
            let mask = u64::MAX.checked_shr(8 * length as u32).unwrap_or(0);
            let (up, carries) = self.low.overflowing_add(mask);
            let value = up & !mask;
            if value.wrapping_sub(self.low) < self.size {
                if carries {
                    self.carry();
                }
                self.bytes.extend_from_slice(&value.to_be_bytes()[..length]);
                break;
            }
        }
        self.bytes
    }
}

/// Reads what [`Encoder`] wrote. Any bytes decode to something; behind the end it reads zeros.
pub struct Decoder<'a> {
    /// What is read, less the low end of the interval.
    code: u64,
    size: u64,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Decoder { code: 0, size: u64::MAX, bytes, at: 0 };
        for _ in 0..STATE_BYTES / WORD_BYTES {
            decoder.shift();
        }
        decoder
    }

    /// The place of the next symbol in 65536; [`take`](Self::take) its share afterwards.
    #[inline(always)]
    pub fn place(&self) -> u32 {
        (self.code / (self.size >> SCALE_BITS)).min((1 << SCALE_BITS) - 1) as u32
    }

    /// The place of the next symbol in `total`, up to 65536; [`take_of`](Self::take_of) its share afterwards.
    #[inline(always)]
    pub fn place_in(&self, total: u32) -> u32 {
        (self.code / (self.size / total as u64)).min(total as u64 - 1) as u32
    }

    /// Whether the next symbol's place is `bound` or behind it, without a division.
    #[inline(always)]
    pub fn is_behind(&self, bound: u32) -> bool {
        self.code >= (self.size >> SCALE_BITS) * bound as u64
    }

    /// Goes on behind a symbol whose share is `start..end`.
    #[inline(always)]
    pub fn take(&mut self, start: u32, end: u32) {
        self.widen(self.size >> SCALE_BITS, start, end);
    }

    /// Goes on behind a symbol whose share of `total` is `start..end`.
    #[inline(always)]
    pub fn take_of(&mut self, total: u32, start: u32, end: u32) {
        self.widen(self.size / total as u64, start, end);
    }

    #[inline(always)]
    fn widen(&mut self, unit: u64, start: u32, end: u32) {
        self.code = self.code.wrapping_sub(unit * start as u64);
        self.size = unit * (end - start) as u64;
        if self.size >> WORD_BITS == 0 {
            self.size <<= WORD_BITS;
            self.shift();
        }
    }

    /// The next bit, given the probability that the encoder used.
    #[inline(always)]
    pub fn decode(&mut self, one: u32) -> u32 {
        let bit = !self.is_behind(one);
        let (start, end) = if bit { (0, one) } else { (one, 1 << SCALE_BITS) };
        self.take(start, end);
        bit as u32
    }

    /// Whether the payload is used up exactly as an encoder leaves it: no byte that was never needed.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// How far reading ran behind the end: an encoder leaves at most [`STATE_BYTES`] to be imagined.
    pub fn overrun(&self) -> usize {
        self.at - self.bytes.len().min(self.at)
    }

    #[inline(always)]
    fn shift(&mut self) {
        let word = match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            Some(&word) => u32::from_be_bytes(word),
            None => self.last_word(),
        };
        self.at += WORD_BYTES;
        self.code = self.code << WORD_BITS | word as u64;
    }

    #[cold]
    fn last_word(&self) -> u32 {
        (0..WORD_BYTES).fold(0, |word, i| word << 8 | self.bytes.get(self.at + i).copied().unwrap_or(0) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(x: &mut u64) -> u64 {
        *x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *x >> 33
    }

    /// Shares and bits, some of them as unlikely as can be.
    fn steps(seed: u64, count: usize) -> Vec<(u32, u32, bool)> {
        let mut x = seed;
        (0..count)
            .map(|_| {
                let start = next(&mut x) as u32 % 65536;
                let end = if next(&mut x) % 4 == 0 { start + 1 } else { start + 1 + next(&mut x) as u32 % (65536 - start) };
                let is_bit = next(&mut x) % 3 == 0;
                (if is_bit { start.clamp(1, 65535) } else { start }, end, is_bit)
            })
            .collect()
    }

    #[test]
    fn symbols_and_bits_come_back_and_the_end_is_known() {
        for seed in 0..300 {
            let steps = steps(seed, seed as usize * 11);
            let mut encoder = Encoder::new(vec![255; 3]);
            for &(start, end, is_bit) in &steps {
                if is_bit { encoder.encode(end & 1, start) } else { encoder.encode_share(start, end) }
            }
            let bytes = encoder.finish();
            assert_eq!(bytes[..3], [255; 3], "no carry reaches what stood before");
            let mut decoder = Decoder::new(&bytes[3..]);
            for &(start, end, is_bit) in &steps {
                if is_bit {
                    assert_eq!(decoder.decode(start), end & 1);
                } else {
                    assert!((start..end).contains(&decoder.place()));
                    assert!(decoder.is_behind(start) && (end == 65536 || !decoder.is_behind(end)));
                    decoder.take(start, end);
                }
            }
            assert!(decoder.is_at_end() && decoder.overrun() <= STATE_BYTES);
        }
    }

    #[test]
    fn shares_of_any_total_come_back() {
        let mut x = 5;
        let steps: Vec<_> = (0..20_000)
            .map(|_| {
                let total = 1 + next(&mut x) as u32 % 65536;
                let start = next(&mut x) as u32 % total;
                (total, start, start + 1 + next(&mut x) as u32 % (total - start))
            })
            .collect();
        let mut encoder = Encoder::new(Vec::new());
        steps.iter().for_each(|&(total, start, end)| encoder.encode_share_of(total, start, end));
        let bytes = encoder.finish();
        let mut decoder = Decoder::new(&bytes);
        for &(total, start, end) in &steps {
            assert!((start..end).contains(&decoder.place_in(total)));
            decoder.take_of(total, start, end);
        }
        assert!(decoder.is_at_end() && decoder.overrun() <= STATE_BYTES);
    }

    #[test]
    fn carries_run_through_what_was_sent() {
        // Each step keeps the very top of the interval, whose low end comes to be a row of ones, until one step adds to it.
        for likely in [1u32, 3, 65535] {
            let steps: Vec<_> = (0..5000).map(|i| if i % 997 == 996 { (0, likely) } else { (65535, 65536) }).collect();
            let mut encoder = Encoder::new(Vec::new());
            steps.iter().for_each(|&(start, end)| encoder.encode_share(start, end));
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            for &(start, end) in &steps {
                assert!((start..end).contains(&decoder.place()));
                decoder.take(start, end);
            }
        }
    }

    #[test]
    fn any_bytes_decode_to_something() {
        let mut decoder = Decoder::new(&[255; 40]);
        for i in 0..1000 {
            let place = decoder.place();
            assert!(place < 65536);
            if i % 2 == 0 { decoder.take(65535, 65536) } else { decoder.take(0, 1) }
        }
        assert!(decoder.overrun() > STATE_BYTES);
    }

    #[test]
    fn the_length_is_near_the_entropy() {
        let mut encoder = Encoder::new(Vec::new());
        (0..100_000).for_each(|i| encoder.encode((i % 1000 != 0) as u32, 65470));
        // 99,900 bits of cost 0.00145 and 100 of cost 9.96 make 142 bytes.
        assert!((140..152).contains(&encoder.finish().len()));
    }
}
