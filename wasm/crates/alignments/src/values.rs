//! The quality values of a read, by the model of a level.

use crate::qualities::{MixedQualities, WITHOUT_BASES, WITH_BASES};
use abi::Level;
use coding::symbols::SymbolCoder;
use sequencing::alphabet::Tree;
use sequencing::plain_qualities::PlainQualities;
use sequencing::qualities::{Near, Sums};

/// Tables that stay in a processor's cache, and those for alphabets that need more.
const SMALL: u32 = 17;
const LARGE: u32 = 18;

enum Model {
    Plain(PlainQualities),
    Many(Box<MixedQualities<3, 8>>),
    ManyWithBases(Box<MixedQualities<4, 8>>),
}

pub struct Values {
    model: Model,
    tree: Tree,
    /// The read's values as places in the alphabet, in the order in which they were read.
    pub ranks: Vec<u8>,
}

impl Values {
    /// `count`: how many values there are; `bases_first`: whether a read's bases are known before them.
    pub fn new(level: Level, weights: &[u8], count: usize, bases_first: bool) -> Self {
        let tree = Tree::new(weights);
        let model = match level {
            Level::Max if bases_first => Model::ManyWithBases(Box::new(MixedQualities::new(WITH_BASES, &tree, count, LARGE))),
            Level::Max => Model::Many(Box::new(MixedQualities::new(WITHOUT_BASES, &tree, count, SMALL))),
            _ => Model::Plain(PlainQualities::new(weights)),
        };
        Values { model, tree, ranks: Vec::new() }
    }

    /// Codes a read of `count` values, given its bases and how little they were expected, or neither; all in the
    /// order in which they were read.
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: &[u8],
        count: usize,
        (bases, surprises): (&[u8], &[u8]),
    ) {
        self.ranks.clear();
        let Self { model, tree, ranks } = self;
        let count = (wanted, count);
        match model {
            Model::Plain(model) => code_all(count, ranks, |value, ranks, sums| model.code(coder, value, ranks, sums)),
            Model::Many(model) => code_all(count, ranks, |value, values, sums| {
                model.code(coder, tree, value, &Near { values, bases, surprises }, sums)
            }),
            Model::ManyWithBases(model) => code_all(count, ranks, |value, values, sums| {
                model.code(coder, tree, value, &Near { values, bases, surprises }, sums)
            }),
        }
    }
}

/// Codes values one by one and appends them to `ranks`.
#[inline(never)]
fn code_all((wanted, count): (&[u8], usize), ranks: &mut Vec<u8>, mut code: impl FnMut(u8, &[u8], &Sums) -> u8) {
    let mut sums = Sums::default();
    ranks.reserve(count);
    for at in 0..count {
        let value = code(wanted.get(at).copied().unwrap_or(0), ranks, &sums);
        sums.take(value);
        ranks.push(value);
    }
}
