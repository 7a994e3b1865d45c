//! Bits in and out, quickly: those that are predicted by the arithmetic coder, all others beside it.

use abi::Fault;
use coding::adaptive::TwoRateBit;
use coding::arithmetic::{Decoder, Encoder};

pub type Bit = TwoRateBit<4, 7>;

/// One walk serves both directions: a writer is told each bit, a reader tells it.
pub trait Lane {
    fn bit(&mut self, context: &mut Bit, bit: u32) -> u32;
    /// The `count` lowest bits of a number, at most 32, that nothing predicts.
    fn raw(&mut self, value: u32, count: u32) -> u32;
}

pub struct Writer {
    coder: Encoder,
    open: u64,
    count: u32,
    raw: Vec<u8>,
}

impl Writer {
    pub fn new() -> Self {
        Writer { coder: Encoder::new(Vec::new()), open: 0, count: 0, raw: Vec::new() }
    }

    /// Appends how many bytes of raw bits there are, these, and the coded ones.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.raw.extend_from_slice(&self.open.to_le_bytes()[..self.count.div_ceil(8) as usize]);
        out.extend_from_slice(&(self.raw.len() as u32).to_le_bytes());
        out.append(&mut self.raw);
        out.extend(self.coder.finish());
    }
}

impl Lane for Writer {
    #[inline(always)]
    fn bit(&mut self, context: &mut Bit, bit: u32) -> u32 {
        self.coder.encode(bit, context.one());
        context.update(bit);
        bit
    }

    #[inline(always)]
    fn raw(&mut self, value: u32, count: u32) -> u32 {
        self.open |= (value as u64) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.raw.extend_from_slice(&(self.open as u32).to_le_bytes());
            self.open >>= 32;
            self.count -= 32;
        }
        value
    }
}

pub struct Reader<'a> {
    coder: Decoder<'a>,
    raw: &'a [u8],
    at: usize,
    open: u64,
    count: u32,
}

impl<'a> Reader<'a> {
    pub fn new(payload: &'a [u8]) -> Result<Self, Fault> {
        let (length, rest) = payload.split_first_chunk().ok_or(Fault::Damaged)?;
        let (raw, coded) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(Fault::Damaged)?;
        Ok(Reader { coder: Decoder::new(coded), raw, at: 0, open: 0, count: 0 })
    }

    /// Whether all was read, and no more than there was.
    pub fn is_done(&self, imagined: usize) -> bool {
        let used = self.at - self.count as usize / 8;
        self.coder.is_at_end() && self.coder.overrun() <= imagined && used == self.raw.len()
    }

    /// Whether more was read than there was.
    pub fn is_spent(&self, imagined: usize) -> bool {
        self.coder.overrun() > imagined || self.at > self.raw.len() + 8
    }
}

impl Lane for Reader<'_> {
    #[inline(always)]
    fn bit(&mut self, context: &mut Bit, _bit: u32) -> u32 {
        let bit = self.coder.decode(context.one());
        context.update(bit);
        bit
    }

    #[inline(always)]
    fn raw(&mut self, _value: u32, count: u32) -> u32 {
        while self.count < count {
            let next = match self.raw.get(self.at..self.at + 4) {
                Some(four) => u32::from_le_bytes([four[0], four[1], four[2], four[3]]),
                None => (0..4).fold(0, |word, i| word | (self.raw.get(self.at + i).copied().unwrap_or(0) as u32) << (8 * i)),
            };
            self.open |= (next as u64) << self.count;
            self.at += 4;
            self.count += 32;
        }
        let value = (self.open & ((1u64 << count) - 1)) as u32;
        self.open >>= count;
        self.count -= count;
        value
    }
}
