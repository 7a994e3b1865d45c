//! How likely the symbols of small alphabets are: all of them adapt at once, and none needs a guessed branch.
//!
//! A symbol's share of 65536 reaches from its start to that of the next. Each time, starts above the symbol that came
//! move up by a part of what is missing and those below move down, so that the shares are averages that forget.
//! They stay in order and apart by at least 1 whatever the rates: a start that is no further above its neighbour than the
//! part is small loses at most 1 more than that one, and gains 1 more.

use coding::ranges::{Decoder, SCALE_BITS};
use coding::starts::{above, follow, SIXTEEN};
use coding::symbols::Shares;
use coding::vector::{Eight, LANES};

const FOUR_BITS: u32 = 48;
const FOUR_MASK: u64 = (1 << FOUR_BITS) - 1;

/// The shares of four symbols: three starts, from the lowest bits up, below 16 bits that are the owner's.
#[derive(Clone, Copy)]
pub struct Four(pub u64);

impl Four {
    pub const EVEN: Four = Four(0xc000_8000_4000);

    /// After `symbol` came, at the rate `1 / 2^RATE`; the owner's bits stay.
    #[inline(always)]
    pub fn after<const RATE: u32>(self, symbol: usize) -> Self {
        let fall = self.0 >> RATE & (0x0001_0001_0001 * ((1 << (16 - RATE)) - 1));
        // Starts are lower by 1 to 3 than a whole step, or above 0 by as much.
        let rise = 0x0001_0001_0001 * ((1 << (16 - RATE)) - 4) & FOUR_MASK << (16 * symbol);
        Four(self.0 - fall + (rise & FOUR_MASK) + 0x0003_0002_0001)
    }
}

impl Shares for Four {
    #[inline(always)]
    fn of(&self, symbol: usize) -> (u32, u32) {
        let shift = 16 * symbol as u32;
        let start = (self.0 & FOUR_MASK) << 16 >> shift & 0xffff;
        let end = (self.0 | !FOUR_MASK) >> shift & 0xffff;
        (start as u32, end as u32)
    }

    #[inline(always)]
    fn find(&self, decoder: &Decoder) -> usize {
        let is_behind = |lane: u32| decoder.is_behind((self.0 >> (16 * lane)) as u32 & 0xffff) as usize;
        is_behind(0) + is_behind(1) + is_behind(2)
    }
}

/// The most symbols of a [`Few`].
pub const MOST: usize = 14;
const PLACES: usize = SIXTEEN;
const COUNT: usize = PLACES - 1;
/// The start of what does not occur: a decoder's place is clamped to lie before it.
const NEVER: u16 = u16::MAX;
/// The rates, by how often the shares have been used.
const RATES: [u8; 16] = [2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5];
const STEADY: i16 = RATES.len() as i16 - 1;

/// For each symbol, which starts are above it.
static ABOVE: [[i16; PLACES]; MOST] = above();

/// What the shares of some number of symbols move by.
#[derive(Clone)]
pub struct Steps {
    symbols: usize,
    /// The least starts.
    least: [i16; PLACES],
}

impl Steps {
    /// `symbols`: how many there are, at most [`MOST`].
    pub fn new(symbols: usize) -> Self {
        let symbols = symbols.clamp(1, MOST);
        Steps { symbols, least: core::array::from_fn(|place| place.min(symbols - 1) as i16) }
    }
}

/// The shares of up to [`MOST`] symbols: their starts, then places that never occur, the last of them a count.
#[derive(Clone)]
pub struct Few([i16; PLACES]);

impl Few {
    /// Shares after `weights`.
    pub fn new(weights: &[u32]) -> Self {
        let weights = &weights[..weights.len().min(MOST)];
        let total = weights.iter().map(|&weight| weight as u64).sum::<u64>().max(1);
        let spread = (1u64 << SCALE_BITS) - 64 * (weights.len() as u64 + 1);
        let mut few = Few([NEVER as i16; PLACES]);
        let mut below = 0u64;
        for (place, &weight) in weights.iter().enumerate() {
            few.0[place] = (below * spread / total + 64 * place as u64) as i16;
            below += weight as u64;
        }
        few.0[0] = 0;
        few.0[COUNT] = 0;
        few
    }

    #[inline(always)]
    pub fn update(&mut self, symbol: usize, steps: &Steps) {
        let count = self.0[COUNT];
        let rate = RATES[count as usize & (RATES.len() - 1)] as u32;
        let rise = (1u16 << (SCALE_BITS - rate)) - steps.symbols as u16;
        follow(&mut self.0, rate, &steps.least, &ABOVE[symbol], rise);
        self.0[COUNT] = (count + 1).min(STEADY);
    }
}

impl Shares for Few {
    #[inline(always)]
    fn of(&self, symbol: usize) -> (u32, u32) {
        let symbol = symbol.min(MOST - 1);
        (self.0[symbol] as u16 as u32, self.0[symbol + 1] as u16 as u32)
    }

    #[inline(always)]
    fn find(&self, decoder: &Decoder) -> usize {
        let place = decoder.place().min(NEVER as u32 - 1) as u16;
        let low = Eight::load(&self.0).at_most(place);
        let high = Eight::load(&self.0[LANES..]).at_most(place);
        let reached = low | (high & ((1 << (MOST - LANES)) - 1)) << LANES;
        reached.count_ones().max(1) as usize - 1
    }
}

const NIBBLES: usize = SIXTEEN;
/// The rates of [`Sixteen`], by how often the shares have been used.
const NIBBLE_RATES: [u8; 16] = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5];
const NIBBLE_STEADY: i16 = NIBBLE_RATES.len() as i16 - 1;
/// The least starts of sixteen symbols.
static LEAST_STARTS: [i16; NIBBLES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// For each of sixteen symbols, which starts are above it.
static ABOVE_NIBBLE: [[i16; NIBBLES]; NIBBLES] = above();

/// The shares of sixteen symbols: the starts of all but the first, in whose place is a count.
#[derive(Clone, Copy)]
pub struct Sixteen([i16; NIBBLES]);

impl Sixteen {
    /// Even shares.
    pub const FRESH: Sixteen = Sixteen(even());

    /// Whether nothing came yet.
    #[inline(always)]
    pub fn is_fresh(&self) -> bool {
        self.0[0] == 0
    }

    /// Half of the starts from the first or the ninth symbol on, rounded up, below 32768: no start is above 65534. That
    /// of the first symbol is of no meaning.
    #[inline(always)]
    pub fn half_starts(&self, from: usize) -> Eight {
        Eight::load(&self.0[from..]).decayed(1, Eight::new([0; LANES]))
    }

    /// How large a symbol's share is.
    #[inline(always)]
    pub fn share(&self, symbol: usize) -> u32 {
        let symbol = symbol & (NIBBLES - 1);
        let start = if symbol == 0 { 0 } else { self.0[symbol] as u16 as u32 };
        let end = if symbol == NIBBLES - 1 { 1 << SCALE_BITS } else { self.0[symbol + 1] as u16 as u32 };
        end - start
    }

    #[inline(always)]
    pub fn update(&mut self, symbol: usize) {
        let count = self.0[0];
        let rate = NIBBLE_RATES[count as usize & (NIBBLE_RATES.len() - 1)] as u32;
        let rise = (1u16 << (SCALE_BITS - rate)) - NIBBLES as u16;
        follow(&mut self.0, rate, &LEAST_STARTS, &ABOVE_NIBBLE[symbol & (NIBBLES - 1)], rise);
        self.0[0] = (count + 1).min(NIBBLE_STEADY);
    }
}

const fn even() -> [i16; NIBBLES] {
    let mut starts = [0; NIBBLES];
    let mut symbol = 1;
    while symbol < NIBBLES {
        starts[symbol] = ((symbol as u32) << (SCALE_BITS - 4)) as u16 as i16;
        symbol += 1;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use coding::ranges::Encoder;
    use coding::symbols::SymbolCoder;

    fn next(x: &mut u64) -> u64 {
        *x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *x >> 33
    }

    /// Runs of one symbol, and symbols in disorder.
    fn symbols(seed: u64, many: usize, count: usize) -> Vec<usize> {
        let mut x = seed;
        let mut last = 0;
        (0..count)
            .map(|i| {
                if i / 500 % 2 == 0 || next(&mut x) % 700 == 0 {
                    last = next(&mut x) as usize % many;
                }
                last
            })
            .collect()
    }

    fn are_in_order(shares: &impl Shares, many: usize) -> bool {
        let all: Vec<_> = (0..many).map(|symbol| shares.of(symbol)).collect();
        all[0].0 == 0 && all.iter().all(|(start, end)| start < end) && all.windows(2).all(|two| two[0].1 == two[1].0)
    }

    #[test]
    fn few_symbols_come_back_and_their_shares_stay_in_order() {
        for many in 1..=MOST {
            let weights: Vec<u32> = (0..many as u32).map(|i| i * i * 1000).collect();
            let steps = Steps::new(many);
            let symbols = symbols(many as u64, many, 5000);
            let mut shares = Few::new(&weights);
            let mut encoder = Encoder::new(Vec::new());
            for &symbol in &symbols {
                assert!(are_in_order(&shares, many));
                encoder.code_symbol(symbol, &shares);
                shares.update(symbol, &steps);
            }
            let bytes = encoder.finish();
            let mut shares = Few::new(&weights);
            let mut decoder = Decoder::new(&bytes);
            for &symbol in &symbols {
                assert_eq!(decoder.code_symbol(0, &shares), symbol);
                shares.update(symbol, &steps);
            }
        }
    }

    #[test]
    fn sixteen_shares_stay_in_order_and_below_the_largest_start() {
        for seed in 1..20 {
            let mut shares = Sixteen::FRESH;
            for symbol in symbols(seed, NIBBLES, 3000) {
                let halves = [shares.half_starts(0), shares.half_starts(LANES)].map(Eight::numbers);
                assert!(halves.concat()[1..].windows(2).all(|two| two[0] <= two[1] && two[1] < 1 << 15));
                shares.update(symbol);
                assert!((0..NIBBLES).all(|symbol| (1..1 << SCALE_BITS).contains(&shares.share(symbol))));
            }
        }
    }

    #[test]
    fn four_symbols_come_back_and_leave_the_bits_above_alone() {
        let symbols = symbols(7, 4, 20000);
        let fresh = Four(Four::EVEN.0 | 0xabcd << FOUR_BITS);
        let after = |shares: Four, at: usize, symbol| match at % 3 {
            0 => shares.after::<2>(symbol),
            1 => shares.after::<5>(symbol),
            _ => shares.after::<7>(symbol),
        };
        let (mut shares, mut encoder) = (fresh, Encoder::new(Vec::new()));
        for (at, &symbol) in symbols.iter().enumerate() {
            assert!(are_in_order(&shares, 4) && shares.0 >> FOUR_BITS == 0xabcd);
            encoder.code_symbol(symbol, &shares);
            shares = after(shares, at, symbol);
        }
        let bytes = encoder.finish();
        let (mut shares, mut decoder) = (fresh, Decoder::new(&bytes));
        for (at, &symbol) in symbols.iter().enumerate() {
            assert_eq!(decoder.code_symbol(0, &shares), symbol);
            shares = after(shares, at, symbol);
        }
    }

    #[test]
    fn what_comes_often_gets_the_larger_share() {
        let mut shares = Few::new(&[1, 1, 1]);
        (0..1000).for_each(|_| shares.update(1, &Steps::new(3)));
        let (start, end) = shares.of(1);
        assert!(end - start > 65000, "{start} {end}");
    }
}
