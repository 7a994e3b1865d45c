//! The numbers and decisions of a delta's script, each with a probability that starts from what is usual and is learnt.

use crate::edits::Edit;
use crate::renames;
use coding::arithmetic::Coder;
use coding::maps::Map;

/// Observations that a probability of the script remembers, and one about a name, of which there are more.
const LIMIT: u32 = 60;
const RENAME_LIMIT: u32 = 1023;
const MAGNITUDE_BITS: u32 = 5;
/// Magnitudes that occur.
const MAGNITUDES: usize = 26;
/// How many observations the starting probabilities count for.
const CONFIDENCE: u32 = 8;

/// How scripts begin, measured between versions of fourteen libraries: how many of a thousand numbers have so many bits. Bytes
/// that are spelt; that are copied, 0 standing for all; that are left out of the base where nothing is spelt, and where something
/// is; that a copy goes back.
const SPELT: [u32; MAGNITUDES] =
    [282, 248, 71, 117, 112, 93, 44, 17, 7, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const COPIED: [u32; MAGNITUDES] =
    [33, 0, 0, 19, 102, 252, 127, 118, 73, 58, 42, 23, 51, 17, 23, 23, 16, 10, 7, 3, 0, 0, 0, 0, 0, 0];
const LEFT_OUT: [u32; MAGNITUDES] =
    [1, 192, 101, 107, 69, 72, 124, 95, 33, 8, 8, 2, 33, 39, 15, 29, 21, 13, 32, 1, 1, 1, 1, 1, 1, 1];
const AHEAD: [u32; MAGNITUDES] =
    [189, 65, 22, 74, 110, 134, 75, 55, 26, 25, 24, 24, 23, 22, 29, 24, 11, 24, 29, 12, 1, 1, 1, 1, 1, 1];
const BACK: [u32; MAGNITUDES] =
    [1, 94, 64, 66, 68, 78, 103, 51, 42, 38, 43, 25, 46, 40, 67, 42, 40, 31, 42, 16, 1, 1, 1, 1, 1, 1];
/// How many of a thousand copies begin behind as many bytes of the base as were spelt, by the bits of that number; of others, how
/// many go back, where nothing was spelt and where something was.
const REPLACES: [u32; 8] = [950, 712, 332, 443, 198, 104, 81, 113];
const GOES_BACK: [u32; 2] = [252, 375];

/// Numbers by their magnitude. That and the two bits below the leading one are learnt.
struct Numbers {
    magnitudes: Map,
    mantissas: Map,
}

impl Numbers {
    /// `usual` has the share of each magnitude.
    fn new(usual: &[u32; MAGNITUDES]) -> Self {
        let mut magnitudes = Map::new(1 << MAGNITUDE_BITS, LIMIT);
        for node in 1..1usize << MAGNITUDE_BITS {
            let below = MAGNITUDE_BITS - node.ilog2();
            let first = (node << below) - (1 << MAGNITUDE_BITS);
            let share =
                |from: usize, to: usize| usual[from.min(MAGNITUDES)..to.min(MAGNITUDES)].iter().sum::<u32>() + 1;
            let middle = first + (1 << below) / 2;
            let [low, high] = [share(first, middle), share(middle, first + (1 << below))];
            magnitudes.start(node, (high << 16) / (low + high), CONFIDENCE);
        }
        Numbers { magnitudes, mantissas: Map::new(4 << MAGNITUDE_BITS, LIMIT) }
    }

    fn code<C: Coder>(&mut self, coder: &mut C, value: usize) -> usize {
        let magnitude = self.magnitude(coder, usize::BITS - value.leading_zeros());
        let mut known = (magnitude > 0) as usize;
        for below in (0..magnitude.saturating_sub(1)).rev() {
            let bit = (value >> below & 1) as u32;
            let bit = match known {
                1..=3 => learnt(coder, &mut self.mantissas, (magnitude as usize) << 2 | known, bit),
                _ => coder.code(bit, 1 << 15),
            };
            known = known << 1 | bit as usize;
        }
        known
    }

    fn magnitude<C: Coder>(&mut self, coder: &mut C, magnitude: u32) -> u32 {
        let mut node = 1;
        for shift in (0..MAGNITUDE_BITS).rev() {
            node = node << 1 | learnt(coder, &mut self.magnitudes, node as usize, magnitude >> shift & 1);
        }
        node & ((1 << MAGNITUDE_BITS) - 1)
    }
}

/// Probabilities that start from these, in thousandths.
fn started(usual: &[u32], limit: u32) -> Map {
    let mut map = Map::new(usual.len(), limit);
    usual.iter().enumerate().for_each(|(context, &one)| map.start(context, one * 65536 / 1000, CONFIDENCE));
    map
}

fn learnt<C: Coder>(coder: &mut C, map: &mut Map, context: usize, bit: u32) -> u32 {
    let bit = coder.code(bit, map.one(context).clamp(1, 65535));
    map.update(context, bit);
    bit
}

/// What is learnt of a script.
pub struct Script {
    spelt: Numbers,
    copied: Numbers,
    replaces: Map,
    goes_back: Map,
    /// Where nothing was spelt, and where something was.
    ahead: [Numbers; 2],
    back: Numbers,
    renamed: Map,
}

impl Script {
    pub fn new() -> Self {
        Script {
            spelt: Numbers::new(&SPELT),
            copied: Numbers::new(&COPIED),
            replaces: started(&REPLACES, LIMIT),
            goes_back: started(&GOES_BACK, LIMIT),
            ahead: [Numbers::new(&LEFT_OUT), Numbers::new(&AHEAD)],
            back: Numbers::new(&BACK),
            renamed: started(&std::array::from_fn::<_, { renames::CONTEXTS }, _>(renames::usual), RENAME_LIMIT),
        }
    }

    /// How many bytes are spelt.
    pub fn spelt<C: Coder>(&mut self, coder: &mut C, spelt: usize) -> usize {
        self.spelt.code(coder, spelt)
    }

    /// Where a copy begins, `reached` being where the last one ended.
    pub fn from<C: Coder>(&mut self, coder: &mut C, reached: usize, edit: &Edit) -> usize {
        let Edit { spelt, from, .. } = *edit;
        if spelt > 0 || reached == 0 {
            let kind = (usize::BITS - spelt.leading_zeros()) as usize;
            let context = kind.min(REPLACES.len() - 1);
            if learnt(coder, &mut self.replaces, context, (from == reached + spelt) as u32) != 0 {
                return reached + spelt;
            }
        }
        let replaces = (spelt > 0) as usize;
        match learnt(coder, &mut self.goes_back, replaces, (from < reached) as u32) {
            0 => reached + self.ahead[replaces].code(coder, from.wrapping_sub(reached)),
            _ => reached.wrapping_sub(self.back.code(coder, reached.wrapping_sub(from))),
        }
    }

    /// How much is copied, of `most` that the base has left.
    pub fn copied<C: Coder>(&mut self, coder: &mut C, most: usize, copied: usize) -> usize {
        match self.copied.code(coder, if copied == most { 0 } else { copied }) {
            0 => most,
            copied => copied,
        }
    }

    /// Whether a known name is renamed. @param context see [`renames::Renames::context`]
    pub fn renamed<C: Coder>(&mut self, coder: &mut C, context: usize, renamed: bool) -> bool {
        learnt(coder, &mut self.renamed, context, renamed as u32) != 0
    }
}
