//! Whole symbols in one step each, where bits take several: what each symbol has of the interval, and the coders.

use crate::arithmetic::Coder;
use crate::ranges::{Decoder, Encoder, SCALE_BITS};
use crate::vector::{Eight, LANES};

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

/// How many symbols [`Starts`] are of.
pub const SIXTEEN: usize = 2 * LANES;

/// Where the shares of sixteen symbols start in 65536: the first at 0, whatever stands there, all others apart.
pub struct Starts(pub [Eight; 2]);

impl Shares for Starts {
    #[inline(always)]
    fn of(&self, symbol: usize) -> (u32, u32) {
        let mut starts = [0i16; SIXTEEN + 1];
        self.0[0].store(&mut starts);
        self.0[1].store(&mut starts[LANES..]);
        starts[0] = 0;
        // The last share ends at 65536, where no start stands.
        let end = (starts[symbol + 1] as u16 as u32).wrapping_sub(1) as u16 as u32 + 1;
        (starts[symbol] as u16 as u32, end)
    }

    #[inline(always)]
    fn find(&self, decoder: &Decoder) -> usize {
        let place = decoder.place() as u16;
        let reached = self.0[0].at_most(place) & !1 | self.0[1].at_most(place) << LANES;
        reached.count_ones() as usize
    }
}
