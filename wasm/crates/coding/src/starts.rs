//! Shares of small alphabets by where they start: a symbol's share reaches from its start to that of the next.

use crate::ranges::Decoder;
use crate::symbols::Shares;
use crate::vector::{Eight, LANES};

/// How many places a line of starts has.
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

/// For each symbol, which places of a line stand above it.
pub const fn above<const SYMBOLS: usize>() -> [[i16; SIXTEEN]; SYMBOLS] {
    let mut masks = [[0; SIXTEEN]; SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        let mut place = symbol + 1;
        while place < SIXTEEN {
            masks[symbol][place] = -1;
            place += 1;
        }
        symbol += 1;
    }
    masks
}

/// Moves all starts of a line down by `1 / 2^rate` but up by their `least`, and those `above` the symbol that came up by
/// `rise`.
#[inline(always)]
pub fn follow(line: &mut [i16; SIXTEEN], rate: u32, least: &[i16; SIXTEEN], above: &[i16; SIXTEEN], rise: u16) {
    for from in [0, LANES] {
        let step = Eight::load(&least[from..]).plus_where(Eight::load(&above[from..]), rise);
        Eight::load(&line[from..]).decayed(rate, step).store(&mut line[from..]);
    }
}
