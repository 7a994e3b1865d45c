//! Symbols of four bits from four opinions: distributions of small contexts, mixed by weights that follow how
//! well each of them did (the Bayesian mixture of Herbster and Warmuth, "Tracking the best expert", 1998, whose shares
//! never fall to nothing). A symbol takes one step where bits would take four.

use coding::ranges::Decoder;
use coding::symbols::{Shares, SymbolCoder};
use coding::vector::Eight;
use core::marker::PhantomData;

pub const INPUTS: usize = 4;
pub const SYMBOLS: usize = 16;

/// What kind of symbols a mixture is for.
pub trait Kind {
    /// How many contexts each input has; powers of 2. The first has few: what it learns is where the others begin.
    const CONTEXTS: [usize; INPUTS];
    /// After so many symbols a distribution learns no slower.
    const LIMITS: [u8; INPUTS];
    /// How many contexts choose the weights.
    const WEIGHTS: usize;
    /// How fast the weights learn.
    const LEARNING: f32;
}

/// How often each symbol is expected; together less than 65536, and each at least once.
struct Frequencies {
    each: [i16; SYMBOLS],
    /// Of each symbol and all before it.
    sums: [Eight; 2],
}

impl Frequencies {
    #[inline(always)]
    fn new(halves: [Eight; 2]) -> Self {
        let mut each = [0; SYMBOLS];
        halves[0].store(&mut each[..8]);
        halves[1].store(&mut each[8..]);
        let low = halves[0].running_sums();
        let high = halves[1].running_sums().plus(low.numbers()[7]);
        Frequencies { each, sums: [low, high] }
    }
}

impl Shares for Frequencies {
    #[inline(always)]
    fn of(&self, symbol: usize) -> (u32, u32) {
        let mut sums = [0; SYMBOLS];
        self.sums[0].store(&mut sums[..8]);
        self.sums[1].store(&mut sums[8..]);
        let end = sums[symbol] as u16 as u32;
        (end - self.each[symbol] as u32, end)
    }

    #[inline(always)]
    fn find(&self, decoder: &Decoder) -> usize {
        let place = decoder.place_in(self.total()) as u16;
        let before = self.sums.map(|sums| sums.at_most(place).count_ones() as usize);
        (before[0] + before[1]).min(SYMBOLS - 1)
    }

    #[inline(always)]
    fn total(&self) -> u32 {
        self.sums[1].numbers()[7] as u32
    }
}

/// Probabilities of the symbols, in 1/32768.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Distribution([i16; SYMBOLS]);

pub struct Mixture<K> {
    distributions: Vec<Distribution>,
    /// How many symbols each distribution has learnt from, up to its limit.
    counts: Vec<u8>,
    /// Shares of the inputs, together about 1.
    weights: Vec<[f32; INPUTS]>,
    kind: PhantomData<K>,
}

/// No input is given up for good.
const LEAST_WEIGHT: f32 = 1.0 / 256.0;
const ONE: f32 = 32767.0;
/// No symbol is impossible.
const LEAST_FREQUENCY: u16 = 1;
/// The step after so many symbols, in 1/32768: nearly the mean of what was seen.
static STEPS: [i16; 256] = {
    let mut steps = [0; 256];
    let mut count = 0;
    while count < 256 {
        steps[count] = (32768 * 10 / (10 * count + 16)) as i16;
        count += 1;
    }
    steps
};

/// What a distribution is to become once a symbol has come.
static CERTAIN: [Distribution; SYMBOLS] = {
    let mut certain = [Distribution([0; SYMBOLS]); SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        certain[symbol].0[symbol] = i16::MAX;
        symbol += 1;
    }
    certain
};

impl Distribution {
    #[inline(always)]
    fn halves(&self) -> [Eight; 2] {
        [Eight::load(&self.0[..8]), Eight::load(&self.0[8..])]
    }

    #[inline(always)]
    fn learn(&mut self, symbol: usize, step: i16) {
        let certain = CERTAIN[symbol].halves();
        let own = self.halves();
        own[0].add_scaled(certain[0].minus(own[0]), step).store(&mut self.0[..8]);
        own[1].add_scaled(certain[1].minus(own[1]), step).store(&mut self.0[8..]);
    }
}

impl<K: Kind> Mixture<K> {
    /// Where the distributions of each input begin, and where those of the last one end.
    const BASES: [usize; INPUTS + 1] = {
        let mut bases = [0; INPUTS + 1];
        let mut input = 0;
        while input < INPUTS {
            bases[input + 1] = bases[input] + K::CONTEXTS[input];
            input += 1;
        }
        bases
    };

    pub fn new() -> Self {
        let size = Self::BASES[INPUTS];
        Mixture {
            distributions: vec![Distribution([(32768 / SYMBOLS) as i16; SYMBOLS]); size],
            counts: vec![0; size],
            weights: vec![[1.0 / INPUTS as f32; INPUTS]; K::WEIGHTS],
            kind: PhantomData,
        }
    }

    /// Codes a symbol and learns from it.
    ///
    /// `contexts`: one for each input; `chosen`: that of the weights.
    #[inline(always)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        contexts: [usize; INPUTS],
        chosen: usize,
        symbol: usize,
    ) -> usize {
        let places = std::array::from_fn(|input| {
            debug_assert!(contexts[input] < K::CONTEXTS[input]);
            Self::BASES[input] + (contexts[input] & (K::CONTEXTS[input] - 1))
        });
        for &place in &places[1..] {
            if *self.count(place) == 0 {
                *self.distribution(place) = *self.distribution(places[0]);
            }
        }
        let frequencies = self.mix(&places, chosen);
        let symbol = coder.code_symbol(symbol, &frequencies) & (SYMBOLS - 1);
        self.weigh(&places, chosen, symbol);
        for (place, limit) in places.into_iter().zip(K::LIMITS) {
            let count = self.count(place);
            let step = STEPS[*count as usize];
            *count += (*count < limit) as u8;
            self.distribution(place).learn(symbol, step);
        }
        symbol
    }

    #[inline(always)]
    fn distribution(&mut self, place: usize) -> &mut Distribution {
        debug_assert!(place < self.distributions.len());
        // SAFETY: places lie below the last base, which is the length.
        unsafe { self.distributions.get_unchecked_mut(place) }
    }

    #[inline(always)]
    fn count(&mut self, place: usize) -> &mut u8 {
        debug_assert!(place < self.counts.len());
        // SAFETY: as above.
        unsafe { self.counts.get_unchecked_mut(place) }
    }

    #[inline(always)]
    fn mix(&mut self, places: &[usize; INPUTS], chosen: usize) -> Frequencies {
        let weights = self.weights[chosen].map(|weight| (weight * ONE).min(ONE) as i32 as i16);
        let mut halves = [Eight::new([LEAST_FREQUENCY; 8]); 2];
        for (&place, weight) in places.iter().zip(weights) {
            let [low, high] = self.distribution(place).halves();
            halves = [halves[0].add_scaled(low, weight), halves[1].add_scaled(high, weight)];
        }
        Frequencies::new(halves)
    }

    /// Shares grow with what each input gave the symbol that came, against what all of them did.
    #[inline(always)]
    fn weigh(&mut self, places: &[usize; INPUTS], chosen: usize, symbol: usize) {
        let given = places.map(|place| self.distribution(place).0[symbol] as f32);
        let weights = &mut self.weights[chosen];
        let mixed: f32 = weights.iter().zip(given).map(|(weight, given)| weight * given).sum();
        let scale = K::LEARNING / mixed.max(1.0);
        for (weight, given) in weights.iter_mut().zip(given) {
            *weight = (*weight * (1.0 - K::LEARNING + given * scale)).max(LEAST_WEIGHT);
        }
    }
}
