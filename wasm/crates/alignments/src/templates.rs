//! Which optional fields records have: sets of tags with types, each known by a number.

use crate::fields::Fields;
use crate::record::{Fixed, Record};
use crate::small::{Kind, Small};
use coding::symbols::SymbolCoder;
use sequencing::text::mix;
use std::collections::BTreeMap;

const UNMAPPED: u16 = 4;
/// Sets of tags that are remembered.
const MOST_TEMPLATES: usize = 1 << 12;
const MOST_TAGS: usize = 1 << 12;

/// Two letters and the type, and the column of its values.
pub type Tag = ([u8; 3], usize);

#[derive(Default)]
pub struct Templates {
    templates: Vec<Vec<usize>>,
    known_templates: BTreeMap<Vec<usize>, usize>,
    last: usize,
    tags: Vec<Tag>,
    known_tags: BTreeMap<[u8; 3], usize>,
    scratch: Vec<usize>,
}

impl Templates {
    /// How many fields a template has.
    pub fn len_of(&self, template: usize) -> usize {
        self.templates[template].len()
    }

    /// The tag of one of them.
    pub fn tag(&self, template: usize, index: usize) -> Tag {
        self.tags[self.templates[template][index]]
    }

    /// The set of tags of a record, in their order.
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        (small, fields): (&mut Small, &mut Fields),
        wanted: Option<&Record>,
        fixed: &Fixed,
    ) -> Option<usize> {
        let found = wanted.and_then(|record| self.find(record));
        let last = self.last as u32;
        let bits = (fixed.flag & UNMAPPED) as u32;
        let contexts = [
            mix(80, last, 0),
            mix(81, last, fixed.flag as u32),
            mix(82, bits, fixed.quality as u32),
            mix(83, last, bits << 8 | fixed.quality as u32),
            mix(84, bits, (fixed.mate_reference == fixed.reference) as u32),
        ];
        let fresh = self.templates.len();
        let number = if wanted.is_some() { found.unwrap_or(fresh) } else { 0 };
        let number = small.code(coder, Kind::Template, number as u16, 2, contexts, last as u16, 0) as usize;
        if number > fresh || number == MOST_TEMPLATES {
            return None;
        }
        if number == fresh {
            self.code_tags(coder, (small, fields), wanted)?;
        }
        self.last = number;
        Some(number)
    }

    /// The number of a record's set, if it has come before.
    fn find(&mut self, record: &Record) -> Option<usize> {
        let is_same = |template: &Vec<usize>| {
            template.len() == record.fields.len()
                && template.iter().zip(&record.fields).all(|(&tag, field)| self.tags[tag].0 == field.tag)
        };
        if self.templates.get(self.last).is_some_and(is_same) {
            return Some(self.last);
        }
        self.scratch.clear();
        for field in &record.fields {
            self.scratch.push(*self.known_tags.get(&field.tag)?);
        }
        self.known_templates.get(&self.scratch).copied()
    }

    /// A set that is new, tag by tag.
    fn code_tags<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        (small, fields): (&mut Small, &mut Fields),
        record: Option<&Record>,
    ) -> Option<()> {
        let mut template = Vec::new();
        loop {
            let wanted = record.and_then(|record| record.fields.get(template.len())).map(|field| field.tag);
            let mut tag = [0; 3];
            // Types first: none of them is 0, which ends the list.
            for place in [2, 0, 1] {
                let context = (place as u32) << 24 | u32::from_le_bytes([tag[0], tag[1], tag[2], 0]);
                let contexts = [context, mix(85, context, template.last().copied().unwrap_or(0) as u32), 0, 1, 2];
                let byte = wanted.map_or(0, |tag| tag[place]) as u16;
                tag[place] = small.code(coder, Kind::Tag, byte, 1, contexts, 0, 0) as u8;
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
                let column = fields.add_column();
                self.tags.push((tag, column));
            }
            template.push(number);
            if template.len() > MOST_TAGS || self.tags.len() > MOST_TAGS {
                return None;
            }
        }
    }

    /// The tag of each column, for those who keep books.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }
}
