//! Optional fields that are numbers, byte by byte from the highest.

use crate::fields::{Read, MOST_COLUMNS};
use coding::symbols::SymbolCoder;
use sequencing::text::{hash_of, mix, Effort, TextModel, CONTEXTS};

pub struct Numbers {
    bytes: TextModel,
    /// The last two of this record.
    before: [u32; 2],
}

impl Numbers {
    pub fn new(effort: Effort, table_bits: u32) -> Self {
        Numbers { bytes: TextModel::new(effort, MOST_COLUMNS, table_bits), before: [0; 2] }
    }

    pub fn start_record(&mut self) {
        self.before = [0; 2];
    }

    /// Codes a number of `width` bytes, of which an encoder gives those in `wanted`, under what it may be near to: the
    /// mate's number, if it has one, else the last one of the column.
    #[allow(clippy::too_many_arguments)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        width: usize,
        wanted: &[u8],
        read: &Read,
        (mate, last): (Option<&[u8]>, &[u8]),
    ) -> [u8; 4] {
        let (near, trust) = mate.map_or((last, 1), |mate| (mate, 2));
        let c = column as u32;
        let [before, earlier] = self.before;
        let clipped = read.clipped[0].min(255) << 8 | read.clipped[1].min(255);
        let gaps = read.inserted.min(15) << 4 | read.deleted.min(15);
        let contexts: [u32; CONTEXTS] = [
            mix(10, c, u32::from(mate.is_some())),
            mix(11, c, hash_of(near)),
            mix(12, c, before),
            mix(13, mix(13, c, before), earlier),
            mix(14, c, read.mismatches << 8 | gaps),
            mix(15, mix(15, c, read.mismatches << 16 | clipped), read.codes.len() as u32 ^ gaps << 20),
            mix(16, mix(16, c, read.mismatch_qualities), (read.flag as u32 & 0xf14) << 8 | read.quality as u32),
        ];
        let mut bytes = [0u8; 4];
        let near: [u8; 4] = core::array::from_fn(|at| near.get(at).copied().unwrap_or(0));
        let mut so_far = 0;
        for at in (0..width).rev() {
            let mut salted = contexts;
            for context in &mut salted {
                *context = mix(17, *context, so_far << 2 | at as u32);
            }
            let byte = wanted.get(at).copied().unwrap_or(0);
            bytes[at] = self.bytes.code(coder, byte, &salted, column, near[at], trust * 4 + at);
            so_far = so_far << 8 | bytes[at] as u32 | 1 << 30;
        }
        self.before = [u32::from_le_bytes(bytes), before];
        bytes
    }
}
