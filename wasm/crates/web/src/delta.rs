//! An asset behind an older version of it: a script of what is copied from that, and what is not, spelt by an engine that
//! has read the old version. `docs/format/web.md` says how it is laid out.

use crate::edits::Edit;
use crate::full::FullEngine;
use crate::guide::{Guide, Known, Swap, Unknown};
use crate::primed::Primed;
use crate::renames::{name_at, Renames};
use crate::script::Script;
use coding::arithmetic::{Coder, Decoder, Encoder};
use std::ops::Range;

/// What both sides know.
pub struct Delta {
    engine: FullEngine,
    /// Dictionary, base, and the asset as far as it is known.
    history: Vec<u8>,
    base: Range<usize>,
    script: Script,
    renames: Renames,
    /// Where in the base the last copy ended.
    reached: usize,
    /// Bytes before that which the asset has, too.
    verbatim: usize,
}

impl Delta {
    /// `primed` has read `base` last.
    pub fn new(primed: Primed<FullEngine>, base: &[u8]) -> Self {
        let Primed { engine, history } = primed;
        let base = history.len() - base.len()..history.len();
        Delta { engine, history, base, script: Script::new(), renames: Renames::default(), reached: 0, verbatim: 0 }
    }

    pub fn encode(mut self, input: &[u8]) -> Vec<u8> {
        let guide = Known::new(&self.history[self.base.clone()], input);
        let mut encoder = Encoder::new(Vec::new());
        self.run(&mut encoder, input.len(), guide);
        encoder.finish()
    }

    /// Exactly `length` bytes, or nothing when `coded` is not what an encoder wrote.
    pub fn decode(mut self, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut decoder = Decoder::new(coded);
        self.run(&mut decoder, length, Unknown)?;
        (decoder.is_at_end() && decoder.overrun() <= 4).then(|| self.history.split_off(self.base.end))
    }

    /// Codes `length` bytes.
    fn run<C: Coder>(&mut self, coder: &mut C, length: usize, mut guide: impl Guide) -> Option<()> {
        while self.done() < length {
            let mut edit = guide.edit();
            edit.spelt = self.script.spelt(coder, edit.spelt);
            if edit.spelt > length - self.done() {
                return None;
            }
            self.spell(coder, edit.spelt, &guide);
            if self.done() == length {
                break;
            }
            edit.from = self.script.from(coder, self.reached, &edit);
            let most = self.base.len().checked_sub(edit.from)?;
            self.learn(&edit);
            let Delta { history, base, renames, .. } = &*self;
            guide.extend(&mut edit, &history[base.clone()], renames);
            edit.copied = self.script.copied(coder, most, edit.copied);
            if edit.copied == 0 || edit.copied > most {
                return None;
            }
            self.copy(coder, &edit, length, &mut guide)?;
        }
        Some(())
    }

    /// Learns what was spelt last for what, how much is going to be copied being unknown.
    fn learn(&mut self, edit: &Edit) {
        let base = &self.history[self.base.clone()];
        let edit = Edit { copied: usize::MAX, ..*edit };
        if let Some(Swap { old, left, right }) = Swap::of(base, self.reached, self.verbatim, &edit) {
            let old = &base[old];
            let known = &self.history[self.history.len() - edit.spelt - left..];
            self.renames.learn(old, &[known, &old[old.len() - right..]].concat());
        }
    }

    /// Bytes of the asset that are known.
    fn done(&self) -> usize {
        self.history.len() - self.base.end
    }

    /// The first byte is not the one that the base goes on with behind a copy, or the copy would be longer.
    fn spell<C: Coder>(&mut self, coder: &mut C, count: usize, guide: &impl Guide) {
        let next = self.base.start + self.reached;
        let mut unlike = (self.reached > 0 && next < self.base.end).then(|| self.history[next]);
        for _ in 0..count {
            let byte = guide.byte(self.done());
            let answer = |question: general::Question, one| coder.code(question.answer(byte), one);
            let byte = self.engine.code_unlike(&self.history, unlike.take(), answer);
            self.history.push(byte);
        }
    }

    /// The engine learns nothing from what repeats: it would but come to expect more of that.
    fn copy<C: Coder>(&mut self, coder: &mut C, edit: &Edit, length: usize, guide: &mut impl Guide) -> Option<()> {
        let end = edit.from + edit.copied;
        let mut at = edit.from;
        self.verbatim = 0;
        while at < end && self.done() < length {
            let name = self.known_name(at, end);
            if let Some(new) = name.as_ref().and_then(|name| self.rename(coder, name, guide.renamed(at))) {
                new.iter().for_each(|&byte| self.take(byte));
                at += name.map_or(0, |name| name.len());
                self.verbatim = 0;
            } else {
                self.take(self.history[self.base.start + at]);
                self.verbatim += 1;
                at += 1;
            }
        }
        self.reached = end;
        (self.done() <= length).then_some(())
    }

    /// What a known name becomes, if it does not stay.
    fn rename<C: Coder>(&mut self, coder: &mut C, name: &Range<usize>, renamed: bool) -> Option<Vec<u8>> {
        let base = &self.history[self.base.clone()];
        let renamed = self.script.renamed(coder, self.renames.context(base, name), renamed);
        self.renames.note(&base[name.clone()], renamed).map(<[u8]>::to_vec)
    }

    /// The name at `at`, if it was renamed before and ends by `end`.
    fn known_name(&self, at: usize, end: usize) -> Option<Range<usize>> {
        if self.renames.is_empty() {
            return None;
        }
        let base = &self.history[self.base.clone()];
        let name = name_at(base, at)?;
        (name.end <= end && self.renames.of(&base[name.clone()]).is_some()).then_some(name)
    }

    fn take(&mut self, byte: u8) {
        self.engine.skip(&self.history);
        self.history.push(byte);
    }
}
