//! The quality values of a read, by the model of a level.

use crate::alphabet::Tree;
use crate::plain_qualities::PlainQualities;
use crate::qualities::{MixedQualities, Near, Sums, WITHOUT_BASES, WITH_BASES};
use crate::quick_qualities::QuickQualities;
use abi::Level;
use coding::symbols::SymbolCoder;

enum Model {
    Plain(PlainQualities),
    Quick(QuickQualities),
    Many(Box<MixedQualities<8, 8>>),
    ManyWithBases(Box<MixedQualities<12, 16>>),
}

pub struct Values {
    model: Model,
    tree: Tree,
    /// The read's values as places in the alphabet.
    pub ranks: Vec<u8>,
}

impl Values {
    /// `count`: how many values there are; `bases_first`: whether a read's bases are known before them.
    pub fn new(level: Level, weights: &[u8], count: usize, bases_first: bool) -> Self {
        let tree = Tree::new(weights);
        let model = match level {
            Level::Fast => Model::Plain(PlainQualities::new(weights)),
            Level::Balanced => Model::Quick(QuickQualities::new(&tree)),
            Level::Max if bases_first => Model::ManyWithBases(Box::new(MixedQualities::new(WITH_BASES, &tree, count))),
            Level::Max => Model::Many(Box::new(MixedQualities::new(WITHOUT_BASES, &tree, count))),
        };
        Values { model, tree, ranks: Vec::new() }
    }

    /// Codes a read of `count` values, given its bases and how little they were expected, or neither.
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &[u8], count: usize, bases: &[u8], surprises: &[u8]) {
        let mut sums = Sums::default();
        for at in 0..count {
            let value = wanted.get(at).copied().unwrap_or(0);
            let near = Near { values: &self.ranks, bases, surprises };
            let value = match &mut self.model {
                Model::Plain(model) => model.code(coder, value, &self.ranks, &sums),
                Model::Quick(model) => model.code(coder, &self.tree, value, &near, &sums),
                Model::Many(model) => model.code(coder, &self.tree, value, &near, &sums),
                Model::ManyWithBases(model) => model.code(coder, &self.tree, value, &near, &sums),
            };
            sums.take(value);
            self.ranks.push(value);
        }
    }
}
