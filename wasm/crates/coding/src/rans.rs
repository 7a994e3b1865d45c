//! Range asymmetric numeral systems for bytes with fixed frequencies (Duda, "Asymmetric numeral systems", 2013): for
//! streams that are nearly without context, where speed counts. States are long and renormalised by 32 bits, so that few
//! symbols have to read; several of them take turns, so that no symbol waits for the one before.
//!
//! Layout of a stream: the states in little endian, then the words that renormalisation reads.

use std::array;

const SCALE_BITS: u32 = 12;
const SCALE: u32 = 1 << SCALE_BITS;
/// The symbol at place `i` has the state `i % STATES`.
pub const STATES: usize = 4;
pub const STATE_BYTES: usize = 8;
/// Between two symbols states are at least this, and less than `2^32` times as much.
const LOWEST: u64 = 1 << 18;
const WORD_BITS: u32 = 32;
const WORD_BYTES: usize = 4;
const BITMAP_BYTES: usize = 32;

pub fn count(symbols: &[u8]) -> [u32; 256] {
    // Counts of one table would wait for each other where symbols repeat.
    let mut counts = [[0u32; 256]; 4];
    let (fours, rest) = symbols.as_chunks::<4>();
    for four in fours {
        for (counts, &symbol) in counts.iter_mut().zip(four) {
            counts[symbol as usize] += 1;
        }
    }
    rest.iter().for_each(|&symbol| counts[0][symbol as usize] += 1);
    array::from_fn(|symbol| counts.iter().map(|counts| counts[symbol]).sum())
}

/// How often each of the symbols occurs among [`SCALE`]: at least once if it is in use, and none always.
pub struct Frequencies([u32; 256]);

impl Frequencies {
    pub fn of(counts: &[u32; 256]) -> Self {
        let in_use = counts.iter().filter(|&&count| count > 0).count();
        if in_use < 2 {
            return Frequencies::of_one(counts.iter().position(|&count| count > 0).unwrap_or(0));
        }
        let total: u64 = counts.iter().map(|&count| count as u64).sum();
        let mut frequencies = counts.map(|count| match count {
            0 => 0,
            _ => ((count as u64 * SCALE as u64 / total) as u32).max(1),
        });
        // The most frequent symbols give or take what rounding left: there it costs least.
        let mut sum: u32 = frequencies.iter().sum();
        while sum != SCALE {
            let most = (0..256).max_by_key(|&symbol| frequencies[symbol]).expect("256 symbols");
            if sum < SCALE {
                frequencies[most] += SCALE - sum;
                sum = SCALE;
            } else {
                let excess = (sum - SCALE).min(frequencies[most] / 2);
                frequencies[most] -= excess;
                sum -= excess;
            }
        }
        Frequencies(frequencies)
    }

    /// Another symbol has the least part of the scale.
    fn of_one(symbol: usize) -> Self {
        let mut frequencies = [0; 256];
        frequencies[symbol] = SCALE - 1;
        frequencies[(symbol + 1) % 256] = 1;
        Frequencies(frequencies)
    }

    /// Bits that symbols of these counts take.
    pub fn cost(&self, counts: &[u32; 256]) -> f64 {
        let used = counts.iter().zip(&self.0).filter(|(&count, _)| count > 0);
        used.map(|(&count, &frequency)| count as f64 * (SCALE as f64 / frequency as f64).log2()).sum()
    }

    /// A bitmap of the symbols in use, then their frequencies in LEB128.
    pub fn write(&self, out: &mut Vec<u8>) {
        for eight in self.0.chunks_exact(8) {
            out.push(eight.iter().rev().fold(0, |bits, &frequency| bits << 1 | (frequency > 0) as u8));
        }
        for &frequency in self.0.iter().filter(|&&frequency| frequency > 0) {
            if frequency >= 128 {
                out.push(frequency as u8 | 128);
            }
            out.push(if frequency >= 128 { frequency >> 7 } else { frequency } as u8);
        }
    }

    /// Reads at `at`, which moves on; `None`: damaged.
    pub fn read(coded: &[u8], at: &mut usize) -> Option<Self> {
        let bitmap = coded.get(*at..*at + BITMAP_BYTES)?;
        *at += BITMAP_BYTES;
        let mut next = || {
            let byte = *coded.get(*at)?;
            *at += 1;
            Some(byte as u32)
        };
        let mut frequencies = [0; 256];
        for symbol in (0..256).filter(|symbol| bitmap[symbol / 8] >> (symbol % 8) & 1 != 0) {
            let low = next()?;
            frequencies[symbol] = if low < 128 { low } else { low & 127 | next()? << 7 };
            if !(1..SCALE).contains(&frequencies[symbol]) {
                return None;
            }
        }
        (frequencies.iter().sum::<u32>() == SCALE).then_some(Frequencies(frequencies))
    }

    fn starts(&self) -> [u32; 256] {
        let mut next = 0;
        self.0.map(|frequency| {
            next += frequency;
            next - frequency
        })
    }
}

/// What a symbol does to a state.
#[derive(Clone, Copy)]
struct Step {
    reciprocal: f64,
    /// States from here on are too large to take the symbol.
    limit: u64,
    /// What a state grows by for each time that the frequency is in it: by the other symbols' frequencies.
    others: u64,
    start: u64,
}

/// Frequencies in the form that the encoder wants.
pub struct Steps([Step; 256]);

impl Steps {
    pub fn of(frequencies: &Frequencies) -> Self {
        let starts = frequencies.starts();
        Steps(array::from_fn(|symbol| {
            let (frequency, start) = (frequencies.0[symbol], starts[symbol] as u64);
            Step {
                reciprocal: 1.0 / frequency as f64,
                limit: (LOWEST >> SCALE_BITS << WORD_BITS) * frequency as u64,
                others: (SCALE - frequency) as u64,
                start,
            }
        }))
    }
}

/// Appends the coded form of `symbols`, of which the one at `i` has the frequencies `steps[class_of(i)]`. All of them
/// must be in use there.
pub fn encode(symbols: &[u8], steps: &[Steps], class_of: impl Fn(usize) -> usize, out: &mut Vec<u8>) {
    let mut states = [LOWEST; STATES];
    // From the last symbol to the first, so that a decoder finds them in order; each reads a word at most.
    let mut words = vec![0; symbols.len()];
    let mut at = words.len();
    let (groups, last) = symbols.as_chunks::<STATES>();
    for (lane, &symbol) in last.iter().enumerate().rev() {
        let step = &steps[class_of(groups.len() * STATES + lane)].0[symbol as usize];
        push(step, &mut states[lane], &mut words, &mut at);
    }
    for (group, symbols) in groups.iter().enumerate().rev() {
        for lane in (0..STATES).rev() {
            let step = &steps[class_of(group * STATES + lane)].0[symbols[lane] as usize];
            push(step, &mut states[lane], &mut words, &mut at);
        }
    }
    states.iter().for_each(|state| out.extend_from_slice(&state.to_le_bytes()));
    out.extend(words[at..].iter().flat_map(|word: &u32| word.to_le_bytes()));
}

/// Takes a symbol into a state, which may push its lower half down before `words[at]`.
#[inline(always)]
fn push(step: &Step, state: &mut u64, words: &mut [u32], at: &mut usize) {
    let is_full = *state >= step.limit;
    words[*at - 1] = *state as u32;
    *at -= is_full as usize;
    let kept = if is_full { *state >> WORD_BITS } else { *state };
    *state = kept + quotient(kept, step.reciprocal) * step.others + step.start;
}

/// `state / frequency`. The state is below `2^50` and the quotient below `2^38`, so that rounding moves the product by
/// less than `2^-13`. Half of the reciprocal of a frequency is more than that, and so far all exact results are from
/// where they would be rounded differently.
#[inline(always)]
fn quotient(state: u64, reciprocal: f64) -> u64 {
    /// Added to a number below it, this leaves no fraction and the whole number in the lowest bits.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let nearest = (state as f64 + 0.5) * reciprocal - 0.5 + WHOLE;
    nearest.to_bits() & ((1 << 52) - 1)
}

/// What places of the scale mean: the symbol, 8 bits, the place among those of the symbol, 12 bits, and its frequency.
pub type Slots = [u32; SCALE as usize];

const PLACE_SHIFT: u32 = 8;
const FREQUENCY_SHIFT: u32 = 20;

impl Frequencies {
    /// In the form that the decoder wants.
    pub fn slots(&self) -> Slots {
        let mut slots = [0; SCALE as usize];
        let mut at = 0;
        for (symbol, &frequency) in (0..).zip(&self.0) {
            for place in 0..frequency {
                slots[at] = frequency << FREQUENCY_SHIFT | place << PLACE_SHIFT | symbol;
                at += 1;
            }
        }
        slots
    }
}

/// Fills `symbols`, the first of which has the slots `slots[0]`; `next` is told each and gives the class of the one
/// behind it. Gives the coded bytes behind; `None`: damaged.
pub fn decode<'a>(
    coded: &'a [u8],
    symbols: &mut [u8],
    slots: &[Slots],
    next: impl FnMut(u8) -> usize,
) -> Option<&'a [u8]> {
    let (head, rest) = coded.split_at_checked(STATES * STATE_BYTES)?;
    let states = array::from_fn(|lane| u64::from_le_bytes(array::from_fn(|i| head[STATE_BYTES * lane + i])));
    let mut decoder = Decoder { states, rest, slots, class: 0, next };
    let (groups, last) = symbols.as_chunks_mut::<STATES>();
    for group in groups {
        decoder.fill(group)?;
    }
    decoder.fill(last)?;
    (decoder.states == [LOWEST; STATES]).then_some(decoder.rest)
}

struct Decoder<'a, 's, Next> {
    states: [u64; STATES],
    rest: &'a [u8],
    slots: &'s [Slots],
    class: usize,
    next: Next,
}

impl<Next: FnMut(u8) -> usize> Decoder<'_, '_, Next> {
    /// At most one symbol of each state. Each reads a word at most.
    #[inline(always)]
    fn fill(&mut self, symbols: &mut [u8]) -> Option<()> {
        let words = self.look();
        let mut used = 0;
        for (symbol, state) in symbols.iter_mut().zip(&mut self.states) {
            let slot = self.slots[self.class][(*state % SCALE as u64) as usize];
            *symbol = slot as u8;
            self.class = (self.next)(*symbol);
            let place = slot >> PLACE_SHIFT & (SCALE - 1);
            let left = (slot >> FREQUENCY_SHIFT) as u64 * (*state >> SCALE_BITS) + place as u64;
            let is_low = left < LOWEST;
            let word = u32::from_le_bytes(words[used % STATES]) as u64;
            *state = if is_low { left << WORD_BITS | word } else { left };
            used += is_low as usize;
        }
        self.rest = self.rest.get(used * WORD_BYTES..)?;
        Some(())
    }

    /// The next words; behind the end are zeros.
    #[inline(always)]
    fn look(&self) -> [[u8; WORD_BYTES]; STATES] {
        if let Some(words) = self.rest.as_chunks().0.first_chunk() {
            return *words;
        }
        let mut words = [0; STATES * WORD_BYTES];
        words[..self.rest.len()].copy_from_slice(self.rest);
        array::from_fn(|i| array::from_fn(|byte| words[i * WORD_BYTES + byte]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(symbols: &[u8]) -> Vec<u8> {
        let frequencies = Frequencies::of(&count(symbols));
        let mut coded = Vec::new();
        frequencies.write(&mut coded);
        encode(symbols, &[Steps::of(&frequencies)], |_| 0, &mut coded);
        coded
    }

    fn decode(coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut at = 0;
        let slots = Frequencies::read(coded, &mut at)?.slots();
        let mut symbols = vec![0; length];
        let rest = super::decode(&coded[at..], &mut symbols, &[slots], |_| 0)?;
        rest.is_empty().then_some(symbols)
    }

    fn round_trip(symbols: &[u8]) -> usize {
        let coded = code(symbols);
        assert_eq!(decode(&coded, symbols.len()).as_deref(), Some(symbols));
        coded.len()
    }

    #[test]
    fn symbols_come_back_near_their_entropy() {
        round_trip(&[]);
        round_trip(&[7]);
        round_trip(&(0..=255).collect::<Vec<u8>>());
        assert!(round_trip(&[255; 100_000]) < 100);
        let skewed: Vec<u8> = (0..10_000u32).map(|i| (i.wrapping_mul(2654435761) >> 20 == 0) as u8).collect();
        assert!(round_trip(&skewed) < 200);
        let even: Vec<u8> = (0..10_000u32).map(|i| (i.wrapping_mul(2654435761) >> 28) as u8).collect();
        assert!(round_trip(&even) < 5_150);
        let steep: Vec<u8> =
            (0..100_003u32).map(|i| (i.wrapping_mul(2654435761) >> 5).trailing_zeros() as u8).collect();
        assert!(round_trip(&steep) < 25_400);
    }

    #[test]
    fn classes_have_frequencies_of_their_own() {
        let symbols: Vec<u8> =
            (0..5000u32).map(|i| (i % 2 * 100 + (i.wrapping_mul(2654435761) >> 31)) as u8).collect();
        let frequencies = [0, 1].map(|class| {
            let own: Vec<u8> = symbols.iter().skip(class).step_by(2).copied().collect();
            Frequencies::of(&count(&own))
        });
        let mut coded = Vec::new();
        encode(&symbols, &frequencies.each_ref().map(Steps::of), |i| i % 2, &mut coded);
        assert!(coded.len() < 5000 / 8 + 40);
        let slots = frequencies.each_ref().map(Frequencies::slots);
        let mut back = vec![0; symbols.len()];
        let rest = super::decode(&coded, &mut back, &slots, |symbol| usize::from(symbol < 100));
        assert_eq!(rest, Some(&[][..]));
        assert_eq!(back, symbols);
    }

    #[test]
    fn damage_gives_nothing_or_the_right_length() {
        let symbols: Vec<u8> = (0..500u32).map(|i| (i.wrapping_mul(2654435761) >> 28) as u8).collect();
        let coded = code(&symbols);
        for at in 0..coded.len() {
            for flip in [1, 128] {
                let mut broken = coded.clone();
                broken[at] ^= flip;
                assert!(decode(&broken, symbols.len()).is_none_or(|back| back.len() == symbols.len()));
            }
            assert!(decode(&coded[..at], symbols.len()).is_none());
        }
    }
}
