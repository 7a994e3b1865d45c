//! Optional fields, each tag and type a column of its own.

use sequencing::bits::{code_flag, SymbolCoder, Flag, Number, Part, Symbol};
use crate::record::{array_length, width_of};
use sequencing::text::{Effort, hash_of, mix, TextModel, CONTEXTS, TRUSTS};
use core::ops::Range;

/// Columns beyond these share the last one.
pub const MOST_COLUMNS: usize = 256;
/// Candidates for a text, in the order of [`Fields::candidates`].
const CANDIDATES: usize = 3;
const KEYED_BITS: u32 = 16;
/// Shorter reads are not looked at base by base.
const LEAST_PER_BASE: usize = 8;
/// How many bytes count when columns are compared.
const LONGEST_COMPARED: usize = 40;
/// Two columns are partners if this many bytes agree on average, in sixteenths.
const LEAST_AGREEMENT: u32 = 40;

/// What is known of a read when its fields are coded.
pub struct Read<'a> {
    pub flag: u16,
    pub quality: u8,
    pub codes: &'a [u8],
    /// In the order of the bases; empty if the read has none.
    pub qualities: &'a [u8],
    pub mismatches: u32,
    pub mismatch_qualities: u32,
    pub inserted: u32,
    pub deleted: u32,
    pub clipped: [u32; 2],
    /// Where the values of the mate's fields stand, by column.
    pub mate: &'a [Placed],
}

/// A value that was coded: its column and its place in the output.
#[derive(Clone, Copy)]
pub struct Placed {
    pub column: u16,
    pub start: u32,
    pub end: u32,
}

impl Placed {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone)]
struct Column {
    /// Where the last value stands.
    last: Range<usize>,
    /// The latest outcomes of each candidate, latest lowest.
    outcomes: [u8; CANDIDATES],
    /// The same of "as long as the read".
    per_base: u8,
    /// How well the text agrees with that of each other column, in sixteenths of a byte.
    agreement: Vec<u32>,
}

pub struct Fields {
    columns: Vec<Column>,
    is_candidate: Vec<Flag>,
    is_per_base: Vec<Flag>,
    keyed: Vec<(u32, u32, u32)>,
    text: TextModel,
    numbers: TextModel,
    per_base: TextModel,
    array_type: Vec<Symbol>,
    array_count: Vec<Number>,
    /// The values of this record so far.
    pub placed: Vec<Placed>,
    last_numbers: [u32; 2],
    per_base_before: Option<Range<usize>>,
    scratch: Vec<u8>,
}

impl Fields {
    pub fn new(effort: Effort, size: usize) -> Self {
        let bits = (size as u64).max(1).ilog2().clamp(16, 20);
        Fields {
            columns: Vec::new(),
            is_candidate: vec![Flag::new(); MOST_COLUMNS * CANDIDATES * 8],
            is_per_base: vec![Flag::new(); MOST_COLUMNS * 4],
            keyed: vec![(0, 0, 0); 1 << KEYED_BITS],
            text: TextModel::new(effort, MOST_COLUMNS, bits),
            numbers: TextModel::new(effort, MOST_COLUMNS, bits.min(18)),
            per_base: TextModel::new(effort, MOST_COLUMNS, bits),
            array_type: vec![Symbol::new(8); MOST_COLUMNS],
            array_count: vec![Number::new(); MOST_COLUMNS],
            placed: Vec::new(),
            last_numbers: [0; 2],
            per_base_before: None,
            scratch: Vec::new(),
        }
    }

    /// The number of a new column.
    pub fn add_column(&mut self) -> usize {
        if self.columns.len() < MOST_COLUMNS {
            let fresh = Column { last: 0..0, outcomes: [0; CANDIDATES], per_base: 0, agreement: Vec::new() };
            self.columns.push(fresh);
        }
        self.columns.len() - 1
    }

    pub fn start_record(&mut self) {
        self.placed.clear();
        self.last_numbers = [0; 2];
        self.per_base_before = None;
    }

    /// Codes a value of type `kind`, given without its end, and appends it with it.
    #[allow(clippy::too_many_arguments)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        kind: u8,
        wanted: &[u8],
        read: &Read,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        coder.enter(Part::Field(column));
        let start = output.len();
        match kind {
            b'Z' | b'H' => {
                self.code_text(coder, column, wanted, read, output, limit)?;
                self.keep(column, start..output.len());
                output.push(0);
            }
            b'B' => {
                self.code_array(coder, column, wanted, output, limit)?;
                self.keep(column, start..output.len());
            }
            _ => {
                self.code_number(coder, column, width_of(kind)?, wanted, read, output);
                self.keep(column, start..output.len());
            }
        }
        (output.len() <= limit).then_some(())
    }

    /// Remembers a value that stands in the output.
    pub fn keep(&mut self, column: usize, value: Range<usize>) {
        self.columns[column].last = value.clone();
        self.placed.push(Placed { column: column as u16, start: value.start as u32, end: value.end as u32 });
    }

    fn of_mate(read: &Read, column: usize) -> Option<Range<usize>> {
        read.mate.iter().find(|placed| placed.column as usize == column).map(|placed| placed.range())
    }

    fn code_number<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        width: usize,
        wanted: &[u8],
        read: &Read,
        output: &mut Vec<u8>,
    ) {
        let start = output.len();
        let last = &output[self.columns[column].last.clone()];
        let mate = Self::of_mate(read, column).map(|range| &output[range]);
        let (near, trust) = mate.map_or((last, 1), |mate| (mate, 2));
        let c = column as u32;
        let [before, earlier] = self.last_numbers;
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
            bytes[at] = self.numbers.code(coder, byte, &salted, column, near[at], trust * 4 + at);
            so_far = so_far << 8 | bytes[at] as u32 | 1 << 30;
        }
        output.extend_from_slice(&bytes[..width]);
        debug_assert_eq!(output.len(), start + width);
        self.last_numbers = [u32::from_le_bytes(bytes), before];
    }

    fn code_array<C: SymbolCoder>(
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

    /// Texts that may come again: the mate's, the one that stood behind the same text, the last one.
    fn candidates(&self, column: usize, read: &Read, key: u32) -> [Option<Range<usize>>; CANDIDATES] {
        let (check, start, end) = self.keyed[key as usize >> (32 - KEYED_BITS)];
        let keyed = (check == key && end > 0).then_some(start as usize..end as usize);
        let last = self.columns[column].last.clone();
        [Self::of_mate(read, column), keyed, (last.end > 0).then_some(last)]
    }

    fn code_text<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        wanted: &[u8],
        read: &Read,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let start = output.len();
        let room = limit.saturating_sub(start);
        let key = self.key(column, read, output);
        let candidates = self.candidates(column, read, key);
        for (index, candidate) in candidates.iter().enumerate() {
            let Some(range) = candidate else { continue };
            let value = &output[range.clone()];
            if candidates[..index].iter().flatten().any(|earlier| output[earlier.clone()] == *value) {
                continue;
            }
            let outcomes = self.columns[column].outcomes[index] as usize & 7;
            let flag = &mut self.is_candidate[(column * CANDIDATES + index) * 8 + outcomes];
            let same = code_flag(coder, flag, value == wanted);
            let outcomes = &mut self.columns[column].outcomes[index];
            *outcomes = *outcomes << 1 | same as u8;
            if same {
                if range.len() > room {
                    return None;
                }
                output.extend_from_within(range.clone());
                self.learn(column, key, start, output);
                return Some(());
            }
        }
        let count = read.codes.len();
        let per_base = count >= LEAST_PER_BASE && {
            let outcomes = self.columns[column].per_base as usize & 3;
            let flag = &mut self.is_per_base[column * 4 + outcomes];
            let per_base = code_flag(coder, flag, wanted.len() == count);
            let outcomes = &mut self.columns[column].per_base;
            *outcomes = *outcomes << 1 | per_base as u8;
            per_base
        };
        if per_base {
            if count > room {
                return None;
            }
            self.code_per_base(coder, column, wanted, read, output);
            if output[start..].contains(&0) {
                return None;
            }
        } else {
            self.code_string(coder, column, wanted, output, limit)?;
        }
        self.learn(column, key, start, output);
        Some(())
    }

    /// What the value of a column may follow from: the last text in this record.
    fn key(&self, column: usize, read: &Read, output: &[u8]) -> u32 {
        let strand = read.flag as u32 & 16;
        let last = self.placed.iter().rev().find(|placed| placed.end - placed.start > 4);
        let last = last.map_or(0, |placed| hash_of(&output[placed.range()][..(placed.end - placed.start).min(64) as usize]));
        mix(30, mix(31, column as u32, strand), last) | 1
    }

    /// Learns from the text that stands at the end of the output.
    fn learn(&mut self, column: usize, key: u32, start: usize, output: &[u8]) {
        self.keyed[key as usize >> (32 - KEYED_BITS)] = (key, start as u32, output.len() as u32);
        let value = &output[start..];
        let count = self.columns.len();
        let agreement = &mut self.columns[column].agreement;
        agreement.resize(count, 0);
        for placed in &self.placed {
            let common = output[placed.range()].iter().zip(value).take(LONGEST_COMPARED).take_while(|(a, b)| a == b).count();
            let score = &mut agreement[placed.column as usize];
            *score = *score - *score / 16 + common as u32;
        }
    }

    /// The text that this one may be like: that of a column that mostly agrees, or the last of its own.
    fn partner(&self, column: usize) -> (Range<usize>, usize) {
        let own = &self.columns[column];
        let score = |placed: &Placed| own.agreement.get(placed.column as usize).copied().unwrap_or(0);
        let best = self.placed.iter().max_by_key(|placed| score(placed));
        match best {
            Some(placed) if score(placed) >= LEAST_AGREEMENT => (placed.range(), 1),
            _ => (own.last.clone(), 0),
        }
    }

    fn code_string<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        column: usize,
        wanted: &[u8],
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let (partner, kind) = self.partner(column);
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
    fn code_per_base<C: SymbolCoder>(
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
}
