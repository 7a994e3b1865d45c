//! A run of records, one by one, through one coder.

use crate::alignment::Alignment;
use sequencing::bits::{code_flag, unzigzag, zigzag, SymbolCoder, Flag, Number, Part, Symbol};
use crate::cigar::{Cigars, Place};
use crate::fields::{Fields, Placed, Read};
use crate::header::{Header, QUALITIES};
use crate::letters::Letters;
use crate::mates::{Mates, Pending};
use crate::mismatches::Mismatches;
use sequencing::names::Names;
use crate::record::{bin_of, length_at, operations, parse, span_of, Fixed, Operation, Record, FIXED_BYTES};
use crate::reference::Reference;
use sequencing::text::{Effort, mix, TextModel, CONTEXTS};
use crate::values::Values;
use crate::Level;
use std::collections::BTreeMap;

const PAIRED: u16 = 1;
const UNMAPPED: u16 = 4;
const BACKWARD: u16 = 16;
const MATE_BACKWARD: u16 = 32;
/// Sets of tags that are remembered.
const MOST_TEMPLATES: usize = 1 << 12;
const MOST_TAGS: usize = 1 << 12;
/// Numbers of fixed width, as kinds of bytes.
const FLAG: usize = 0;
const QUALITY: usize = 1;
const TEMPLATE: usize = 2;
const TAG: usize = 3;
const ODD_RECORD: usize = 4;
const KINDS: usize = 5;

pub struct Records {
    values_used: Vec<u8>,
    /// The place of each quality among those that occur.
    ranks: [u8; QUALITIES],
    bases_first: bool,
    is_odd: Flag,
    odd_length: Number,
    last: Fixed,
    same_reference: [Flag; 2],
    reference_step: Number,
    steps: Vec<Number>,
    last_step: u32,
    mates: Mates,
    which_mate: Vec<Number>,
    numbers: TextModel,
    same_length: [Flag; 2],
    had_same_length: usize,
    length: Number,
    last_length: usize,
    as_foreseen: Vec<Flag>,
    distances: Vec<Number>,
    names: Names,
    cigars: Cigars,
    has_qualities: [Flag; 2],
    had_qualities: usize,
    absent: Symbol,
    letters: Letters,
    values: Values,
    reference: Reference,
    alignment: Alignment,
    mismatches: Mismatches,
    templates: Vec<Vec<usize>>,
    known_templates: BTreeMap<Vec<usize>, usize>,
    last_template: usize,
    /// Tags with their columns.
    tags: Vec<([u8; 3], usize)>,
    known_tags: BTreeMap<[u8; 3], usize>,
    fields: Fields,
    name: Vec<u8>,
    wanted: Vec<u8>,
    qualities: Vec<u8>,
    turned: [Vec<u8>; 2],
}

impl Records {
    pub fn new(header: &Header, size: usize) -> Self {
        let (values_used, weights) = header.values();
        let mut ranks = [0; QUALITIES];
        for (rank, &value) in values_used.iter().enumerate() {
            ranks[value as usize] = rank as u8;
        }
        let effort = if header.level == Level::Max { Effort::All } else { Effort::Shares };
        Records {
            values_used,
            ranks,
            bases_first: header.bases_first,
            is_odd: Flag::new(),
            odd_length: Number::new(),
            last: Fixed::default(),
            same_reference: [Flag::new(); 2],
            reference_step: Number::new(),
            steps: vec![Number::new(); 33],
            last_step: 0,
            mates: Mates::default(),
            which_mate: vec![Number::new(); 4],
            numbers: TextModel::new(effort, KINDS, 20),
            same_length: [Flag::new(); 2],
            had_same_length: 1,
            length: Number::new(),
            last_length: 0,
            as_foreseen: vec![Flag::new(); 4 * 16],
            distances: vec![Number::new(); 2 * 16],
            names: Names::new(effort, 20),
            cigars: Cigars::new(),
            has_qualities: [Flag::new(); 2],
            had_qualities: 1,
            absent: Symbol::new(8),
            letters: Letters::new(header.level, header.bases),
            values: Values::new(header.level, &weights, header.bases, header.bases_first),
            reference: Reference::default(),
            alignment: Alignment::default(),
            mismatches: Mismatches::new(),
            templates: Vec::new(),
            known_templates: BTreeMap::new(),
            last_template: 0,
            tags: Vec::new(),
            known_tags: BTreeMap::new(),
            fields: Fields::new(effort, size),
            name: Vec::new(),
            wanted: Vec::new(),
            qualities: Vec::new(),
            turned: [Vec::new(), Vec::new()],
        }
    }

    /// Codes the next record of `input`, which an encoder gives, and appends it to `output`, which ends at `limit`.
    /// Nothing comes back if a decoder finds what no encoder writes.
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        input: Option<&[u8]>,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        coder.enter(Part::Layout);
        let start = output.len();
        let span = match input {
            Some(input) => start..start + length_at(input, start)?,
            None => 0..0,
        };
        let bytes = input.unwrap_or(&[]);
        let record = input.and_then(|input| parse(input, span.clone()));
        if code_flag(coder, &mut self.is_odd, input.is_some() && record.is_none()) {
            return self.code_odd(coder, bytes.get(span).unwrap_or(&[]), output, limit);
        }
        self.code_record(coder, bytes, &record.unwrap_or_default(), output, limit)?;
        let length = (output.len() - start - 4) as u32;
        output[start..start + 4].copy_from_slice(&length.to_le_bytes());
        (output.len() <= limit).then_some(())
    }

    /// A record that is not what the standard says, byte by byte.
    fn code_odd<C: SymbolCoder>(&mut self, coder: &mut C, record: &[u8], output: &mut Vec<u8>, limit: usize) -> Option<()> {
        let length = self.odd_length.code(coder, (record.len() as u32).wrapping_sub(4)) as usize;
        if output.len().checked_add(length)?.checked_add(4)? > limit {
            return None;
        }
        output.extend_from_slice(&(length as u32).to_le_bytes());
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
            let byte = record.get(at + 4).copied().unwrap_or(0);
            let byte = self.numbers.code(coder, byte, &contexts, ODD_RECORD, recent as u8, 0);
            output.push(byte);
            recent = recent << 8 | byte as u32;
        }
        Some(())
    }

    fn code_record<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        bytes: &[u8],
        record: &Record,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let start = output.len();
        let wanted = &record.fixed;
        let is_known = !bytes.is_empty();
        coder.enter(Part::Place);
        let mut fixed = Fixed::default();
        self.code_place(coder, wanted, &mut fixed);
        let name = &bytes[record.name.clone()];
        coder.enter(Part::Mates);
        let mate = self.code_mate(coder, is_known.then_some((wanted, name)), &fixed, output);
        fixed.flag = self.code_flag_bits(coder, wanted.flag, mate.as_ref());
        fixed.quality = self.code_quality(coder, wanted.quality, fixed.flag, mate.as_ref());

        coder.enter(Part::Names);
        self.name.clear();
        match &mate {
            Some(mate) => self.name.extend_from_slice(&output[mate.name.clone()]),
            None => self.names.code(coder, name, &mut self.name, u8::MAX as usize - 1)?,
        }
        if self.name.len() >= u8::MAX as usize || self.name.contains(&0) {
            return None;
        }

        coder.enter(Part::Cigars);
        let room = limit.checked_sub(start)?;
        let count = self.code_length(coder, record.length, room)?;
        let place = Place {
            reference: fixed.reference,
            position: fixed.position,
            length: count,
            is_mapped: fixed.flag & UNMAPPED == 0,
        };
        let operations = self.cigars.code(coder, &operations(&bytes[record.cigar.clone()]), &place)?.to_vec();
        let span = span_of(&operations);
        let needed = FIXED_BYTES + self.name.len() + 1 + 4 * operations.len() + count.div_ceil(2) + count;
        if needed > room {
            return None;
        }

        coder.enter(Part::Mates);
        self.code_mate_place(coder, wanted, &mut fixed, mate.as_ref(), count, span);
        let end = fixed.position.wrapping_add(span.max(1) as i32);
        fixed.bin = self.code_bin(coder, wanted.bin, bin_of(fixed.position, end));

        self.alignment.lay(&mut self.reference, fixed.reference, fixed.position, &operations, count);
        self.code_read(coder, bytes, record, count, fixed.flag)?;
        self.write(&fixed, &operations, count, output);
        let first_name = start + FIXED_BYTES;
        let name = first_name..first_name + self.name.len();
        self.code_fields(coder, bytes, record, &fixed, mate.as_ref(), output, limit)?;

        for (at, &place) in self.alignment.places.iter().enumerate() {
            if crate::letters::BASES[self.letters.codes[at] as usize] < 4 {
                if let Some(cell) = self.reference.cell_mut(place) {
                    cell.count(self.letters.bases[at]);
                }
            }
        }
        if fixed.flag & PAIRED != 0 && mate.is_none() {
            self.mates.wait(fixed, name, &self.fields.placed);
        }
        self.last = fixed;
        Some(())
    }

    fn code_place<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &Fixed, fixed: &mut Fixed) {
        let flag = &mut self.same_reference[(self.last.reference < 0) as usize];
        let same = code_flag(coder, flag, wanted.reference == self.last.reference);
        fixed.reference = self.last.reference;
        if !same {
            let step = self.reference_step.code(coder, zigzag(wanted.reference.wrapping_sub(self.last.reference)));
            fixed.reference = self.last.reference.wrapping_add(unzigzag(step));
            self.last_step = 0;
        }
        let base = if same { self.last.position } else { 0 };
        let context = (32 - self.last_step.leading_zeros()) as usize;
        let step = self.steps[context].code(coder, wanted.position.wrapping_sub(base) as u32);
        fixed.position = base.wrapping_add(step as i32);
        self.last_step = (self.last_step + step.min(1 << 20)) / 2;
    }

    /// Finds the read of a pair that came before.
    fn code_mate<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: Option<(&Fixed, &[u8])>,
        fixed: &Fixed,
        output: &[u8],
    ) -> Option<Pending> {
        let (reference, position) = (fixed.reference, fixed.position);
        let count = self.mates.at(reference, position).count();
        if count == 0 {
            return None;
        }
        let found = wanted.and_then(|(_, name)| {
            self.mates.at(reference, position).position(|read| output[read.name.clone()] == *name)
        });
        let context = (count.min(4) - 1).min(3);
        let number = self.which_mate[context].code(coder, found.map_or(0, |index| index as u32 + 1));
        let index = (number as usize).checked_sub(1)?;
        (index < count).then(|| self.mates.take(reference, position, index))?
    }

    fn code_flag_bits<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u16, mate: Option<&Pending>) -> u16 {
        // What a mate says: its own bits about its mate, and the other way round.
        let foreseen = mate.map_or(self.last.flag, |mate| {
            let flag = mate.fixed.flag;
            let turned = (flag & 0x28) >> 1 | (flag & 0x14) << 1;
            flag & 0xf03 | turned | (flag & 0xc0 ^ 0xc0)
        });
        let known = mate.is_some() as u32;
        let contexts = [
            mix(60, foreseen as u32, known),
            mix(61, foreseen as u32, self.last.flag as u32 | known << 16),
            mix(62, known, 0),
            mix(63, foreseen as u32, self.last.quality as u32 | known << 16),
            mix(64, self.last.flag as u32, 0),
        ];
        self.code_bytes(coder, FLAG, wanted, 2, contexts, foreseen, known as usize)
    }

    fn code_quality<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u8, flag: u16, mate: Option<&Pending>) -> u8 {
        let known = mate.map_or(256, |mate| mate.fixed.quality as u32);
        let last = self.last.quality as u32;
        let bits = flag as u32;
        let contexts = [
            mix(65, known, bits & 0xf),
            mix(66, known, last << 16 | bits),
            mix(67, last, bits & 4),
            mix(68, bits, 0),
            mix(69, last, known << 16 | bits & 0xf),
        ];
        let foreseen = mate.map_or(self.last.quality, |mate| mate.fixed.quality) as u16;
        self.code_bytes(coder, QUALITY, wanted as u16, 1, contexts, foreseen, mate.is_some() as usize) as u8
    }

    /// Codes a number of one or two bytes.
    #[allow(clippy::too_many_arguments)]
    fn code_bytes<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        kind: usize,
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
            let byte = self.numbers.code(coder, byte, &salted, kind, near, trust * 2 + agrees.min(1));
            value = value << 8 | byte as u16;
        }
        value
    }

    /// The length of a read; nothing if it does not fit into `room`.
    fn code_length<C: SymbolCoder>(&mut self, coder: &mut C, count: usize, room: usize) -> Option<usize> {
        let flag = &mut self.same_length[self.had_same_length];
        let same = code_flag(coder, flag, count == self.last_length);
        self.had_same_length = same as usize;
        if !same {
            self.last_length = self.length.code(coder, count as u32) as usize;
        }
        (self.last_length <= room).then_some(self.last_length)
    }

    /// Where the mate is and how long the template.
    fn code_mate_place<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: &Fixed,
        fixed: &mut Fixed,
        mate: Option<&Pending>,
        length: usize,
        span: u32,
    ) {
        let paired = fixed.flag & PAIRED != 0;
        let context = match (mate.is_some(), paired) {
            (true, _) => 0,
            (_, false) => 1,
            _ => 2 + ((fixed.flag & (BACKWARD | MATE_BACKWARD)) >> 4) as usize,
        };
        let reference = match mate {
            Some(mate) => mate.fixed.reference,
            None if paired => fixed.reference,
            None => -1,
        };
        fixed.mate_reference = self.code_foreseen(coder, context, wanted.mate_reference, reference);
        let position = match mate {
            Some(mate) => mate.fixed.position,
            None if paired && fixed.mate_reference == fixed.reference => fixed.position,
            None if paired => 0,
            None => -1,
        };
        fixed.mate_position = self.code_foreseen(coder, 16 + context, wanted.mate_position, position);
        let (start, other) = (fixed.position, fixed.mate_position);
        let apart = fixed.mate_reference != fixed.reference || fixed.flag & 12 != 0;
        let foreseen = match mate {
            Some(mate) => mate.fixed.template_length.wrapping_neg(),
            None if !paired || apart => 0,
            None if other >= start => other.wrapping_sub(start).wrapping_add(length as i32),
            None => other.wrapping_sub(start).wrapping_sub(span as i32),
        };
        let context = 32 + context + 6 * apart as usize;
        fixed.template_length = self.code_foreseen(coder, context, wanted.template_length, foreseen);
    }

    fn code_foreseen<C: SymbolCoder>(&mut self, coder: &mut C, context: usize, wanted: i32, foreseen: i32) -> i32 {
        if code_flag(coder, &mut self.as_foreseen[context], wanted == foreseen) {
            return foreseen;
        }
        let index = if context >= 32 { 16 + context % 16 } else { context % 16 };
        let distance = self.distances[index].code(coder, zigzag(wanted.wrapping_sub(foreseen)));
        foreseen.wrapping_add(unzigzag(distance))
    }

    fn code_bin<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u16, foreseen: u16) -> u16 {
        self.code_foreseen(coder, 63, wanted as i32, foreseen as i32) as u16
    }

    /// Bases and qualities.
    fn code_read<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        bytes: &[u8],
        record: &Record,
        count: usize,
        flag: u16,
    ) -> Option<()> {
        let qualities = &bytes[record.qualities.clone()];
        let absent = qualities.first().copied().filter(|&first| qualities.iter().all(|&value| value == first));
        let regular = qualities.iter().all(|&value| (value as usize) < QUALITIES);
        coder.enter(Part::Qualities);
        let mut kind = 0;
        if count > 0 {
            // 0: by the model, 1: all the same, 2: byte by byte.
            let wanted = if regular { 0 } else if absent.is_some() { 1 } else { 2 };
            let context = self.had_qualities;
            let flags = &mut self.has_qualities;
            kind = if code_flag(coder, &mut flags[context & 1], wanted == 0) { 0 } else { 1 };
            self.had_qualities = 1 - kind;
            if kind == 1 && self.absent.code(coder, (wanted == 2) as u32) != 0 {
                kind = 2;
            }
        }
        if kind == 0 && count > 0 && self.values_used.is_empty() {
            return None;
        }
        let packed = &bytes[record.bases.clone()];
        self.wanted.clear();
        self.wanted.extend((0..record.length).map(|at| packed[at / 2] >> (4 - at % 2 * 4) & 15));
        let wanted = core::mem::take(&mut self.wanted);
        if self.bases_first || kind != 0 {
            coder.enter(Part::Bases);
            self.letters.code(coder, &wanted, count, &[], &self.alignment, &self.reference);
            coder.enter(Part::Qualities);
            self.code_values(coder, qualities, count, kind, flag, true);
        } else {
            self.code_values(coder, qualities, count, kind, flag, false);
            coder.enter(Part::Bases);
            let ranks = &self.turned[0];
            self.letters.code(coder, &wanted, count, ranks, &self.alignment, &self.reference);
        }
        self.wanted = wanted;
        Some(())
    }

    fn code_values<C: SymbolCoder>(
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

    /// Everything before the optional fields; the length is put in later.
    fn write(&self, fixed: &Fixed, operations: &[Operation], count: usize, output: &mut Vec<u8>) {
        output.extend_from_slice(&[0; 4]);
        output.extend_from_slice(&fixed.reference.to_le_bytes());
        output.extend_from_slice(&fixed.position.to_le_bytes());
        output.extend_from_slice(&[self.name.len() as u8 + 1, fixed.quality]);
        for half in [fixed.bin, operations.len() as u16, fixed.flag] {
            output.extend_from_slice(&half.to_le_bytes());
        }
        output.extend_from_slice(&(count as u32).to_le_bytes());
        for word in [fixed.mate_reference, fixed.mate_position, fixed.template_length] {
            output.extend_from_slice(&word.to_le_bytes());
        }
        output.extend_from_slice(&self.name);
        output.push(0);
        for op in operations {
            output.extend_from_slice(&(op.length << 4 | op.kind as u32).to_le_bytes());
        }
        let codes = &self.letters.codes;
        output.extend(codes.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)));
        output.extend_from_slice(&self.qualities);
    }

    #[allow(clippy::too_many_arguments)]
    fn code_fields<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        bytes: &[u8],
        record: &Record,
        fixed: &Fixed,
        mate: Option<&Pending>,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        coder.enter(Part::Templates);
        let template = self.code_template(coder, !bytes.is_empty(), record, fixed)?;
        let differences =
            self.mismatches.expect(&self.alignment, &self.reference, &self.letters.codes, &self.qualities);
        let values: Vec<Placed> = mate.map_or_else(Vec::new, |mate| self.mates.values(mate).to_vec());
        self.fields.start_record();
        for index in 0..self.templates[template].len() {
            let (tag, column) = self.tags[self.templates[template][index]];
            output.extend_from_slice(&tag);
            let value = record.fields.get(index).map(|field| &bytes[field.value.clone()]);
            let start = output.len();
            if tag == *b"MDZ" {
                coder.enter(Part::Field(column));
                let ranks = &self.qualities;
                let read = (&self.letters.codes[..], &ranks[..]);
                let Self { mismatches, alignment, reference, .. } = self;
                if mismatches.code(coder, value, alignment, reference, read, output) {
                    self.fields.keep(column, start..output.len());
                    output.push(0);
                    if output.len() > limit {
                        return None;
                    }
                    continue;
                }
            }
            let read = Read {
                flag: fixed.flag,
                quality: fixed.quality,
                codes: &self.letters.codes,
                qualities: &self.qualities,
                mismatches: differences.mismatches,
                mismatch_qualities: differences.qualities,
                inserted: self.alignment.inserted,
                deleted: self.alignment.deleted,
                clipped: self.alignment.clipped,
                mate: &values,
            };
            self.fields.code(coder, column, tag[2], value.unwrap_or(&[]), &read, output, limit)?;
        }
        Some(())
    }

    /// The set of tags of a record, in their order.
    fn code_template<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        is_known: bool,
        record: &Record,
        fixed: &Fixed,
    ) -> Option<usize> {
        let tags: Option<Vec<usize>> =
            record.fields.iter().map(|field| self.known_tags.get(&field.tag).copied()).collect();
        let found = tags.and_then(|tags| self.known_templates.get(&tags).copied());
        let last = self.last_template as u32;
        let bits = (fixed.flag & UNMAPPED) as u32;
        let contexts = [
            mix(80, last, 0),
            mix(81, last, fixed.flag as u32),
            mix(82, bits, fixed.quality as u32),
            mix(83, last, bits << 8 | fixed.quality as u32),
            mix(84, bits, (fixed.mate_reference == fixed.reference) as u32),
        ];
        let fresh = self.templates.len();
        let wanted = if is_known { found.unwrap_or(fresh) } else { 0 };
        let number = self.code_bytes(coder, TEMPLATE, wanted as u16, 2, contexts, last as u16, 0) as usize;
        if number > fresh || number == MOST_TEMPLATES {
            return None;
        }
        if number == fresh {
            self.code_tags(coder, record)?;
        }
        self.last_template = number;
        Some(number)
    }

    fn code_tags<C: SymbolCoder>(&mut self, coder: &mut C, record: &Record) -> Option<()> {
        let mut template = Vec::new();
        loop {
            let wanted = record.fields.get(template.len()).map(|field| field.tag);
            let mut tag = [0; 3];
            // Types first: none of them is 0, which ends the list.
            for place in [2, 0, 1] {
                let context = (place as u32) << 24 | u32::from_le_bytes([tag[0], tag[1], tag[2], 0]);
                let contexts = [context, mix(85, context, template.last().copied().unwrap_or(0) as u32), 0, 1, 2];
                let byte = wanted.map_or(0, |tag| tag[place]) as u16;
                tag[place] = self.code_bytes(coder, TAG, byte, 1, contexts, 0, 0) as u8;
                if tag[2] == 0 {
                    let number = self.templates.len();
                    self.known_templates.insert(template.clone(), number);
                    self.templates.push(template);
                    return Some(());
                }
            }
            let fresh = self.tags.len();
            let number = *self.known_tags.entry(tag).or_insert(fresh);
            if number == fresh {
                let column = self.fields.add_column();
                self.tags.push((tag, column));
            }
            template.push(number);
            if template.len() > MOST_TAGS || self.tags.len() > MOST_TAGS {
                return None;
            }
        }
    }

    /// The tag of each column, for those who keep books.
    pub fn tags(&self) -> &[([u8; 3], usize)] {
        &self.tags
    }
}
