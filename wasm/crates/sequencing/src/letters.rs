//! The bases of a read: which are one of the four letters, and what the others are.

use crate::bases::{MixedBases, Orders};
use crate::bits::{code_flag, Flag, Symbol};
use crate::plain::PlainBases;
use crate::quick_bases::QuickBases;
use abi::Level;
use coding::arithmetic::Coder;
use coding::symbols::SymbolCoder;

/// Not one of the four letters.
const ODD: u8 = 4;

enum Model {
    Plain(PlainBases),
    Quick(QuickBases),
    Many(Box<MixedBases<4, 3, 2, 16>>),
}

pub struct Letters {
    model: Model,
    letters: [u8; 4],
    symbols: [u8; 256],
    odd_read: [Flag; 2],
    odd_before: usize,
    /// By the rank of the quality and the last three outcomes.
    odd_base: Vec<Flag>,
    /// By the odd letter before.
    odd_letter: Vec<Symbol>,
    /// The read's letters.
    pub text: Vec<u8>,
    /// The read's bases, 0 for odd letters.
    pub bases: Vec<u8>,
    /// How little each was expected, 0..=7; empty where the level does not measure it.
    pub surprises: Vec<u8>,
}

impl Letters {
    /// `count`: how many bases there are.
    pub fn new(level: Level, letters: [u8; 4], count: usize) -> Self {
        let mut symbols = [ODD; 256];
        for (symbol, &letter) in letters.iter().enumerate() {
            symbols[letter as usize] = symbol as u8;
        }
        let many = Orders { dense: [2, 3, 6, 9], counted: [11, 14, 20], repeats: [14, 24] };
        Letters {
            model: match level {
                Level::Fast => Model::Plain(PlainBases::new(count)),
                Level::Balanced => Model::Quick(QuickBases::new(count)),
                Level::Max => Model::Many(Box::new(MixedBases::new(many, count))),
            },
            letters,
            symbols,
            odd_read: [Flag::new(); 2],
            odd_before: 0,
            odd_base: vec![Flag::new(); 128 * 8],
            odd_letter: vec![Symbol::new(8); 256],
            text: Vec::new(),
            bases: Vec::new(),
            surprises: Vec::new(),
        }
    }

    /// Forgets the last read.
    pub fn clear(&mut self) {
        self.text.clear();
        self.bases.clear();
        self.surprises.clear();
    }

    /// Codes a read of `count` bases. `ranks` are its quality values, or empty if they are not known yet.
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, read: &[u8], count: usize, ranks: &[u8]) {
        let odd = read.iter().any(|&letter| self.symbols[letter as usize] == ODD);
        let odd = code_flag(coder, &mut self.odd_read[self.odd_before], odd);
        self.odd_before = odd as usize;
        match &mut self.model {
            Model::Plain(model) => model.start_read(),
            Model::Quick(model) => model.start_read(),
            Model::Many(model) => model.start_read(),
        }
        let mut recent = 0;
        let mut last_odd = 0;
        for at in 0..count {
            let letter = read.get(at).copied().unwrap_or(0);
            let quality = ranks.get(at).map_or(0, |&rank| rank + 1);
            if odd && self.code_oddness(coder, letter, quality, &mut recent) {
                last_odd = self.odd_letter[last_odd as usize].code(coder, letter as u32) as u8;
                self.text.push(last_odd);
                self.bases.push(0);
                self.surprises.push(0);
                continue;
            }
            let symbol = self.symbols[letter as usize] & 3;
            let (symbol, surprise) = match &mut self.model {
                Model::Plain(model) => (model.code(coder, symbol), 0),
                Model::Quick(model) => (model.code(coder, symbol, quality), model.surprise()),
                Model::Many(model) => (model.code(coder, symbol, quality), model.surprise()),
            };
            self.text.push(self.letters[symbol as usize]);
            self.bases.push(symbol);
            self.surprises.push(surprise);
        }
    }

    fn code_oddness<C: Coder>(&mut self, coder: &mut C, letter: u8, quality: u8, recent: &mut usize) -> bool {
        let flag = &mut self.odd_base[(quality as usize & 127) * 8 + *recent];
        let odd = code_flag(coder, flag, self.symbols[letter as usize] == ODD);
        *recent = (*recent << 1 | odd as usize) & 7;
        odd
    }
}
