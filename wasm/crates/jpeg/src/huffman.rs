//! Huffman tables of ITU-T T.81, annex C, both ways.

/// The longest code.
const LONGEST: usize = 16;

/// A code for up to 256 symbols.
#[derive(Clone)]
pub struct Table {
    /// Length (0: no code) and code of each symbol.
    codes: [(u8, u16); 256],
    /// For each length the first code that is too large for it, aligned to 16 bits.
    limits: [u32; LONGEST + 1],
    /// For each length what to add to a code to get its place among the symbols.
    offsets: [i32; LONGEST + 1],
    symbols: Vec<u8>,
}

impl Table {
    /// `counts`: how many codes there are of each length; `symbols`: in the order of their codes. None if the codes do
    /// not fit.
    pub fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Option<Self> {
        let mut table = Table {
            codes: [(0, 0); 256],
            limits: [0; LONGEST + 1],
            offsets: [0; LONGEST + 1],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0u32, 0usize);
        for length in 1..=LONGEST {
            let count = counts[length - 1] as usize;
            table.offsets[length] = place as i32 - code as i32;
            for &symbol in symbols.get(place..place + count)? {
                table.codes[symbol as usize] = (length as u8, code as u16);
                code += 1;
            }
            if code > 1 << length {
                return None;
            }
            place += count;
            table.limits[length] = code << (LONGEST - length);
            code <<= 1;
        }
        (place == symbols.len()).then_some(table)
    }

    /// Length and code of a symbol; length 0 if it has none.
    #[inline]
    pub fn code(&self, symbol: u8) -> (u8, u16) {
        self.codes[symbol as usize]
    }

    /// Length of the code at the top of 16 bits, and its symbol.
    #[inline]
    pub fn find(&self, bits: u32) -> Option<(usize, u8)> {
        for length in 1..=LONGEST {
            if bits < self.limits[length] {
                let place = (bits >> (LONGEST - length)) as i32 + self.offsets[length];
                return Some((length, *self.symbols.get(place as usize)?));
            }
        }
        None
    }
}
