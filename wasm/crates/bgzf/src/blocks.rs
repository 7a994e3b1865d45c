//! Deflate blocks as zlib writes them, with its choice between the three kinds of blocks (RFC 1951, section 3.2.3).

use crate::bits::Bits;
use crate::trees::{build_tree, codes_of, runs_of, Cost, Kind, Tree, MAX_BITS};

const LITERALS: usize = 256;
const LENGTH_CODES: usize = 29;
const L_CODES: usize = LITERALS + 1 + LENGTH_CODES;
const D_CODES: usize = 30;
const BL_CODES: usize = 19;
const MAX_BL_BITS: usize = 7;
const END_OF_BLOCK: usize = 256;

const EXTRA_LENGTH: [u8; LENGTH_CODES] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const EXTRA_DISTANCE: [u8; D_CODES] =
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const EXTRA_BL: [u8; BL_CODES] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7];
/// The order in which lengths of codes for lengths are sent.
const BL_ORDER: [u8; BL_CODES] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Symbols of a block: a distance of 0 and a literal, or a distance and a length less 3.
#[derive(Clone, Copy)]
struct Symbol {
    distance: u16,
    value: u8,
}

pub struct Blocks {
    symbols: Vec<Symbol>,
    most_symbols: usize,
    literals: Tree<{ 2 * L_CODES + 1 }>,
    distances: Tree<{ 2 * D_CODES + 1 }>,
    lengths: Tree<{ 2 * BL_CODES + 1 }>,
    cost: Cost,
    bits: Bits,
    fixed_lengths: [u8; L_CODES + 2],
    fixed_codes: [u16; L_CODES + 2],
    length_code: [u8; 256],
    base_length: [u16; LENGTH_CODES],
    base_distance: [u16; D_CODES],
}

impl Blocks {
    /// A block holds at most `most_symbols`.
    pub fn new(most_symbols: usize) -> Self {
        let mut fixed_lengths = [8u8; L_CODES + 2];
        fixed_lengths[144..256].fill(9);
        fixed_lengths[256..280].fill(7);
        let mut fixed_codes = [0; L_CODES + 2];
        codes_of(&fixed_lengths.map(u16::from), &mut fixed_codes);
        let mut length_code = [0; 256];
        let mut base_length = [0; LENGTH_CODES];
        let mut length = 0usize;
        for code in 0..LENGTH_CODES - 1 {
            base_length[code] = length as u16;
            for _ in 0..1 << EXTRA_LENGTH[code] {
                length_code[length.min(255)] = code as u8;
                length += 1;
            }
        }
        length_code[255] = LENGTH_CODES as u8 - 1;
        base_length[LENGTH_CODES - 1] = 255;
        let mut base_distance = [0; D_CODES];
        let mut distance = 0u16;
        for code in 0..D_CODES {
            base_distance[code] = distance;
            distance = distance.wrapping_add(1 << EXTRA_DISTANCE[code]);
        }
        let mut blocks = Blocks {
            symbols: Vec::with_capacity(most_symbols),
            most_symbols,
            literals: Tree::new(),
            distances: Tree::new(),
            lengths: Tree::new(),
            cost: Cost::default(),
            bits: Bits::new(),
            fixed_lengths,
            fixed_codes,
            length_code,
            base_length,
            base_distance,
        };
        blocks.start();
        blocks
    }

    fn start(&mut self) {
        self.literals.frequencies[..L_CODES].fill(0);
        self.distances.frequencies[..D_CODES].fill(0);
        self.lengths.frequencies[..BL_CODES].fill(0);
        self.literals.frequencies[END_OF_BLOCK] = 1;
        self.cost = Cost::default();
        self.symbols.clear();
    }

    /// Adds a literal; whether the block is full.
    #[inline]
    pub fn literal(&mut self, byte: u8) -> bool {
        self.symbols.push(Symbol { distance: 0, value: byte });
        self.literals.frequencies[byte as usize] += 1;
        self.symbols.len() == self.most_symbols
    }

    /// Adds a match of 3 to 258 bytes; whether the block is full.
    #[inline]
    pub fn repeat(&mut self, distance: usize, length: usize) -> bool {
        let value = (length - 3) as u8;
        self.symbols.push(Symbol { distance: distance as u16, value });
        self.literals.frequencies[self.length_code[value as usize] as usize + LITERALS + 1] += 1;
        self.distances.frequencies[distance_code(distance as u16 - 1)] += 1;
        self.symbols.len() == self.most_symbols
    }

    /// Ends a block. `plain` is what it holds, if it can still be stored.
    pub fn flush(&mut self, plain: Option<&[u8]>, plain_length: usize, is_last: bool) {
        self.build();
        let max_bl = self.build_lengths();
        let optimal = (self.cost.optimal + 3 + 7) >> 3;
        let fixed = (self.cost.fixed + 3 + 7) >> 3;
        let best = optimal.min(fixed);
        let last = is_last as u64;
        match plain {
            Some(plain) if plain_length as u64 + 4 <= best => self.store(plain, is_last),
            _ if fixed <= optimal => {
                self.bits.send(2 + last, 3);
                self.send_symbols(true);
            }
            _ => {
                self.bits.send(4 + last, 3);
                self.send_trees(max_bl);
                self.send_symbols(false);
            }
        }
        self.start();
        if is_last {
            self.bits.align();
        }
    }

    /// Whether the block that has begun holds nothing.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// Writes an empty block with fixed codes.
    pub fn mark(&mut self) {
        self.bits.send(2, 3);
        self.send_literal(END_OF_BLOCK, true);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bits.finish()
    }

    fn store(&mut self, plain: &[u8], is_last: bool) {
        self.bits.send(is_last as u64, 3);
        self.bits.align();
        self.bits.append(&(plain.len() as u16).to_le_bytes());
        self.bits.append(&(!(plain.len() as u16)).to_le_bytes());
        self.bits.append(plain);
    }

    fn build(&mut self) {
        let Self { literals, distances, fixed_lengths, cost, .. } = self;
        let kind = Kind {
            fixed_lengths: fixed_lengths,
            extra: &EXTRA_LENGTH,
            extra_base: LITERALS + 1,
            elements: L_CODES,
            max_length: MAX_BITS,
        };
        build_tree(literals, &kind, cost);
        let kind = Kind {
            fixed_lengths: &[5; D_CODES],
            extra: &EXTRA_DISTANCE,
            extra_base: 0,
            elements: D_CODES,
            max_length: MAX_BITS,
        };
        build_tree(distances, &kind, cost);
    }

    /// The tree for the lengths of codes; how many of its own lengths are sent, less one.
    fn build_lengths(&mut self) -> usize {
        for runs in [runs_of(&self.literals.lengths[..=self.literals.max_code]), runs_of(&self.distances.lengths[..=self.distances.max_code])] {
            for run in runs {
                self.lengths.frequencies[run.0 as usize] += 1;
            }
        }
        let kind =
            Kind { fixed_lengths: &[], extra: &EXTRA_BL, extra_base: 0, elements: BL_CODES, max_length: MAX_BL_BITS };
        build_tree(&mut self.lengths, &kind, &mut self.cost);
        let mut last = BL_CODES - 1;
        while last >= 3 && self.lengths.lengths[BL_ORDER[last] as usize] == 0 {
            last -= 1;
        }
        self.cost.optimal += 3 * (last as u64 + 1) + 5 + 5 + 4;
        last
    }

    fn send_trees(&mut self, max_bl: usize) {
        self.bits.send(self.literals.max_code as u64 + 1 - 257, 5);
        self.bits.send(self.distances.max_code as u64, 5);
        self.bits.send(max_bl as u64 + 1 - 4, 4);
        for symbol in &BL_ORDER[..=max_bl] {
            self.bits.send(self.lengths.lengths[*symbol as usize] as u64, 3);
        }
        for runs in [runs_of(&self.literals.lengths[..=self.literals.max_code]), runs_of(&self.distances.lengths[..=self.distances.max_code])] {
            for (symbol, repeats) in runs {
                let symbol = symbol as usize;
                self.bits.send(self.lengths.codes[symbol] as u64, self.lengths.lengths[symbol] as u32);
                self.bits.send(repeats as u64, EXTRA_BL[symbol] as u32);
            }
        }
    }

    fn send_symbols(&mut self, fixed: bool) {
        let symbols = core::mem::take(&mut self.symbols);
        for &Symbol { distance, value } in &symbols {
            if distance == 0 {
                self.send_literal(value as usize, fixed);
                continue;
            }
            let code = self.length_code[value as usize] as usize;
            self.send_literal(code + LITERALS + 1, fixed);
            self.bits.send((value as u16 - self.base_length[code]) as u64, EXTRA_LENGTH[code] as u32);
            let distance = distance - 1;
            let code = distance_code(distance);
            if fixed {
                self.bits.send((code as u64).reverse_bits() >> 59, 5);
            } else {
                self.bits.send(self.distances.codes[code] as u64, self.distances.lengths[code] as u32);
            }
            self.bits.send((distance - self.base_distance[code]) as u64, EXTRA_DISTANCE[code] as u32);
        }
        self.symbols = symbols;
        self.send_literal(END_OF_BLOCK, fixed);
    }

    #[inline]
    fn send_literal(&mut self, symbol: usize, fixed: bool) {
        if fixed {
            self.bits.send(self.fixed_codes[symbol] as u64, self.fixed_lengths[symbol] as u32);
        } else {
            self.bits.send(self.literals.codes[symbol] as u64, self.literals.lengths[symbol] as u32);
        }
    }
}

/// The code of a distance less 1.
#[inline]
fn distance_code(distance: u16) -> usize {
    if distance < 4 {
        return distance as usize;
    }
    let bits = 15 - distance.leading_zeros() as usize;
    2 * bits + (distance as usize >> (bits - 1) & 1)
}
