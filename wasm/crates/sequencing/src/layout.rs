//! What a FASTQ text consists of: records of four lines, and lines that belong to none.

use core::ops::Range;

#[derive(Clone, Default)]
/// A record of four lines whose third is empty behind the `+` or repeats the name.
pub struct Record {
    /// Behind the `@`.
    pub name: Range<usize>,
    pub bases: Range<usize>,
    pub repeats_name: bool,
    pub qualities: Range<usize>,
}

pub enum Item {
    Record(Record),
    /// A line that is no part of a record, its end included.
    Line(Range<usize>),
}

/// The longest line of a record.
pub const LONGEST_LINE: usize = 1 << 24;

/// Whether the first line ends in CR LF.
pub fn has_carriage_returns(text: &[u8]) -> bool {
    text.iter().position(|&byte| byte == b'\n').is_some_and(|at| at > 0 && text[at - 1] == b'\r')
}

/// Walks through the items of a text.
pub struct Items<'a> {
    text: &'a [u8],
    /// Lines end in CR LF.
    carriage_returns: bool,
    at: usize,
}

impl<'a> Items<'a> {
    pub fn new(text: &'a [u8], carriage_returns: bool) -> Self {
        Items { text, carriage_returns, at: 0 }
    }

    /// A line without its end, and where the next one begins; nothing at the end of the text or if the line ends
    /// otherwise than the first one. Only the last line may have no end.
    fn line(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let rest = &self.text[at..];
        if rest.is_empty() {
            return None;
        }
        let Some(length) = rest.iter().take(LONGEST_LINE + 2).position(|&byte| byte == b'\n') else {
            let open = rest.len() <= LONGEST_LINE && !rest.contains(&b'\r');
            return open.then_some((at..self.text.len(), self.text.len()));
        };
        let end = at + length;
        let has_return = length > 0 && self.text[end - 1] == b'\r';
        if has_return != self.carriage_returns {
            return None;
        }
        let content = at..end - has_return as usize;
        (!self.text[content.clone()].contains(&b'\r')).then_some((content, end + 1))
    }

    fn record(&self) -> Option<(Record, usize)> {
        let (name, next) = self.line(self.at)?;
        let (bases, next) = self.line(next)?;
        let (plus, next) = self.line(next)?;
        let (qualities, next) = self.line(next)?;
        let text = self.text;
        if text.get(name.start) != Some(&b'@') || text.get(plus.start) != Some(&b'+') || name.is_empty() {
            return None;
        }
        let name = name.start + 1..name.end;
        let repeats_name = plus.len() > 1;
        let fits = !plus.is_empty()
            && bases.len() == qualities.len()
            && (!repeats_name || text[plus.start + 1..plus.end] == text[name.clone()])
            && !text[name.clone()].contains(&0)
            && text[qualities.clone()].iter().all(|byte| (33..=126).contains(byte));
        fits.then_some((Record { name, bases, repeats_name, qualities }, next))
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.at >= self.text.len() {
            return None;
        }
        if let Some((record, next)) = self.record() {
            self.at = next;
            return Some(Item::Record(record));
        }
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |end| end + 1);
        let start = self.at;
        self.at += length;
        Some(Item::Line(start..self.at))
    }
}
