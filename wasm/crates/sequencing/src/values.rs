//! The quality values of a read, by the model of a level.

use crate::alphabet::Tree;
use crate::bits::BitCoder;
use crate::blend::{Quick, Thorough};
use crate::qualities::{
    MixedQualities, Near, PlainQualities, Sums, FEW_WITHOUT_BASES, FEW_WITH_BASES, WITHOUT_BASES, WITH_BASES,
};
use crate::Level;

enum Model {
    Plain(PlainQualities),
    Few(Box<MixedQualities<Quick<8>, 4, 8>>),
    Many(Box<MixedQualities<Thorough<8>, 8, 8>>),
    ManyWithBases(Box<MixedQualities<Thorough<16>, 12, 16>>),
}

pub struct Values {
    model: Model,
    tree: Tree,
    /// The read's values as places in the alphabet.
    pub ranks: Vec<u8>,
}

impl Values {
    /// `count`: how many values there are; `bases_first`: whether a read's bases are known before them.
    pub fn new(level: Level, tree: Tree, count: usize, bases_first: bool) -> Self {
        let few = if bases_first { FEW_WITH_BASES } else { FEW_WITHOUT_BASES };
        let model = match level {
            Level::Fast => Model::Plain(PlainQualities::new(&tree)),
            Level::Balanced => Model::Few(Box::new(MixedQualities::new(few, &tree, count))),
            Level::Max if bases_first => Model::ManyWithBases(Box::new(MixedQualities::new(WITH_BASES, &tree, count))),
            Level::Max => Model::Many(Box::new(MixedQualities::new(WITHOUT_BASES, &tree, count))),
        };
        Values { model, tree, ranks: Vec::new() }
    }

    /// Codes a read of `count` values, given its bases and how little they were expected, or neither.
    pub fn code<C: BitCoder>(&mut self, coder: &mut C, wanted: &[u8], count: usize, bases: &[u8], surprises: &[u8]) {
        let mut sums = Sums::default();
        for at in 0..count {
            let value = wanted.get(at).copied().unwrap_or(0);
            let near = Near { values: &self.ranks, bases, surprises };
            let value = match &mut self.model {
                Model::Plain(model) => model.code(coder, &self.tree, value, &self.ranks, &sums),
                Model::Few(model) => model.code(coder, &self.tree, value, &near, &sums),
                Model::Many(model) => model.code(coder, &self.tree, value, &near, &sums),
                Model::ManyWithBases(model) => model.code(coder, &self.tree, value, &near, &sums),
            };
            sums.take(value);
            self.ranks.push(value);
        }
    }
}
