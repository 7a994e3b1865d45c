//! The bases and the qualities of a read, in either order.

use crate::alignment::Alignment;
use crate::header::{Header, QUALITIES};
use crate::letters::{Letters, Near};
use crate::record::Record;
use crate::reference::Reference;
use crate::values::Values;
use sequencing::bits::{code_flag, Flag, Part, PartCoder, Symbol};

const BACKWARD: u16 = 16;

pub struct Sequences {
    values_used: Vec<u8>,
    /// The place of each quality among those that occur.
    ranks: [u8; QUALITIES],
    bases_first: bool,
    has_qualities: [Flag; 2],
    had_qualities: usize,
    absent: Symbol,
    pub letters: Letters,
    values: Values,
    wanted: Vec<u8>,
    /// Those of the read, in the order of its bases.
    pub qualities: Vec<u8>,
    /// Qualities by rank in that order, and bases as they were read.
    turned: [Vec<u8>; 2],
}

impl Sequences {
    pub fn new(header: &Header) -> Self {
        let (values_used, weights) = header.values();
        let mut ranks = [0; QUALITIES];
        for (rank, &value) in values_used.iter().enumerate() {
            ranks[value as usize] = rank as u8;
        }
        Sequences {
            values_used,
            ranks,
            bases_first: header.bases_first,
            has_qualities: [Flag::new(); 2],
            had_qualities: 1,
            absent: Symbol::new(8),
            letters: Letters::new(header.level, header.bases),
            values: Values::new(header.level, &weights, header.bases, header.bases_first),
            wanted: Vec::new(),
            qualities: Vec::new(),
            turned: [Vec::new(), Vec::new()],
        }
    }

    /// Codes a read of `count` bases, which an encoder gives as a record in `bytes`.
    pub fn code<C: PartCoder>(
        &mut self,
        coder: &mut C,
        (bytes, record): (&[u8], &Record),
        count: usize,
        flag: u16,
        (alignment, reference): (&Alignment, &Reference),
    ) -> Option<()> {
        let qualities = &bytes[record.qualities.clone()];
        coder.enter(Part::Qualities);
        let kind = if count > 0 { self.code_kind(coder, qualities) } else { 0 };
        if kind == 0 && count > 0 && self.values_used.is_empty() {
            return None;
        }
        let packed = &bytes[record.bases.clone()];
        self.wanted.clear();
        self.wanted.extend((0..record.length).map(|at| packed[at / 2] >> (4 - at % 2 * 4) & 15));
        let wanted = core::mem::take(&mut self.wanted);
        if self.bases_first || kind != 0 {
            coder.enter(Part::Bases);
            self.letters.code(coder, &wanted, count, &Near { ranks: &[], alignment, reference });
            coder.enter(Part::Qualities);
            self.code_values(coder, qualities, count, kind, flag, true);
        } else {
            self.code_values(coder, qualities, count, kind, flag, false);
            coder.enter(Part::Bases);
            let near = Near { ranks: &self.turned[0], alignment, reference };
            self.letters.code(coder, &wanted, count, &near);
        }
        self.wanted = wanted;
        Some(())
    }

    /// How the qualities are coded: 0 for by the model, 1 for all the same, 2 for byte by byte.
    fn code_kind<C: PartCoder>(&mut self, coder: &mut C, qualities: &[u8]) -> usize {
        let is_regular = qualities.iter().fold(0, |all, &value| all | value) < QUALITIES as u8;
        let wanted = match is_regular {
            true => 0,
            false if qualities.iter().all(|&value| value == qualities[0]) => 1,
            false => 2,
        };
        let flag = &mut self.has_qualities[self.had_qualities & 1];
        let by_model = code_flag(coder, flag, wanted == 0);
        self.had_qualities = by_model as usize;
        if by_model {
            return 0;
        }
        1 + (self.absent.code(coder, (wanted == 2) as u32) != 0) as usize
    }

    fn code_values<C: PartCoder>(
        &mut self,
        coder: &mut C,
        qualities: &[u8],
        count: usize,
        kind: usize,
        flag: u16,
        with_bases: bool,
    ) {
        self.qualities.clear();
        if kind == 1 {
            let value = self.absent.code(coder, qualities.first().copied().unwrap_or(0) as u32) as u8;
            self.qualities.resize(count, value);
            return;
        }
        if kind == 2 {
            for at in 0..count {
                let value = self.absent.code(coder, qualities.get(at).copied().unwrap_or(0) as u32) as u8;
                self.qualities.push(value);
            }
            return;
        }
        let backward = flag & BACKWARD != 0;
        let [ranks, other] = &mut self.turned;
        ranks.clear();
        ranks.extend(qualities.iter().map(|&value| self.ranks[value as usize & (QUALITIES - 1)]));
        if backward {
            ranks.reverse();
        }
        if with_bases {
            let bases = &self.letters.bases;
            other.clear();
            if backward {
                other.extend(bases.iter().rev().map(|&base| 3 - base));
                self.letters.surprises.reverse();
            } else {
                other.extend_from_slice(bases);
            }
            self.values.code(coder, ranks, count, (other, &self.letters.surprises));
        } else {
            self.values.code(coder, ranks, count, (&[], &[]));
        }
        ranks.clear();
        ranks.extend_from_slice(&self.values.ranks);
        if backward {
            ranks.reverse();
        }
        self.qualities.extend(ranks.iter().map(|&rank| self.values_used[rank as usize]));
    }
}
