//! Numbers as tokens with raw bits behind them, the tokens coded with static statistics in contexts by interleaved range
//! asymmetric numeral systems (Duda, "Asymmetric numeral systems", 2013), for speed.

use crate::values::{varint, varint_at};

/// Tokens: numbers below 16 as they are, then two to the octave.
const TOKENS: usize = 48;
const PLAIN: u32 = 16;
const SCALE_BITS: u32 = 12;
const SCALE: u32 = 1 << SCALE_BITS;
const LOWEST: u32 = 1 << 23;
const STATES: usize = 2;

#[inline(always)]
fn split(number: u32) -> (u8, u32, u32) {
    if number < PLAIN {
        return (number as u8, 0, 0);
    }
    let octave = number.ilog2();
    let raw = octave - 1;
    let token = PLAIN + (octave - 4) * 2 + (number >> raw & 1);
    (token as u8, number & ((1 << raw) - 1), raw)
}

/// Gathers numbers in their contexts.
pub struct Tokens {
    symbols: Vec<(u8, u8)>,
    raw: Vec<u8>,
    held: u64,
    bits: u32,
    counts: Vec<[u32; TOKENS]>,
}

impl Tokens {
    pub fn new(contexts: usize, numbers: usize) -> Self {
        let counts = vec![[0; TOKENS]; contexts];
        Tokens { symbols: Vec::with_capacity(numbers), raw: Vec::new(), held: 0, bits: 0, counts }
    }

    #[inline(always)]
    pub fn put(&mut self, context: usize, number: u32) {
        let (token, raw, width) = split(number);
        self.counts[context][token as usize] += 1;
        self.symbols.push((context as u8, token));
        self.held |= (raw as u64) << self.bits;
        self.bits += width;
        if self.bits >= 32 {
            self.raw.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.bits -= 32;
        }
    }

    /// Statistics, raw bits, states, and what the states shed.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let bytes = self.bits.div_ceil(8) as usize;
        self.raw.extend_from_slice(&self.held.to_le_bytes()[..bytes]);
        let tables: Vec<[u32; TOKENS]> = self.counts.iter().map(scale).collect();
        tables.iter().for_each(|table| write_table(table, out));
        varint(out, self.raw.len() as u32);
        out.extend_from_slice(&self.raw);
        let starts: Vec<[u32; TOKENS]> = tables.iter().map(starts).collect();
        let mut states = [LOWEST; STATES];
        let mut shed = Vec::with_capacity(self.symbols.len());
        for (i, &(context, token)) in self.symbols.iter().enumerate().rev() {
            let frequency = tables[context as usize][token as usize];
            let state = &mut states[i % STATES];
            while *state >= (LOWEST >> SCALE_BITS << 8) * frequency {
                shed.push(*state as u8);
                *state >>= 8;
            }
            *state = (*state / frequency << SCALE_BITS) + *state % frequency + starts[context as usize][token as usize];
        }
        states.iter().for_each(|state| out.extend_from_slice(&state.to_le_bytes()));
        out.extend(shed.iter().rev());
    }
}

/// Gives the numbers back.
pub struct Reader<'a> {
    tables: Vec<[u32; TOKENS]>,
    starts: Vec<[u32; TOKENS]>,
    lookup: Vec<u8>,
    raw: &'a [u8],
    raw_at: usize,
    held: u64,
    bits: u32,
    states: [u32; STATES],
    turn: usize,
    shed: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(contexts: usize, bytes: &'a [u8]) -> Option<Self> {
        let mut at = 0;
        let tables: Option<Vec<_>> = (0..contexts).map(|_| read_table(bytes, &mut at)).collect();
        let tables = tables?;
        let length = varint_at(bytes, &mut at)? as usize;
        let raw = bytes.get(at..at.checked_add(length)?)?;
        at += length;
        let mut states = [0; STATES];
        for state in &mut states {
            *state = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
            at += 4;
        }
        let mut lookup = vec![0u8; contexts << SCALE_BITS];
        for (table, places) in tables.iter().zip(lookup.chunks_exact_mut(SCALE as usize)) {
            let mut place = 0;
            for (token, &frequency) in table.iter().enumerate() {
                places[place..place + frequency as usize].fill(token as u8);
                place += frequency as usize;
            }
        }
        let starts = tables.iter().map(starts).collect();
        let shed = &bytes[at..];
        Some(Reader { tables, starts, lookup, raw, raw_at: 0, held: 0, bits: 0, states, turn: 0, shed, at: 0 })
    }

    #[inline(always)]
    pub fn next(&mut self, context: usize) -> u32 {
        let state = &mut self.states[self.turn];
        self.turn = (self.turn + 1) % STATES;
        let place = *state & (SCALE - 1);
        let token = self.lookup[context << SCALE_BITS | place as usize];
        let (frequency, start) = (self.tables[context][token as usize], self.starts[context][token as usize]);
        *state = frequency.wrapping_mul(*state >> SCALE_BITS).wrapping_add(place.wrapping_sub(start));
        // A state that no encoder makes ends with the bytes.
        while *state < LOWEST && self.at < self.shed.len() + 4 {
            *state = *state << 8 | self.shed.get(self.at).copied().unwrap_or(0) as u32;
            self.at += 1;
        }
        let token = token as u32;
        if token < PLAIN {
            return token;
        }
        let raw = (token - PLAIN) / 2 + 3;
        (2 | token & 1) << raw | self.bits(raw)
    }

    #[inline(always)]
    fn bits(&mut self, width: u32) -> u32 {
        while self.bits < width {
            self.held |= (self.raw.get(self.raw_at).copied().unwrap_or(0) as u64) << self.bits;
            self.raw_at += 1;
            self.bits += 8;
        }
        let value = self.held as u32 & ((1 << width) - 1);
        self.held >>= width;
        self.bits -= width;
        value
    }

    /// Whether everything was read and nothing beyond.
    pub fn is_at_end(&self) -> bool {
        self.raw_at == self.raw.len() && self.at == self.shed.len() && self.states == [LOWEST; STATES]
    }
}

/// Frequencies that sum to [`SCALE`], at least 1 for every token in use.
fn scale(counts: &[u32; TOKENS]) -> [u32; TOKENS] {
    let total: u64 = counts.iter().map(|&count| count as u64).sum();
    if total == 0 {
        return [0; TOKENS];
    }
    let mut scaled = counts.map(|count| match count {
        0 => 0,
        _ => ((count as u64 * SCALE as u64 / total) as u32).max(1),
    });
    let mut sum: u32 = scaled.iter().sum();
    while sum != SCALE {
        let most = (0..TOKENS).max_by_key(|&token| scaled[token]).unwrap_or(0);
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

fn starts(table: &[u32; TOKENS]) -> [u32; TOKENS] {
    let mut next = 0;
    table.map(|frequency| {
        next += frequency;
        next - frequency
    })
}

/// How many tokens there are up to the last in use, and their frequencies.
fn write_table(table: &[u32; TOKENS], out: &mut Vec<u8>) {
    let used = table.iter().rposition(|&frequency| frequency > 0).map_or(0, |last| last + 1);
    out.push(used as u8);
    table[..used].iter().for_each(|&frequency| varint(out, frequency));
}

fn read_table(bytes: &[u8], at: &mut usize) -> Option<[u32; TOKENS]> {
    let used = *bytes.get(*at)? as usize;
    *at += 1;
    let mut table = [0; TOKENS];
    for frequency in table.get_mut(..used)? {
        *frequency = varint_at(bytes, at)?;
        if *frequency > SCALE {
            return None;
        }
    }
    let sum: u32 = table.iter().sum();
    (sum == SCALE || used == 0).then_some(table)
}
