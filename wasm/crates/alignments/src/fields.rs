//! Optional fields, each tag and type a column of its own.

use crate::numbers::Numbers;
use crate::record::width_of;
use crate::strings::Strings;
use core::ops::Range;
use sequencing::bits::{code_flag, Flag, Part, PartCoder};
use sequencing::text::{hash_of, mix, Effort};

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
    numbers: Numbers,
    strings: Strings,
    /// The values of this record so far.
    pub placed: Vec<Placed>,
}

impl Fields {
    pub fn new(effort: Effort, size: usize) -> Self {
        let bits = (size as u64).max(1).ilog2().clamp(16, 20);
        Fields {
            columns: Vec::new(),
            is_candidate: vec![Flag::new(); MOST_COLUMNS * CANDIDATES * 8],
            is_per_base: vec![Flag::new(); MOST_COLUMNS * 4],
            keyed: vec![(0, 0, 0); 1 << KEYED_BITS],
            numbers: Numbers::new(effort, bits.min(18)),
            strings: Strings::new(effort, bits),
            placed: Vec::new(),
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
        self.numbers.start_record();
        self.strings.start_record();
    }

    /// Codes a value of type `kind`, given without its end, and appends it with it.
    #[allow(clippy::too_many_arguments)]
    pub fn code<C: PartCoder>(
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
                self.strings.code_array(coder, column, wanted, output, limit)?;
                self.keep(column, start..output.len());
            }
            _ => {
                let width = width_of(kind)?;
                let mate = Self::of_mate(read, column).map(|range| &output[range]);
                let last = &output[self.columns[column].last.clone()];
                let bytes = self.numbers.code(coder, column, width, wanted, read, (mate, last));
                output.extend_from_slice(&bytes[..width]);
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

    /// Texts that may come again: the mate's, the one that stood behind the same text, the last one.
    fn candidates(&self, column: usize, read: &Read, key: u32) -> [Option<Range<usize>>; CANDIDATES] {
        let (check, start, end) = self.keyed[key as usize >> (32 - KEYED_BITS)];
        let keyed = (check == key && end > 0).then_some(start as usize..end as usize);
        let last = self.columns[column].last.clone();
        [Self::of_mate(read, column), keyed, (last.end > 0).then_some(last)]
    }

    fn code_text<C: PartCoder>(
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
            self.strings.code_per_base(coder, column, wanted, read, output);
            if output[start..].contains(&0) {
                return None;
            }
        } else {
            let partner = self.partner(column);
            self.strings.code(coder, column, wanted, partner, output, limit)?;
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
}
