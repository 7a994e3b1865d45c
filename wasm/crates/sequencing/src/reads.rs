//! A text of reads, item by item, through one coder.

use crate::bits::{code_flag, Flag, Number, Part, PartCoder};
use crate::header::{Header, QUALITY_BASE};
use crate::layout::{Item, Record};
use crate::letters::Letters;
use crate::names::Names;
use crate::text::{Effort, TextModel, CONTEXTS};
use crate::values::Values;
use abi::Level;

pub struct Reads {
    carriage_returns: bool,
    bases_first: bool,
    values_used: Vec<u8>,
    /// The place of each quality character among those that occur.
    ranks: [u8; 256],
    is_record: [Flag; 2],
    was_record: usize,
    same_length: [Flag; 2],
    had_same_length: usize,
    length: Number,
    last_length: usize,
    repeats_name: Flag,
    names: Names,
    letters: Letters,
    values: Values,
    wanted: Vec<u8>,
    lines: TextModel,
}

impl Reads {
    pub fn new(header: &Header) -> Self {
        let (values_used, weights) = header.values();
        let mut ranks = [0; 256];
        for (rank, &value) in values_used.iter().enumerate() {
            ranks[(value + QUALITY_BASE) as usize] = rank as u8;
        }
        let (effort, table_bits) = match header.level {
            Level::Fast => (Effort::Three, 16),
            Level::Balanced => (Effort::Three, 20),
            Level::Max => (Effort::All, 20),
        };
        Reads {
            carriage_returns: header.carriage_returns,
            bases_first: header.bases_first,
            values_used,
            ranks,
            is_record: [Flag::new(); 2],
            was_record: 1,
            same_length: [Flag::new(); 2],
            had_same_length: 1,
            length: Number::new(),
            last_length: 0,
            repeats_name: Flag::new(),
            names: Names::new(effort, table_bits),
            letters: Letters::new(header.level, header.letters(), header.bases),
            values: Values::new(header.level, &weights, header.bases, header.bases_first),
            wanted: Vec::new(),
            lines: TextModel::new(Effort::All, 256, 20),
        }
    }

    /// Codes an item of `text`, which an encoder gives, and appends it to `output`, which ends at `length`. Nothing
    /// comes back if a decoder finds what no encoder writes.
    pub fn code<C: PartCoder>(
        &mut self,
        coder: &mut C,
        text: &[u8],
        item: Option<&Item>,
        output: &mut Vec<u8>,
        length: usize,
    ) -> Option<()> {
        coder.enter(Part::Layout);
        let flag = &mut self.is_record[self.was_record];
        let is_record = code_flag(coder, flag, matches!(item, Some(Item::Record(_))));
        self.was_record = is_record as usize;
        match item {
            Some(Item::Line(line)) => self.code_line(coder, &text[line.clone()], output, length),
            None if !is_record => self.code_line(coder, &[], output, length),
            Some(Item::Record(record)) => self.code_record(coder, text, record, output, length)?,
            None => self.code_record(coder, text, &Record::default(), output, length)?,
        }
        Some(())
    }

    fn code_line<C: PartCoder>(&mut self, coder: &mut C, line: &[u8], output: &mut Vec<u8>, length: usize) {
        let mut hashes = [0u32; CONTEXTS];
        let mut last = 0;
        let start = output.len();
        while output.len() < length && last != b'\n' {
            let byte = line.get(output.len() - start).copied().unwrap_or(0);
            last = self.lines.code(coder, byte, &hashes, last as usize, 0, 0);
            output.push(last);
            for order in (1..CONTEXTS).rev() {
                let longer = (hashes[order - 1] ^ last as u32).wrapping_add(order as u32 * 0x9e37_79b9);
                hashes[order] = longer.wrapping_mul(0x2545_f491) ^ longer >> 15;
            }
        }
    }

    fn code_record<C: PartCoder>(
        &mut self,
        coder: &mut C,
        text: &[u8],
        record: &Record,
        output: &mut Vec<u8>,
        length: usize,
    ) -> Option<()> {
        let room = length - output.len();
        let count = self.code_length(coder, record.bases.len(), room)?;
        let repeats = code_flag(coder, &mut self.repeats_name, record.repeats_name);
        output.push(b'@');
        coder.enter(Part::Names);
        let name = output.len();
        self.names.code(coder, &text[record.name.clone()], output, room)?;
        let name = name..output.len();

        self.letters.clear();
        self.values.ranks.clear();
        self.wanted.clear();
        self.wanted.extend(text[record.qualities.clone()].iter().map(|&value| self.ranks[value as usize]));
        let bases = &text[record.bases.clone()];
        if self.bases_first {
            coder.enter(Part::Bases);
            self.letters.code(coder, bases, count, &[]);
        }
        coder.enter(Part::Qualities);
        self.values.code(coder, &self.wanted, count, &self.letters.bases, &self.letters.surprises);
        if !self.bases_first {
            coder.enter(Part::Bases);
            self.letters.code(coder, bases, count, &self.values.ranks);
        }
        self.write_record(name, repeats, output, length);
        (output.len() <= length).then_some(())
    }

    /// The length of a read; nothing if it does not fit into `room` or there is no quality to give it.
    fn code_length<C: PartCoder>(&mut self, coder: &mut C, count: usize, room: usize) -> Option<usize> {
        let flag = &mut self.same_length[self.had_same_length];
        let same = code_flag(coder, flag, count == self.last_length);
        self.had_same_length = same as usize;
        if !same {
            self.last_length = self.length.code(coder, count as u32) as usize;
        }
        let fits = self.last_length <= room / 2 && (self.last_length == 0 || !self.values_used.is_empty());
        fits.then_some(self.last_length)
    }

    /// Everything behind the name, which stands at the end of `output`.
    fn write_record(&self, name: core::ops::Range<usize>, repeats_name: bool, output: &mut Vec<u8>, length: usize) {
        let line_end: &[u8] = if self.carriage_returns { b"\r\n" } else { b"\n" };
        output.extend_from_slice(line_end);
        output.extend_from_slice(&self.letters.text);
        output.extend_from_slice(line_end);
        output.push(b'+');
        if repeats_name {
            output.extend_from_within(name);
        }
        output.extend_from_slice(line_end);
        output.extend(self.values.ranks.iter().map(|&rank| self.values_used[rank as usize] + QUALITY_BASE));
        // Only a text's last line has no end.
        if output.len() != length {
            output.extend_from_slice(line_end);
        }
    }
}
