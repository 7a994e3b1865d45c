//! What a delta is coded by: its encoder knows the asset and how to write it, its decoder is told.

use crate::edits::{script, Edit};
use crate::renames::{self, Renames};
use std::collections::VecDeque;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

/// Where the way from the base to the asset comes from: an encoder knows it, a decoder is told.
pub trait Guide {
    /// The next edit. Its copy may become longer.
    fn edit(&mut self) -> Edit;
    /// Makes the copy as long as it can be when names are renamed in it; what ends the asset goes on to the base's end.
    fn extend(&mut self, edit: &mut Edit, base: &[u8], renames: &Renames);
    /// Whether the name at this place of the base is renamed in this copy.
    fn renamed(&mut self, place: usize) -> bool;
    /// A byte of the asset.
    fn byte(&self, at: usize) -> u8;
}

/// A decoder's.
pub struct Unknown;

impl Guide for Unknown {
    fn edit(&mut self) -> Edit {
        Edit::default()
    }

    fn extend(&mut self, _: &mut Edit, _: &[u8], _: &Renames) {}

    fn renamed(&mut self, _: usize) -> bool {
        false
    }

    fn byte(&self, _: usize) -> u8 {
        0
    }
}

/// An encoder's.
pub struct Known<'a> {
    input: &'a [u8],
    edits: Peekable<IntoIter<Edit>>,
    /// Bytes of the asset up to the end of the current edit.
    done: usize,
    /// Places of the current copy where a name is renamed.
    renamed: VecDeque<usize>,
}

impl<'a> Known<'a> {
    pub fn new(base: &[u8], input: &'a [u8]) -> Self {
        Known { input, edits: script(base, input).into_iter().peekable(), done: 0, renamed: VecDeque::new() }
    }
}

impl Guide for Known<'_> {
    fn edit(&mut self) -> Edit {
        let edit = self.edits.next().unwrap_or_default();
        self.done += edit.spelt + edit.copied;
        edit
    }

    fn extend(&mut self, edit: &mut Edit, base: &[u8], renames: &Renames) {
        self.renamed.clear();
        let mut verbatim = edit.copied;
        while let Some(&next) = self.edits.peek() {
            let reached = edit.from + edit.copied;
            let Some(swap) = Swap::of(base, reached, verbatim, &next) else { break };
            let old = &base[swap.old.clone()];
            let new = &self.input[self.done - swap.left..self.done + next.spelt + swap.right];
            let pairs = renames::pairs(old, new);
            if pairs.is_empty() || !pairs.iter().all(|(place, new)| renames.of(&old[place.clone()]) == Some(*new)) {
                break;
            }
            self.renamed.extend(pairs.iter().map(|(place, _)| swap.old.start + place.start));
            let last = swap.old.start + pairs.last().map_or(0, |(place, _)| place.end);
            edit.copied = next.from + next.copied - edit.from;
            verbatim = next.from + next.copied - last;
            self.edit();
        }
        if self.done == self.input.len() {
            edit.copied = base.len() - edit.from;
        }
    }

    fn renamed(&mut self, place: usize) -> bool {
        let renamed = self.renamed.front() == Some(&place);
        if renamed {
            self.renamed.pop_front();
        }
        renamed
    }

    fn byte(&self, at: usize) -> u8 {
        self.input[at]
    }
}

/// What an edit puts other bytes for, names at both ends whole.
pub struct Swap {
    /// In the base.
    pub old: Range<usize>,
    /// Bytes of names before and behind those that are spelt.
    pub left: usize,
    pub right: usize,
}

impl Swap {
    /// `verbatim` bytes before `reached` stand in the asset, too.
    pub fn of(base: &[u8], reached: usize, verbatim: usize, edit: &Edit) -> Option<Self> {
        if edit.from < reached {
            return None;
        }
        let left = renames::before(base, reached);
        let right = renames::after(base, edit.from);
        let whole = left <= verbatim && right <= edit.copied;
        whole.then(|| Swap { old: reached - left..edit.from + right, left, right })
    }
}
