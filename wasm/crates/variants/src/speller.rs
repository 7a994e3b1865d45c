//! Spells bytes that no token foretold: most in one step, by shares of sixteen symbols in tables that a cache holds.
//!
//! Each context has its own shares, which are averages that forget. Their weighted mean is what is coded with; weights
//! move towards how much of the mean each context had in the symbol that came.

use coding::starts::{above, follow, Starts, SIXTEEN};
use coding::symbols::SymbolCoder;
use coding::vector::{Eight, LANES};

/// How many contexts a byte has.
pub const CONTEXTS: usize = 3;
const FIELDS: usize = 64;
/// The steps of a byte: its symbol, and the halves of bytes that have none.
const STEPS: usize = 3;
const MOST_BITS: u32 = 16;
/// The symbols of a step.
const SYMBOLS: usize = SIXTEEN;
/// The symbol of bytes that have none, which come in two halves.
const ESCAPE: u8 = 15;
/// Shares and weights are parts of this.
const WHOLE: u32 = 1 << 15;
/// The least weight that a context keeps.
const LEAST_WEIGHT: i32 = 64;
/// What weights add up to: a mean of starts, doubled, leaves room for those that are apart by 1.
const MOST_WEIGHT: i32 = (WHOLE as usize - SYMBOLS - 1) as i32;
const WEIGHT_RATE: u32 = 5;

/// The bytes that are symbols.
pub struct Alphabet {
    symbols: [u8; 256],
    bytes: [u8; SYMBOLS],
}

impl Alphabet {
    const fn new(bytes: &[u8; ESCAPE as usize]) -> Self {
        let mut alphabet = Alphabet { symbols: [ESCAPE; 256], bytes: [0; SYMBOLS] };
        let mut symbol = 0;
        while symbol < bytes.len() {
            alphabet.symbols[bytes[symbol] as usize] = symbol as u8;
            alphabet.bytes[symbol] = bytes[symbol];
            symbol += 1;
        }
        alphabet
    }
}

pub static HEADER: Alphabet = Alphabet::new(b" etainosrlcd=>\"");
pub static FIXED: Alphabet = Alphabet::new(b"0123456789.\t-rs");
pub static ALLELES: Alphabet = Alphabet::new(b"ACGTNacgt,.<*\tn");
pub static INFO: Alphabet = Alphabet::new(b"0123456789.,;=-");
pub static SAMPLE: Alphabet = Alphabet::new(b"0123456789.,:\t-");

/// Shares of symbols by where they start; the first one starts at 0, and its place holds how often it was used.
#[derive(Clone, Copy)]
struct Line([i16; SYMBOLS]);

/// By how much shares move, in powers of two, after so many uses.
const RATES: [u8; 16] = [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5];
/// How well a context is known after so many uses.
const CLASSES: [u8; 16] = [0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3];

/// For each symbol, which starts are above it.
static ABOVE: [[i16; SYMBOLS]; SYMBOLS] = above();

/// The least starts: a symbol keeps at least 1.
const PLACES: [i16; SYMBOLS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl Line {
    const EVEN: Line = Line([
        0, 2048, 4096, 6144, 8192, 10240, 12288, 14336, 16384, 18432, 20480, 22528, 24576, 26624, 28672, 30720,
    ]);

    #[inline(always)]
    fn count(&self) -> usize {
        self.0[0] as usize & (RATES.len() - 1)
    }

    #[inline(always)]
    fn share(&self, symbol: usize) -> u32 {
        let start = if symbol > 0 { self.0[symbol] as u32 } else { 0 };
        let end = if symbol + 1 < SYMBOLS { self.0[symbol + 1] as u32 } else { WHOLE };
        end.wrapping_sub(start)
    }

    #[inline(always)]
    fn update(&mut self, symbol: usize) {
        let count = self.count();
        let rate = RATES[count] as u32;
        let rise = (WHOLE >> rate) as u16 - SYMBOLS as u16;
        follow(&mut self.0, rate, &PLACES, &ABOVE[symbol], rise);
        self.0[0] = (count + 1).min(RATES.len() - 1) as i16;
    }
}

pub struct Speller {
    lines: Vec<Line>,
    /// By step, field and how well each context is known.
    weights: Vec<[i16; CONTEXTS]>,
    shift: u32,
    spelt: usize,
}

impl Speller {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = length.max(1).ilog2().clamp(10, MOST_BITS);
        let weight = (MOST_WEIGHT as usize / CONTEXTS) as i16;
        Speller {
            lines: vec![Line::EVEN; 1 << bits],
            weights: vec![[weight; CONTEXTS]; STEPS * FIELDS << (2 * CONTEXTS)],
            shift: 64 - bits,
            spelt: 0,
        }
    }

    /// Codes `byte` under hashed contexts.
    #[inline(always)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        byte: u8,
        alphabet: &Alphabet,
        contexts: &[u64; CONTEXTS],
        field: usize,
    ) -> u8 {
        self.spelt += 1;
        let field = field & (FIELDS - 1);
        let symbol = self.step(coder, alphabet.symbols[byte as usize], *contexts, field);
        if symbol != ESCAPE {
            return alphabet.bytes[symbol as usize];
        }
        self.half_by_half(coder, byte, contexts, field)
    }

    #[inline(never)]
    fn half_by_half<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u64; CONTEXTS],
        field: usize,
    ) -> u8 {
        let high = self.step(coder, byte >> 4, contexts.map(|context| context ^ 1 << 40), FIELDS + field);
        let context = (high as u64 | 32) << 41;
        let low = self.step(coder, byte & 15, contexts.map(|other| other ^ context), 2 * FIELDS + field);
        high << 4 | low
    }

    #[inline(always)]
    fn step<C: SymbolCoder>(&mut self, coder: &mut C, symbol: u8, contexts: [u64; CONTEXTS], field: usize) -> u8 {
        let places = contexts.map(|context| (context.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize);
        let set = places.iter().fold(field, |set, &place| set << 2 | CLASSES[self.lines[place].count()] as usize);
        let weights = self.weights[set];
        let mut mean = Starts([Eight::new([0; LANES]); 2]);
        for (place, weight) in places.into_iter().zip(weights) {
            for half in 0..2 {
                let starts = Eight::load(&self.lines[place].0[half * LANES..]);
                mean.0[half] = mean.0[half].add_scaled(starts, weight);
            }
        }
        for half in 0..2 {
            // To 16 bits, and apart.
            let doubled = mean.0[half].plus_where(mean.0[half], u16::MAX);
            mean.0[half] = doubled.plus_where(Eight::load(&PLACES[half * LANES..]), u16::MAX);
        }
        let symbol = coder.code_symbol(symbol as usize, &mean) & (SYMBOLS - 1);
        self.weigh(set, weights, places.map(|place| self.lines[place].share(symbol)));
        for place in places {
            self.lines[place].update(symbol);
        }
        symbol as u8
    }

    /// Moves weights towards the parts that contexts had in a symbol, given the shares that each gave it.
    #[inline(always)]
    fn weigh(&mut self, set: usize, weights: [i16; CONTEXTS], shares: [u32; CONTEXTS]) {
        let parts: [u64; CONTEXTS] = core::array::from_fn(|i| weights[i] as u64 * shares[i] as u64);
        let inverse = (1 << 45) / parts.iter().sum::<u64>().max(1);
        let mut left = MOST_WEIGHT;
        for i in 0..CONTEXTS - 1 {
            let part = (parts[i] * inverse >> 30) as i32;
            let weight = weights[i] as i32;
            let most = left - (CONTEXTS - 1 - i) as i32 * LEAST_WEIGHT;
            let moved = (weight + (part - weight >> WEIGHT_RATE)).clamp(LEAST_WEIGHT, most);
            left -= moved;
            self.weights[set][i] = moved as i16;
        }
        self.weights[set][CONTEXTS - 1] = left as i16;
    }

    pub fn spelt(&self) -> usize {
        self.spelt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coding::ranges::{Decoder, Encoder};

    fn spell(coder: &mut impl SymbolCoder, text: &[u8], length: usize) -> Vec<u8> {
        let mut speller = Speller::new(1 << 20);
        let context = |at: usize, seed: u64| (at as u64 % 5 + 1).wrapping_mul(seed);
        (0..length)
            .map(|at| {
                let contexts = [context(at, 0x1234_5678_9abc_def1), 1, context(at / 7, 0x9abc_def1_2345_6789)];
                speller.code(coder, text.get(at).copied().unwrap_or(0), &SAMPLE, &contexts, at / 1000)
            })
            .collect()
    }

    /// Long runs drive shares to their ends, which must stay apart.
    #[test]
    fn runs_and_all_bytes_come_back() {
        let mut text: Vec<u8> = b"-0".iter().flat_map(|&byte| vec![byte; 40000]).collect();
        text.extend((0..20000u32).map(|i| (i.wrapping_mul(2654435761) >> 24) as u8));
        text.extend(b"0123456789.,:\t-\n".iter().flat_map(|&byte| vec![byte; 3000]));
        let mut encoder = Encoder::new(Vec::new());
        spell(&mut encoder, &text, text.len());
        let coded = encoder.finish();
        assert!(spell(&mut Decoder::new(&coded), &[], text.len()) == text);
        assert!(coded.len() < 30000, "{}", coded.len());
    }
}
