//! Optional fields that are texts or arrays, byte by byte.

use crate::fields::{Read, MOST_COLUMNS};
use crate::record::{array_length, width_of};
use coding::symbols::SymbolCoder;
use core::ops::Range;
use sequencing::bits::{Number, Symbol};
use sequencing::text::{mix, Effort, TextModel, CONTEXTS, TRUSTS};

pub struct Strings {
    text: TextModel,
    per_base: TextModel,
    array_type: Vec<Symbol>,
    array_count: Vec<Number>,
    /// The last text of this record with a character for each base.
    per_base_before: Option<Range<usize>>,
    scratch: Vec<u8>,
}

impl Strings {
    pub fn new(effort: Effort, table_bits: u32) -> Self {
        Strings {
            text: TextModel::new(effort, MOST_COLUMNS, table_bits),
            per_base: TextModel::new(effort, MOST_COLUMNS, table_bits),
            array_type: vec![Symbol::new(8); MOST_COLUMNS],
            array_count: vec![Number::new(); MOST_COLUMNS],
            per_base_before: None,
            scratch: Vec::new(),
        }
    }

    pub fn start_record(&mut self) {
        self.per_base_before = None;
    }

    /// Codes a text that ends with a zero, which is not appended, beside one in the output that it may be like;
    /// `kind`: 1 if that is of another column, else 0.
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        wanted: &[u8],
        (partner, kind): (Range<usize>, usize),
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let above: &mut Vec<u8> = &mut self.scratch;
        above.clear();
        above.extend_from_slice(&output[partner]);
        let c = column as u32;
        let (mut prefix, mut agreed, mut recent) = (0u32, 0usize, 0u64);
        for at in 0.. {
            let next = |ahead: usize| above.get(at + ahead).copied().unwrap_or(0) as u32;
            let near = next(0);
            let place = (at as u32).min(255) << 8 | c;
            let r = recent as u32;
            let contexts: [u32; CONTEXTS] = [
                mix(40, place, r & 0xff),
                mix(41, c, r & 0xff_ffff),
                mix(42, c, prefix),
                mix(43, place, near | (agreed.min(7) as u32) << 8),
                mix(44, c, near | next(1) << 8 | (r & 0xff) << 16),
                mix(45, c, r & 0xffff),
                mix(46, mix(46, c, r), (recent >> 32) as u32 & 0xffff),
            ];
            let byte = wanted.get(at).copied().unwrap_or(0);
            let trust = kind * 8 + agreed.min(TRUSTS / 2 - 1);
            let byte = self.text.code(coder, byte, &contexts, column, near as u8, trust);
            if byte == 0 {
                return Some(());
            }
            if output.len() >= limit {
                return None;
            }
            output.push(byte);
            agreed = if byte as u32 == near { agreed + 1 } else { 0 };
            recent = recent << 8 | byte as u64;
            prefix = mix(47, prefix, byte as u32);
        }
        None
    }

    /// Codes a text with a character for each base, in the order in which they were read.
    pub fn code_per_base<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        wanted: &[u8],
        read: &Read,
        output: &mut Vec<u8>,
    ) {
        let start = output.len();
        let count = read.codes.len();
        output.resize(start + count, 0);
        let backward = read.flag & 16 != 0;
        let c = column as u32;
        let (mut last, mut earlier, mut third) = (0u32, 0u32, 0u32);
        for step in 0..count {
            let place = |step: usize| if backward { count - 1 - step } else { step };
            let at = place(step);
            let quality = |step: usize| match read.qualities.get(place(step.min(count - 1))) {
                Some(&quality) => quality as u32,
                None => 255,
            };
            let (here, before, after) = (quality(step), quality(step.saturating_sub(1)), quality(step + 1));
            let other = self.per_base_before.as_ref().map_or(0, |range| output[range.start + at] as u32);
            let base = read.codes[at] as u32;
            let contexts: [u32; CONTEXTS] = [
                mix(50, c, last << 8 | here),
                mix(51, c, last << 16 | earlier << 8 | third),
                mix(52, c, before << 16 | here << 8 | after),
                mix(53, c, (step as u32 / 4) << 8 | here),
                mix(54, mix(54, c, last << 8 | other), here << 8 | after),
                mix(55, mix(55, c, last << 8 | earlier), here << 8 | other),
                mix(56, mix(56, c, other << 8 | here), base << 8 | (step as u32).min(255)),
            ];
            let byte = wanted.get(at).copied().unwrap_or(0);
            let byte = self.per_base.code(coder, byte, &contexts, column, here as u8, 0);
            output[start + at] = byte;
            (third, earlier, last) = (earlier, last, byte as u32);
        }
        self.per_base_before = Some(start..start + count);
    }

    /// Codes an array: type, count and bytes.
    pub fn code_array<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        wanted: &[u8],
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let kind = self.array_type[column].code(coder, wanted.first().copied().unwrap_or(0) as u32) as u8;
        let width = width_of(kind)?;
        let count = wanted.get(1..5).map_or(0, |count| u32::from_le_bytes([count[0], count[1], count[2], count[3]]));
        let count = self.array_count[column].code(coder, count);
        let [a, b, c, d] = count.to_le_bytes();
        let length = array_length(&[kind, a, b, c, d])?;
        if length > limit.saturating_sub(output.len()) {
            return None;
        }
        output.extend_from_slice(&[kind, a, b, c, d]);
        let start = output.len();
        let column_number = column as u32;
        let half = (count as usize / 2 * width).max(width);
        for at in 0..length - 5 {
            let here = output.len();
            let back = |bytes: usize| if bytes <= at { output[here - bytes] as u32 } else { 0 };
            let phase = (at % width) as u32;
            let (one, two, three) = (back(1), back(2), back(3));
            let (above, above_two) = (back(width), back(2 * width));
            let across = back(half);
            let contexts: [u32; CONTEXTS] = [
                mix(20, column_number, phase),
                mix(21, column_number, phase << 8 | above),
                mix(22, column_number, phase << 16 | above << 8 | above_two),
                mix(23, column_number, phase << 24 | one << 16 | two << 8 | three),
                mix(24, column_number, phase << 8 | across),
                mix(25, column_number, phase << 24 | across << 16 | above << 8 | one),
                mix(26, column_number, mix(26, at as u32, count)),
            ];
            let byte = wanted.get(at + 5).copied().unwrap_or(0);
            let byte = self.text.code(coder, byte, &contexts, column, across as u8, 3);
            output.push(byte);
        }
        debug_assert_eq!(output.len(), start + length - 5);
        Some(())
    }
}
