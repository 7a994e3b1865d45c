//! An asset behind an older version of it: a script of what is copied from that, and what is not, spelt by an engine that
//! has read the old version. `docs/format/web.md` says how it is laid out.

use crate::edits::{script, Edit};
use crate::full::FullEngine;
use crate::primed::Primed;
use coding::arithmetic::{Coder, Decoder, Encoder};
use coding::maps::Map;
use std::ops::Range;

/// Observations that a probability of the script remembers.
const LIMIT: u32 = 60;
const MAGNITUDE_BITS: u32 = 5;
/// Contexts of "the copy begins behind as many bytes as were spelt": how many those were, in doublings.
const SPELT_KINDS: usize = 8;

/// Numbers by their magnitude. That and the two bits below the leading one are learnt.
struct Numbers {
    magnitudes: Map,
    mantissas: Map,
}

impl Numbers {
    fn new() -> Self {
        Numbers {
            magnitudes: Map::new(1 << MAGNITUDE_BITS, LIMIT),
            mantissas: Map::new(4 << MAGNITUDE_BITS, LIMIT),
        }
    }

    fn code<C: Coder>(&mut self, coder: &mut C, value: usize) -> usize {
        let magnitude = self.magnitude(coder, usize::BITS - value.leading_zeros());
        let mut known = (magnitude > 0) as usize;
        for below in (0..magnitude.saturating_sub(1)).rev() {
            let bit = (value >> below & 1) as u32;
            let bit = match known {
                1..=3 => learnt(coder, &mut self.mantissas, (magnitude as usize) << 2 | known, bit),
                _ => coder.code(bit, 1 << 15),
            };
            known = known << 1 | bit as usize;
        }
        known
    }

    fn magnitude<C: Coder>(&mut self, coder: &mut C, magnitude: u32) -> u32 {
        let mut node = 1;
        for shift in (0..MAGNITUDE_BITS).rev() {
            node = node << 1 | learnt(coder, &mut self.magnitudes, node as usize, magnitude >> shift & 1);
        }
        node & ((1 << MAGNITUDE_BITS) - 1)
    }
}

fn learnt<C: Coder>(coder: &mut C, map: &mut Map, context: usize, bit: u32) -> u32 {
    let bit = coder.code(bit, map.one(context).clamp(1, 65535));
    map.update(context, bit);
    bit
}

/// What is learnt of a script.
struct Script {
    spelt: Numbers,
    copied: Numbers,
    replaces: Map,
    goes_back: Map,
    ahead: Numbers,
    back: Numbers,
}

impl Script {
    fn new() -> Self {
        Script {
            spelt: Numbers::new(),
            copied: Numbers::new(),
            replaces: Map::new(SPELT_KINDS, LIMIT),
            goes_back: Map::new(2, LIMIT),
            ahead: Numbers::new(),
            back: Numbers::new(),
        }
    }

    /// Where a copy begins, `reached` being where the last one ended.
    fn from<C: Coder>(&mut self, coder: &mut C, reached: usize, edit: &Edit) -> usize {
        let Edit { spelt, from, .. } = *edit;
        if spelt > 0 {
            let kind = (usize::BITS - spelt.leading_zeros()) as usize;
            let context = kind.min(SPELT_KINDS - 1);
            if learnt(coder, &mut self.replaces, context, (from == reached + spelt) as u32) != 0 {
                return reached + spelt;
            }
        }
        match learnt(coder, &mut self.goes_back, (spelt > 0) as usize, (from < reached) as u32) {
            0 => reached + self.ahead.code(coder, from.wrapping_sub(reached)),
            _ => reached.wrapping_sub(self.back.code(coder, reached.wrapping_sub(from))),
        }
    }

    /// How much is copied, of `most` that the base or the asset has left.
    fn copied<C: Coder>(&mut self, coder: &mut C, most: usize, copied: usize) -> usize {
        match self.copied.code(coder, if copied == most { 0 } else { copied }) {
            0 => most,
            copied => copied,
        }
    }
}

/// What both sides know.
pub struct Delta {
    engine: FullEngine,
    /// Dictionary, base, and the asset as far as it is known.
    history: Vec<u8>,
    base: Range<usize>,
}

impl Delta {
    /// `primed` has read `base` last.
    pub fn new(primed: Primed<FullEngine>, base: &[u8]) -> Self {
        let Primed { engine, history } = primed;
        let base = history.len() - base.len()..history.len();
        Delta { engine, history, base }
    }

    pub fn encode(mut self, input: &[u8]) -> Vec<u8> {
        let edits = script(&self.history[self.base.clone()], input);
        let mut encoder = Encoder::new(Vec::new());
        let mut steps = edits.iter();
        self.run(&mut encoder, input.len(), || steps.next().copied().unwrap_or_default(), |at| input[at]);
        encoder.finish()
    }

    /// Exactly `length` bytes, or nothing when `coded` is not what an encoder wrote.
    pub fn decode(mut self, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut decoder = Decoder::new(coded);
        self.run(&mut decoder, length, Edit::default, |_| 0)?;
        (decoder.is_at_end() && decoder.overrun() <= 4).then(|| self.history.split_off(self.base.end))
    }

    /// Codes `length` bytes. The edits and the bytes at a place of the asset count where the coder is an encoder.
    fn run<C: Coder>(
        &mut self,
        coder: &mut C,
        length: usize,
        mut next: impl FnMut() -> Edit,
        byte_at: impl Fn(usize) -> u8,
    ) -> Option<()> {
        let mut script = Script::new();
        let mut reached = 0;
        while self.done() < length {
            let mut edit = next();
            edit.spelt = script.spelt.code(coder, edit.spelt);
            if edit.spelt > length - self.done() {
                return None;
            }
            self.spell(coder, edit.spelt, reached, &byte_at);
            if self.done() == length {
                break;
            }
            edit.from = script.from(coder, reached, &edit);
            let most = (length - self.done()).min(self.base.len().checked_sub(edit.from)?);
            edit.copied = script.copied(coder, most, edit.copied);
            if edit.copied == 0 || edit.copied > most {
                return None;
            }
            self.copy(edit.from, edit.copied);
            reached = edit.from + edit.copied;
        }
        Some(())
    }

    /// Bytes of the asset that are known.
    fn done(&self) -> usize {
        self.history.len() - self.base.end
    }

    /// The first byte is not the one that the base goes on with behind a copy, or the copy would be longer.
    fn spell<C: Coder>(&mut self, coder: &mut C, count: usize, reached: usize, byte_at: &impl Fn(usize) -> u8) {
        let next = self.base.start + reached;
        let mut unlike = (reached > 0 && next < self.base.end).then(|| self.history[next]);
        for _ in 0..count {
            let byte = byte_at(self.done());
            let answer = |question: general::Question, one| coder.code(question.answer(byte), one);
            let byte = self.engine.code_unlike(&self.history, unlike.take(), answer);
            self.history.push(byte);
        }
    }

    /// The engine learns nothing from what repeats: it would but come to expect more of that.
    fn copy(&mut self, from: usize, count: usize) {
        let from = self.base.start + from;
        for place in from..from + count {
            self.engine.skip(&self.history);
            self.history.push(self.history[place]);
        }
    }
}
