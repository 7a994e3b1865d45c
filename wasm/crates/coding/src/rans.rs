//! Range asymmetric numeral systems for bytes with fixed frequencies (Duda, "Asymmetric numeral systems", 2013), in two
//! interleaved 32-bit states: for streams that are nearly without context, where speed counts.
//!
//! Layout: a bitmap of the 256 symbols in use, their frequencies in LEB128 (sum 4096), the two states in little endian,
//! then the bytes that renormalisation reads.

pub const SCALE_BITS: u32 = 12;
pub const SCALE: u32 = 1 << SCALE_BITS;
pub const LOWEST: u32 = 1 << 23;
const BITMAP_BYTES: usize = 32;

/// Appends the coded form of `symbols` to `out`.
pub fn encode(symbols: &[u8], out: &mut Vec<u8>) {
    let frequencies = scale(&count(symbols));
    write_frequencies(&frequencies, out);
    let starts = starts(&frequencies);
    let mut states = [LOWEST; 2];
    let mut reversed = Vec::with_capacity(symbols.len());
    for (i, &symbol) in symbols.iter().enumerate().rev() {
        let state = &mut states[i & 1];
        let frequency = frequencies[symbol as usize];
        while *state >= (LOWEST >> SCALE_BITS << 8) * frequency {
            reversed.push(*state as u8);
            *state >>= 8;
        }
        *state = (*state / frequency << SCALE_BITS) + *state % frequency + starts[symbol as usize];
    }
    states.iter().for_each(|state| out.extend_from_slice(&state.to_le_bytes()));
    out.extend(reversed.iter().rev());
}

/// The `length` symbols of `coded`, or `None` if it is not what [`encode`] writes for so many.
pub fn decode(coded: &[u8], length: usize) -> Option<Vec<u8>> {
    if length == 0 {
        return (coded.len() == BITMAP_BYTES + 8).then(Vec::new);
    }
    let mut at = 0;
    let frequencies = read_frequencies(coded, &mut at)?;
    let starts = starts(&frequencies);
    let symbols = symbol_table(&frequencies);
    let mut states = [0; 2];
    for state in &mut states {
        *state = u32::from_le_bytes(coded.get(at..at + 4)?.try_into().ok()?);
        at += 4;
    }
    let mut out = Vec::with_capacity(length);
    for i in 0..length {
        let state = &mut states[i & 1];
        let place = *state & (SCALE - 1);
        let symbol = symbols[place as usize];
        out.push(symbol);
        *state = frequencies[symbol as usize]
            .wrapping_mul(*state >> SCALE_BITS)
            .wrapping_add(place - starts[symbol as usize]);
        while *state < LOWEST {
            *state = *state << 8 | *coded.get(at)? as u32;
            at += 1;
        }
    }
    (at == coded.len() && states == [LOWEST; 2]).then_some(out)
}

pub fn count(symbols: &[u8]) -> [u32; 256] {
    let mut counts = [0; 256];
    symbols.iter().for_each(|&symbol| counts[symbol as usize] += 1);
    counts
}

/// Frequencies that sum to [`SCALE`], at least 1 for every symbol in use.
pub fn scale(counts: &[u32; 256]) -> [u32; 256] {
    let total: u64 = counts.iter().map(|&count| count as u64).sum();
    if total == 0 {
        return [0; 256];
    }
    let mut scaled = counts.map(|count| match count {
        0 => 0,
        _ => ((count as u64 * SCALE as u64 / total) as u32).max(1),
    });
    // The most frequent symbols give or take what rounding left: there it costs least.
    let mut sum: u32 = scaled.iter().sum();
    while sum != SCALE {
        let most = (0..256).max_by_key(|&symbol| scaled[symbol]).expect("256 symbols");
        if sum < SCALE {
            scaled[most] += SCALE - sum;
            sum = SCALE;
        } else {
            let excess = (sum - SCALE).min(scaled[most] / 2);
            scaled[most] -= excess;
            sum -= excess;
        }
    }
    scaled
}

pub fn starts(frequencies: &[u32; 256]) -> [u32; 256] {
    let mut next = 0;
    frequencies.map(|frequency| {
        next += frequency;
        next - frequency
    })
}

pub fn symbol_table(frequencies: &[u32; 256]) -> Vec<u8> {
    (0..=255u8).flat_map(|symbol| std::iter::repeat_n(symbol, frequencies[symbol as usize] as usize)).collect()
}

pub fn write_frequencies(frequencies: &[u32; 256], out: &mut Vec<u8>) {
    for eight in frequencies.chunks_exact(8) {
        out.push(eight.iter().rev().fold(0, |bits, &frequency| bits << 1 | (frequency > 0) as u8));
    }
    for &frequency in frequencies.iter().filter(|&&frequency| frequency > 0) {
        if frequency >= 128 {
            out.push(frequency as u8 | 128);
        }
        out.push(if frequency >= 128 { frequency >> 7 } else { frequency } as u8);
    }
}

pub fn read_frequencies(coded: &[u8], at: &mut usize) -> Option<[u32; 256]> {
    let bitmap = coded.get(..BITMAP_BYTES)?;
    *at = BITMAP_BYTES;
    let mut next = || {
        let byte = *coded.get(*at)?;
        *at += 1;
        Some(byte as u32)
    };
    let mut frequencies = [0; 256];
    for symbol in (0..256).filter(|symbol| bitmap[symbol / 8] >> (symbol % 8) & 1 != 0) {
        let low = next()?;
        frequencies[symbol] = if low < 128 { low } else { low & 127 | next()? << 7 };
        if frequencies[symbol] == 0 {
            return None;
        }
    }
    (frequencies.iter().sum::<u32>() == SCALE).then_some(frequencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(symbols: &[u8]) -> usize {
        let mut coded = Vec::new();
        encode(symbols, &mut coded);
        assert_eq!(decode(&coded, symbols.len()).as_deref(), Some(symbols));
        coded.len()
    }

    #[test]
    fn symbols_come_back_near_their_entropy() {
        round_trip(&[]);
        round_trip(&[7]);
        round_trip(&(0..=255).collect::<Vec<u8>>());
        let skewed: Vec<u8> = (0..10_000u32).map(|i| (i.wrapping_mul(2654435761) >> 20 == 0) as u8).collect();
        assert!(round_trip(&skewed) < 200);
        let even: Vec<u8> = (0..10_000u32).map(|i| (i.wrapping_mul(2654435761) >> 28) as u8).collect();
        assert!((4990..5100).contains(&round_trip(&even)));
    }

    #[test]
    fn damage_gives_nothing_or_the_right_length() {
        let mut coded = Vec::new();
        encode(b"some words and some more words", &mut coded);
        for at in 0..coded.len() {
            assert_eq!(decode(&coded[..at], 30), None);
            for flip in [1, 64, 255] {
                let mut broken = coded.clone();
                broken[at] ^= flip;
                assert!(decode(&broken, 30).is_none_or(|symbols| symbols.len() == 30));
            }
        }
    }
}
