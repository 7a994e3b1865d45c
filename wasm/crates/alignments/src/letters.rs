//! The bases of a read: what the reference is known to have there, else by contexts, else letters that are no base.

use crate::alignment::Alignment;
use crate::mixed_letters::MixedLetters;
use crate::plain_letters::PlainLetters;
use crate::reference::{Cell, Reference};
use abi::Level;
use coding::symbols::SymbolCoder;
use sequencing::bits::{code_flag, Flag, Symbol};

/// The codes of A, C, G and T (SAMv1, section 4.2.3).
pub const CODES: [u8; 4] = [1, 2, 4, 8];
/// The base of each code; [`ODD`] for those that are none.
pub const BASES: [u8; 16] = [4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4];
/// Not one of the four letters.
pub const ODD: u8 = 4;

/// Ranks of quality values, and one for "unknown".
pub const RANKS: usize = 128;

/// What foretells bases.
pub trait BaseModel {
    fn start_read(&mut self);

    /// Codes a base, 0..=3, whose quality has the rank `quality` plus one, or 0 if it is not known yet, where `cell`
    /// says what is known of the reference; and how little it was expected, 0..=7.
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u8, quality: u8, cell: Cell) -> (u8, u8);
}

enum Model {
    Plain(Box<PlainLetters>),
    Mixed(Box<MixedLetters>),
}

/// A read's letters and what is known of their places. `ranks` are its quality values, or empty if they are not known
/// yet.
pub struct Near<'a> {
    pub ranks: &'a [u8],
    pub alignment: &'a Alignment,
    pub reference: &'a Reference,
}

pub struct Letters {
    model: Model,
    others: Others,
    /// The codes of the read's letters.
    pub codes: Vec<u8>,
    /// Its bases, 0 for odd letters.
    pub bases: Vec<u8>,
    /// How little each was expected, 0..=7.
    pub surprises: Vec<u8>,
}

impl Letters {
    /// `count`: how many bases there are.
    pub fn new(level: Level, count: usize) -> Self {
        Letters {
            model: match level {
                Level::Max => Model::Mixed(Box::new(MixedLetters::new(count))),
                _ => Model::Plain(Box::new(PlainLetters::new(count))),
            },
            others: Others::new(),
            codes: Vec::new(),
            bases: Vec::new(),
            surprises: Vec::new(),
        }
    }

    /// Codes a read of `count` bases, of which an encoder gives the codes.
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &[u8], count: usize, near: &Near) {
        for letters in [&mut self.codes, &mut self.bases, &mut self.surprises] {
            letters.clear();
            letters.resize(count, 0);
        }
        let Self { model, others, codes, bases, surprises } = self;
        let found = codes.iter_mut().zip(bases).zip(surprises).map(|((code, base), surprise)| (code, base, surprise));
        match model {
            Model::Plain(model) => code_all(&mut **model, others, coder, wanted, near, found),
            Model::Mixed(model) => code_all(&mut **model, others, coder, wanted, near, found),
        }
    }
}

/// Codes letters one by one into `found`: each one's code, base and surprise.
#[inline(never)]
fn code_all<'a, M: BaseModel, C: SymbolCoder>(
    model: &mut M,
    others: &mut Others,
    coder: &mut C,
    wanted: &[u8],
    near: &Near,
    found: impl Iterator<Item = (&'a mut u8, &'a mut u8, &'a mut u8)>,
) {
    model.start_read();
    let any = others.start_read(coder, wanted);
    for ((at, (code, base, surprise)), &place) in found.enumerate().zip(&near.alignment.places) {
        let wanted = wanted.get(at).copied().unwrap_or(1);
        let quality = near.ranks.get(at).map_or(0, |&rank| rank + 1);
        if any {
            if let Some(other) = others.code(coder, wanted, quality) {
                *code = other;
                continue;
            }
        }
        (*base, *surprise) = model.code(coder, BASES[wanted as usize & 15] & 3, quality, near.reference.cell(place));
        *code = CODES[*base as usize & 3];
    }
}

/// Letters that are no base.
struct Others {
    /// Whether a read has any.
    any: [Flag; 2],
    had_any: usize,
    /// By the rank of the quality and the last three outcomes.
    is_other: Vec<Flag>,
    recent: usize,
    /// By the one before.
    code: Vec<Symbol>,
    last: u8,
}

impl Others {
    fn new() -> Self {
        Others {
            any: [Flag::new(); 2],
            had_any: 0,
            is_other: vec![Flag::new(); RANKS * 8],
            recent: 0,
            code: vec![Symbol::new(4); 16],
            last: 0,
        }
    }

    fn start_read<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &[u8]) -> bool {
        (self.recent, self.last) = (0, 0);
        let any = wanted.iter().any(|&code| BASES[code as usize & 15] == ODD);
        let any = code_flag(coder, &mut self.any[self.had_any], any);
        self.had_any = any as usize;
        any
    }

    /// Codes whether a letter is no base, and if so which one it is.
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u8, quality: u8) -> Option<u8> {
        let flag = &mut self.is_other[(quality as usize & (RANKS - 1)) * 8 + self.recent];
        let is_other = code_flag(coder, flag, BASES[wanted as usize & 15] == ODD);
        self.recent = (self.recent << 1 | is_other as usize) & 7;
        if !is_other {
            return None;
        }
        self.last = self.code[self.last as usize & 15].code(coder, wanted as u32) as u8;
        Some(self.last)
    }
}
