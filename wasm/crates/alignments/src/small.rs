//! Numbers of fixed width, byte by byte: flags, mapping qualities, sets of tags, and records that are odd.

use crate::record::Fixed;
use coding::symbols::SymbolCoder;
use sequencing::text::{mix, Effort, TextModel, CONTEXTS};

/// What bytes belong to.
#[derive(Clone, Copy)]
pub enum Kind {
    Flag,
    Quality,
    Template,
    Tag,
    OddRecord,
}

const KINDS: usize = Kind::OddRecord as usize + 1;
const TABLE_BITS: u32 = 20;

pub struct Small {
    bytes: TextModel,
}

impl Small {
    pub fn new(effort: Effort) -> Self {
        Small { bytes: TextModel::new(effort, KINDS, TABLE_BITS) }
    }

    /// Codes the flag of a record behind `last`, given its mate if that came before.
    pub fn code_flag<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u16, last: &Fixed, mate: Option<&Fixed>) -> u16 {
        // What a mate says: its own bits about its mate, and the other way round.
        let foreseen = mate.map_or(last.flag, |mate| {
            let flag = mate.flag;
            let turned = (flag & 0x28) >> 1 | (flag & 0x14) << 1;
            flag & 0xf03 | turned | (flag & 0xc0 ^ 0xc0)
        });
        let known = mate.is_some() as u32;
        let contexts = [
            mix(60, foreseen as u32, known),
            mix(61, foreseen as u32, last.flag as u32 | known << 16),
            mix(62, known, 0),
            mix(63, foreseen as u32, last.quality as u32 | known << 16),
            mix(64, last.flag as u32, 0),
        ];
        self.code(coder, Kind::Flag, wanted, 2, contexts, foreseen, known as usize)
    }

    /// Codes the mapping quality of a record with a flag.
    pub fn code_quality<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: u8,
        flag: u16,
        last: &Fixed,
        mate: Option<&Fixed>,
    ) -> u8 {
        let known = mate.map_or(256, |mate| mate.quality as u32);
        let before = last.quality as u32;
        let bits = flag as u32;
        let contexts = [
            mix(65, known, bits & 0xf),
            mix(66, known, before << 16 | bits),
            mix(67, before, bits & 4),
            mix(68, bits, 0),
            mix(69, before, known << 16 | bits & 0xf),
        ];
        let foreseen = mate.map_or(last.quality, |mate| mate.quality) as u16;
        self.code(coder, Kind::Quality, wanted as u16, 1, contexts, foreseen, mate.is_some() as usize) as u8
    }

    /// Codes a number of one or two bytes.
    #[allow(clippy::too_many_arguments)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        kind: Kind,
        wanted: u16,
        width: usize,
        contexts: [u32; 5],
        near: u16,
        trust: usize,
    ) -> u16 {
        let mut value = 0u16;
        for at in (0..width).rev() {
            let mut salted = [0; CONTEXTS];
            for i in 0..CONTEXTS {
                let context = contexts.get(i).copied().unwrap_or(i as u32);
                salted[i] = mix(59, context, (value as u32) << 4 | (at as u32) << 2 | kind as u32 & 3);
            }
            let (byte, near) = ((wanted >> (8 * at)) as u8, (near >> (8 * at)) as u8);
            let agrees = (near as u16 == value) as usize;
            let byte = self.bytes.code(coder, byte, &salted, kind as usize, near, trust * 2 + agrees.min(1));
            value = value << 8 | byte as u16;
        }
        value
    }

    /// Codes `length` bytes that are nothing known and appends them.
    pub fn code_odd<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &[u8], length: usize, output: &mut Vec<u8>) {
        let mut recent = 0u32;
        for at in 0..length {
            let contexts: [u32; CONTEXTS] = core::array::from_fn(|order| {
                let kind = 70 + order as u32;
                match order {
                    0..=3 => mix(kind, recent & ((1 << (8 * order)) - 1), 0),
                    4 => mix(kind, recent, 0),
                    5 => mix(kind, at as u32, 0),
                    _ => mix(kind, at as u32, recent & 0xff),
                }
            });
            let byte = wanted.get(at).copied().unwrap_or(0);
            let byte = self.bytes.code(coder, byte, &contexts, Kind::OddRecord as usize, recent as u8, 0);
            output.push(byte);
            recent = recent << 8 | byte as u32;
        }
    }
}
