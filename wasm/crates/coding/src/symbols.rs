//! Whole symbols in one step each, where bits take several: what each symbol has of the interval, and the coders.

use crate::arithmetic::Coder;
use crate::ranges::{Decoder, Encoder, SCALE_BITS};

/// What symbols have of an interval.
pub trait Shares {
    /// Where a symbol's share begins and ends.
    fn of(&self, symbol: usize) -> (u32, u32);

    /// The symbol whose share the decoder stands in.
    fn find(&self, decoder: &Decoder) -> usize;

    /// What all shares add up to, 65536 at most.
    #[inline(always)]
    fn total(&self) -> u32 {
        1 << SCALE_BITS
    }
}

/// A coder of bits that takes symbols, too.
pub trait SymbolCoder: Coder {
    /// An encoder writes `symbol` and returns it; a decoder ignores it and returns the one that was written.
    fn code_symbol(&mut self, symbol: usize, shares: &impl Shares) -> usize;
}

impl SymbolCoder for Encoder {
    #[inline(always)]
    fn code_symbol(&mut self, symbol: usize, shares: &impl Shares) -> usize {
        let (start, end) = shares.of(symbol);
        self.encode_share_of(shares.total(), start, end);
        symbol
    }
}

impl SymbolCoder for Decoder<'_> {
    #[inline(always)]
    fn code_symbol(&mut self, _symbol: usize, shares: &impl Shares) -> usize {
        let symbol = shares.find(self);
        let (start, end) = shares.of(symbol);
        self.take_of(shares.total(), start, end);
        symbol
    }
}
