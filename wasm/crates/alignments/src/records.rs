//! A run of records, one by one, through one coder.

use crate::alignment::Alignment;
use crate::cigar::{Cigars, Place};
use crate::fields::{Fields, Placed, Read};
use crate::header::Header;
use crate::letters::{BASES, ODD};
use crate::mates::{Mates, Pending};
use crate::mismatches::Mismatches;
use crate::places::Places;
use crate::record::{bin_of, length_at, operations, parse, span_of, Fixed, Operation, Record, FIXED_BYTES};
use crate::reference::Reference;
use crate::sequences::Sequences;
use crate::small::Small;
use crate::templates::{Tag, Templates};
use abi::Level;
use sequencing::bits::{code_flag, Flag, Number, Part, PartCoder};
use sequencing::names::Names;
use sequencing::text::Effort;

const PAIRED: u16 = 1;
const UNMAPPED: u16 = 4;
const NAMES_TABLE_BITS: u32 = 20;

pub struct Records {
    is_odd: Flag,
    odd_length: Number,
    last: Fixed,
    small: Small,
    places: Places,
    mates: Mates,
    names: Names,
    cigars: Cigars,
    sequences: Sequences,
    reference: Reference,
    alignment: Alignment,
    mismatches: Mismatches,
    templates: Templates,
    fields: Fields,
    name: Vec<u8>,
    operations: Vec<Operation>,
}

impl Records {
    /// `size`: how long all records are.
    pub fn new(header: &Header, size: usize) -> Self {
        let effort = if header.level == Level::Max { Effort::All } else { Effort::Shares };
        Records {
            is_odd: Flag::new(),
            odd_length: Number::new(),
            last: Fixed::default(),
            small: Small::new(Effort::Shares),
            places: Places::new(),
            mates: Mates::default(),
            names: Names::new(Effort::Shares, NAMES_TABLE_BITS),
            cigars: Cigars::new(),
            sequences: Sequences::new(header),
            reference: Reference::default(),
            alignment: Alignment::default(),
            mismatches: Mismatches::new(),
            templates: Templates::default(),
            fields: Fields::new(effort, size),
            name: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// The tag of each column, for those who keep books.
    pub fn tags(&self) -> &[Tag] {
        self.templates.tags()
    }

    /// Codes the next record of `input`, which an encoder gives, and appends it to `output`, which ends at `limit`.
    /// Nothing comes back if a decoder finds what no encoder writes.
    pub fn code<C: PartCoder>(
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
    fn code_odd<C: PartCoder>(&mut self, coder: &mut C, record: &[u8], output: &mut Vec<u8>, limit: usize) -> Option<()> {
        let length = self.odd_length.code(coder, (record.len() as u32).wrapping_sub(4)) as usize;
        if output.len().checked_add(length)?.checked_add(4)? > limit {
            return None;
        }
        output.extend_from_slice(&(length as u32).to_le_bytes());
        self.small.code_odd(coder, record.get(4..).unwrap_or(&[]), length, output);
        Some(())
    }

    fn code_record<C: PartCoder>(
        &mut self,
        coder: &mut C,
        bytes: &[u8],
        record: &Record,
        output: &mut Vec<u8>,
        limit: usize,
    ) -> Option<()> {
        let start = output.len();
        let wanted = &record.fixed;
        let mut fixed = Fixed::default();
        coder.enter(Part::Place);
        self.places.code_place(coder, wanted, &self.last, &mut fixed);
        coder.enter(Part::Mates);
        let name = &bytes[record.name.clone()];
        let known = (!bytes.is_empty()).then_some((wanted, name));
        let mate = self.places.code_mate(coder, &mut self.mates, known, &fixed, output);
        let of_mate = mate.as_ref().map(|mate| &mate.fixed);
        fixed.flag = self.small.code_flag(coder, wanted.flag, &self.last, of_mate);
        fixed.quality = self.small.code_quality(coder, wanted.quality, fixed.flag, &self.last, of_mate);
        coder.enter(Part::Names);
        self.code_name(coder, name, mate.as_ref(), output)?;

        coder.enter(Part::Cigars);
        let room = limit.checked_sub(start)?;
        let count = self.places.code_length(coder, record.length, room)?;
        let span = self.code_cigar(coder, &bytes[record.cigar.clone()], &fixed, count)?;
        let needed = FIXED_BYTES + self.name.len() + 1 + 4 * self.operations.len() + count.div_ceil(2) + count;
        if needed > room {
            return None;
        }

        coder.enter(Part::Mates);
        self.places.code_mate_place(coder, wanted, &mut fixed, of_mate, count, span);
        let end = fixed.position.wrapping_add(span.max(1) as i32);
        fixed.bin = self.places.code_bin(coder, wanted.bin, bin_of(fixed.position, end));

        let Self { alignment, reference, .. } = self;
        alignment.lay(reference, fixed.reference, fixed.position, &self.operations, count);
        self.sequences.code(coder, (bytes, record), count, fixed.flag, (alignment, reference))?;
        self.write(&fixed, count, output);
        let first_name = start + FIXED_BYTES;
        let name = first_name..first_name + self.name.len();
        self.code_fields(coder, bytes, record, &fixed, mate.as_ref(), output, limit)?;

        self.count_bases();
        if fixed.flag & PAIRED != 0 && mate.is_none() {
            self.mates.wait(fixed, name, &self.fields.placed);
        }
        self.last = fixed;
        Some(())
    }

    /// The name, which is the mate's if there is one.
    fn code_name<C: PartCoder>(
        &mut self,
        coder: &mut C,
        wanted: &[u8],
        mate: Option<&Pending>,
        output: &[u8],
    ) -> Option<()> {
        self.name.clear();
        match mate {
            Some(mate) => self.name.extend_from_slice(&output[mate.name.clone()]),
            None => self.names.code(coder, wanted, &mut self.name, u8::MAX as usize - 1)?,
        }
        (self.name.len() < u8::MAX as usize && !self.name.contains(&0)).then_some(())
    }

    /// How many positions of the reference the operations span.
    fn code_cigar<C: PartCoder>(&mut self, coder: &mut C, wanted: &[u8], fixed: &Fixed, count: usize) -> Option<u32> {
        let place = Place {
            reference: fixed.reference,
            position: fixed.position,
            length: count,
            is_mapped: fixed.flag & UNMAPPED == 0,
        };
        let found = self.cigars.code(coder, &operations(wanted), &place)?;
        self.operations.clear();
        self.operations.extend_from_slice(found);
        Some(span_of(&self.operations))
    }

    /// Counts the read's bases where they stand on the reference.
    fn count_bases(&mut self) {
        let letters = &self.sequences.letters;
        for ((&place, &code), &base) in self.alignment.places.iter().zip(&letters.codes).zip(&letters.bases) {
            if BASES[code as usize & 15] == ODD {
                continue;
            }
            if let Some(cell) = self.reference.cell_mut(place) {
                cell.count(base);
            }
        }
    }

    /// Everything before the optional fields; the length is put in later.
    fn write(&self, fixed: &Fixed, count: usize, output: &mut Vec<u8>) {
        output.extend_from_slice(&[0; 4]);
        output.extend_from_slice(&fixed.reference.to_le_bytes());
        output.extend_from_slice(&fixed.position.to_le_bytes());
        output.extend_from_slice(&[self.name.len() as u8 + 1, fixed.quality]);
        for half in [fixed.bin, self.operations.len() as u16, fixed.flag] {
            output.extend_from_slice(&half.to_le_bytes());
        }
        output.extend_from_slice(&(count as u32).to_le_bytes());
        for word in [fixed.mate_reference, fixed.mate_position, fixed.template_length] {
            output.extend_from_slice(&word.to_le_bytes());
        }
        output.extend_from_slice(&self.name);
        output.push(0);
        for op in &self.operations {
            output.extend_from_slice(&(op.length << 4 | op.kind as u32).to_le_bytes());
        }
        let codes = &self.sequences.letters.codes;
        output.extend(codes.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)));
        output.extend_from_slice(&self.sequences.qualities);
    }

    #[allow(clippy::too_many_arguments)]
    fn code_fields<C: PartCoder>(
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
        let known = (!bytes.is_empty()).then_some(record);
        let template = self.templates.code(coder, (&mut self.small, &mut self.fields), known, fixed)?;
        let (codes, qualities) = (&self.sequences.letters.codes[..], &self.sequences.qualities[..]);
        let differences = self.mismatches.expect(&self.alignment, &self.reference, codes, qualities);
        let values: &[Placed] = mate.map_or(&[], |mate| self.mates.values(mate));
        self.fields.start_record();
        for index in 0..self.templates.len_of(template) {
            let (tag, column) = self.templates.tag(template, index);
            output.extend_from_slice(&tag);
            let value = record.fields.get(index).map(|field| &bytes[field.value.clone()]);
            let start = output.len();
            if tag == *b"MDZ" {
                coder.enter(Part::Field(column));
                let Self { mismatches, alignment, reference, .. } = self;
                if mismatches.code(coder, value, alignment, reference, (codes, qualities), output) {
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
                codes,
                qualities,
                mismatches: differences.mismatches,
                mismatch_qualities: differences.qualities,
                inserted: self.alignment.inserted,
                deleted: self.alignment.deleted,
                clipped: self.alignment.clipped,
                mate: values,
            };
            self.fields.code(coder, column, tag[2], value.unwrap_or(&[]), &read, output, limit)?;
        }
        Some(())
    }
}
