//! Deflate blocks as zlib writes them: Huffman trees with its tie-breaks and its choice between the three kinds of
//! blocks. (The format is RFC 1951; which of the trees of equal cost is built follows zlib's `trees.c`.)

const LITERALS: usize = 256;
const LENGTH_CODES: usize = 29;
const L_CODES: usize = LITERALS + 1 + LENGTH_CODES;
const D_CODES: usize = 30;
const BL_CODES: usize = 19;
const HEAP_SIZE: usize = 2 * L_CODES + 1;
const MAX_BITS: usize = 15;
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

struct Tree<const SIZE: usize> {
    frequencies: [u16; SIZE],
    lengths: [u16; SIZE],
    codes: [u16; SIZE],
    max_code: usize,
}

impl<const SIZE: usize> Tree<SIZE> {
    fn new() -> Self {
        Tree { frequencies: [0; SIZE], lengths: [0; SIZE], codes: [0; SIZE], max_code: 0 }
    }
}

/// What distinguishes the three trees.
struct Kind<'a> {
    fixed_lengths: &'a [u8],
    extra: &'a [u8],
    extra_base: usize,
    elements: usize,
    max_length: usize,
}

pub struct Blocks {
    symbols: Vec<Symbol>,
    most_symbols: usize,
    literals: Tree<HEAP_SIZE>,
    distances: Tree<{ 2 * D_CODES + 1 }>,
    lengths: Tree<{ 2 * BL_CODES + 1 }>,
    optimal_bits: u64,
    fixed_bits: u64,
    bits: u64,
    bit_count: u32,
    output: Vec<u8>,
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
            optimal_bits: 0,
            fixed_bits: 0,
            bits: 0,
            bit_count: 0,
            output: Vec::with_capacity(1 << 16),
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
        self.optimal_bits = 0;
        self.fixed_bits = 0;
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
        let optimal = (self.optimal_bits + 3 + 7) >> 3;
        let fixed = (self.fixed_bits + 3 + 7) >> 3;
        let best = optimal.min(fixed);
        let last = is_last as u64;
        match plain {
            Some(plain) if plain_length as u64 + 4 <= best => self.store(plain, is_last),
            _ if fixed <= optimal => {
                self.send(2 + last, 3);
                self.send_symbols(true);
            }
            _ => {
                self.send(4 + last, 3);
                self.send_trees(max_bl);
                self.send_symbols(false);
            }
        }
        self.start();
        if is_last {
            self.align();
        }
    }

    /// Whether the block that has begun holds nothing.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// Writes an empty block with fixed codes.
    pub fn mark(&mut self) {
        self.send(2, 3);
        self.send_literal(END_OF_BLOCK, true);
    }

    pub fn finish(self) -> Vec<u8> {
        self.output
    }

    fn store(&mut self, plain: &[u8], is_last: bool) {
        self.send(is_last as u64, 3);
        self.align();
        self.output.extend_from_slice(&(plain.len() as u16).to_le_bytes());
        self.output.extend_from_slice(&(!(plain.len() as u16)).to_le_bytes());
        self.output.extend_from_slice(plain);
    }

    fn build(&mut self) {
        let Self { literals, distances, fixed_lengths, optimal_bits, fixed_bits, .. } = self;
        let kind = Kind {
            fixed_lengths: fixed_lengths,
            extra: &EXTRA_LENGTH,
            extra_base: LITERALS + 1,
            elements: L_CODES,
            max_length: MAX_BITS,
        };
        build_tree(literals, &kind, optimal_bits, fixed_bits);
        let kind = Kind {
            fixed_lengths: &[5; D_CODES],
            extra: &EXTRA_DISTANCE,
            extra_base: 0,
            elements: D_CODES,
            max_length: MAX_BITS,
        };
        build_tree(distances, &kind, optimal_bits, fixed_bits);
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
        build_tree(&mut self.lengths, &kind, &mut self.optimal_bits, &mut self.fixed_bits);
        let mut last = BL_CODES - 1;
        while last >= 3 && self.lengths.lengths[BL_ORDER[last] as usize] == 0 {
            last -= 1;
        }
        self.optimal_bits += 3 * (last as u64 + 1) + 5 + 5 + 4;
        last
    }

    fn send_trees(&mut self, max_bl: usize) {
        self.send(self.literals.max_code as u64 + 1 - 257, 5);
        self.send(self.distances.max_code as u64, 5);
        self.send(max_bl as u64 + 1 - 4, 4);
        for symbol in &BL_ORDER[..=max_bl] {
            self.send(self.lengths.lengths[*symbol as usize] as u64, 3);
        }
        for runs in [runs_of(&self.literals.lengths[..=self.literals.max_code]), runs_of(&self.distances.lengths[..=self.distances.max_code])] {
            for (symbol, repeats) in runs {
                let symbol = symbol as usize;
                self.send(self.lengths.codes[symbol] as u64, self.lengths.lengths[symbol] as u32);
                self.send(repeats as u64, EXTRA_BL[symbol] as u32);
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
            self.send((value as u16 - self.base_length[code]) as u64, EXTRA_LENGTH[code] as u32);
            let distance = distance - 1;
            let code = distance_code(distance);
            if fixed {
                self.send((code as u64).reverse_bits() >> 59, 5);
            } else {
                self.send(self.distances.codes[code] as u64, self.distances.lengths[code] as u32);
            }
            self.send((distance - self.base_distance[code]) as u64, EXTRA_DISTANCE[code] as u32);
        }
        self.symbols = symbols;
        self.send_literal(END_OF_BLOCK, fixed);
    }

    #[inline]
    fn send_literal(&mut self, symbol: usize, fixed: bool) {
        if fixed {
            self.send(self.fixed_codes[symbol] as u64, self.fixed_lengths[symbol] as u32);
        } else {
            self.send(self.literals.codes[symbol] as u64, self.literals.lengths[symbol] as u32);
        }
    }

    #[inline]
    fn send(&mut self, value: u64, count: u32) {
        self.bits |= value << self.bit_count;
        self.bit_count += count;
        while self.bit_count >= 8 {
            self.output.push(self.bits as u8);
            self.bits >>= 8;
            self.bit_count -= 8;
        }
    }

    fn align(&mut self) {
        if self.bit_count > 0 {
            self.output.push(self.bits as u8);
        }
        (self.bits, self.bit_count) = (0, 0);
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

/// Canonical codes of given lengths, bits reversed.
fn codes_of(lengths: &[u16], codes: &mut [u16]) {
    let mut counts = [0u16; MAX_BITS + 1];
    lengths.iter().for_each(|&length| counts[length as usize] += 1);
    counts[0] = 0;
    let mut next = [0u16; MAX_BITS + 1];
    for bits in 1..=MAX_BITS {
        next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths) {
        if length > 0 {
            *code = next[length as usize].reverse_bits() >> (16 - length);
            next[length as usize] += 1;
        }
    }
}

/// Lengths of codes as symbols and their extra bits.
fn runs_of(lengths: &[u16]) -> Vec<(u8, u8)> {
    let mut runs = Vec::with_capacity(lengths.len());
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let mut left = lengths[at..].iter().take_while(|&&other| other == length).count();
        at += left;
        if length == 0 {
            while left >= 3 {
                let taken = left.min(138);
                runs.push(if taken <= 10 { (17, taken as u8 - 3) } else { (18, taken as u8 - 11) });
                left -= taken;
            }
        } else {
            // The first of a run is sent as it is; up to seven of them count as the first run.
            runs.push((length as u8, 0));
            left -= 1;
            while left >= 3 {
                let taken = left.min(6);
                runs.push((16, taken as u8 - 3));
                left -= taken;
            }
        }
        runs.extend((0..left).map(|_| (length as u8, 0)));
    }
    runs
}

fn build_tree<const SIZE: usize>(tree: &mut Tree<SIZE>, kind: &Kind, optimal_bits: &mut u64, fixed_bits: &mut u64) {
    let mut heap = [0usize; HEAP_SIZE + 1];
    let mut depths = [0u8; HEAP_SIZE];
    let mut parents = [0u16; HEAP_SIZE];
    let (mut count, mut top) = (0, HEAP_SIZE);
    let mut max_code = None;
    for symbol in 0..kind.elements {
        tree.lengths[symbol] = 0;
        if tree.frequencies[symbol] != 0 {
            count += 1;
            heap[count] = symbol;
            max_code = Some(symbol);
        }
    }
    let mut bits = 0i64;
    let mut fixed = 0i64;
    // At least two codes, even if only one is used.
    while count < 2 {
        let symbol = match max_code {
            Some(code) if code >= 2 => 0,
            code => {
                let next = code.map_or(0, |code| code + 1);
                max_code = Some(next);
                next
            }
        };
        count += 1;
        heap[count] = symbol;
        tree.frequencies[symbol] = 1;
        bits -= 1;
        fixed -= kind.fixed_lengths.get(symbol).copied().unwrap_or(0) as i64;
    }
    tree.max_code = max_code.unwrap_or(0);
    let frequencies = &mut tree.frequencies;
    for at in (1..=count / 2).rev() {
        sift(&mut heap, count, at, &frequencies[..], &depths);
    }
    let mut node = kind.elements;
    loop {
        let first = heap[1];
        heap[1] = heap[count];
        count -= 1;
        sift(&mut heap, count, 1, &frequencies[..], &depths);
        let second = heap[1];
        heap[top - 1] = first;
        heap[top - 2] = second;
        top -= 2;
        frequencies[node] = frequencies[first].wrapping_add(frequencies[second]);
        depths[node] = depths[first].max(depths[second]) + 1;
        parents[first] = node as u16;
        parents[second] = node as u16;
        heap[1] = node;
        node += 1;
        sift(&mut heap, count, 1, &frequencies[..], &depths);
        if count < 2 {
            break;
        }
    }
    top -= 1;
    heap[top] = heap[1];

    let mut counts = [0u16; MAX_BITS + 1];
    let mut overflow = 0i32;
    tree.lengths[heap[top]] = 0;
    for &symbol in &heap[top + 1..HEAP_SIZE] {
        let mut length = tree.lengths[parents[symbol] as usize] as usize + 1;
        if length > kind.max_length {
            length = kind.max_length;
            overflow += 1;
        }
        tree.lengths[symbol] = length as u16;
        if symbol > tree.max_code {
            continue;
        }
        counts[length] += 1;
        let extra = if symbol >= kind.extra_base { kind.extra[symbol - kind.extra_base] } else { 0 } as i64;
        let frequency = tree.frequencies[symbol] as i64;
        bits += frequency * (length as i64 + extra);
        if let Some(&length) = kind.fixed_lengths.get(symbol) {
            fixed += frequency * (length as i64 + extra);
        }
    }
    if overflow > 0 {
        while overflow > 0 {
            let mut length = kind.max_length - 1;
            while counts[length] == 0 {
                length -= 1;
            }
            counts[length] -= 1;
            counts[length + 1] += 2;
            counts[kind.max_length] -= 1;
            overflow -= 2;
        }
        let mut at = HEAP_SIZE;
        for length in (1..=kind.max_length).rev() {
            let mut left = counts[length];
            while left > 0 {
                at -= 1;
                let symbol = heap[at];
                if symbol > tree.max_code {
                    continue;
                }
                bits += (length as i64 - tree.lengths[symbol] as i64) * tree.frequencies[symbol] as i64;
                tree.lengths[symbol] = length as u16;
                left -= 1;
            }
        }
    }
    *optimal_bits = optimal_bits.wrapping_add(bits as u64);
    *fixed_bits = fixed_bits.wrapping_add(fixed as u64);
    let Tree { lengths, codes, max_code, .. } = tree;
    codes_of(&lengths[..=*max_code], &mut codes[..=*max_code]);
}

fn sift(heap: &mut [usize; HEAP_SIZE + 1], count: usize, mut at: usize, frequencies: &[u16], depths: &[u8]) {
    let smaller = |a: usize, b: usize| {
        frequencies[a] < frequencies[b] || frequencies[a] == frequencies[b] && depths[a] <= depths[b]
    };
    let moved = heap[at];
    let mut child = 2 * at;
    while child <= count {
        if child < count && smaller(heap[child + 1], heap[child]) {
            child += 1;
        }
        if smaller(moved, heap[child]) {
            break;
        }
        heap[at] = heap[child];
        at = child;
        child *= 2;
    }
    heap[at] = moved;
}
