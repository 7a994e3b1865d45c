//! What follows from other lines and from numbers elsewhere: the same template behind the same unindented line, numbers
//! as large as the change of another, and quantities that are reckoned from others.

use crate::engine::hash;
use crate::memory::Memory;
use crate::numbers::Expectation;
use crate::reckoning::Reckoner;
use coding::matching::Pointer;

#[derive(Clone)]
pub struct Relations {
    /// The same template behind the same unindented line.
    pub kin: Pointer,
    /// The memory's entry of these.
    pub entry: usize,
    /// The last number of these plus its last step.
    pub continued: Expectation,
    /// The last change of another number.
    pub moved: Expectation,
    pub reckoner: Reckoner,
    /// The template of the last line that was not indented: what such lines as `pages: 17` speak of.
    pub parent: u64,
    indented: bool,
}

impl Relations {
    pub fn new() -> Self {
        Relations {
            kin: Pointer::default(),
            entry: 0,
            continued: Expectation::none(),
            moved: Expectation::none(),
            reckoner: Reckoner::new(),
            parent: 0,
            indented: false,
        }
    }

    /// Takes in the newest byte, which may be the first of a record.
    #[inline]
    pub fn read(&mut self, history: &[u8], byte: u8, is_first: bool) {
        self.kin.follow(history);
        self.reckoner.read(byte);
        if is_first {
            self.indented = matches!(byte, b' ' | b'\t');
        }
    }

    pub fn read_digit(&mut self, byte: u8) {
        self.continued.read(byte);
        self.moved.read(byte);
    }

    /// Expects numbers that begin `depth` bytes into the token. `template` is the memory's entry of the template.
    pub fn expect_numbers(&mut self, memory: &Memory, template: usize, depth: usize) {
        if memory.entry(self.entry).lead as usize == depth {
            self.continued = memory.continued(self.entry);
        }
        if memory.entry(template).lead as usize == depth {
            self.moved = memory.moved(template);
        }
    }

    /// The token that began at `start` has ended, which the entry of the template has learnt.
    pub fn end_token(&mut self, memory: &mut Memory, template: usize, start: usize, bytes: &[u8], token: u64) {
        memory.learn(self.entry, start, bytes, token, false);
        memory.relate(template, self.entry);
    }

    pub fn end_record(&mut self, template: u64) {
        if !self.indented {
            self.parent = template;
        }
        self.indented = false;
    }

    /// A token begins behind `template`, whose entry of the memory is `index`.
    pub fn aim(&mut self, memory: &mut Memory, template: u64, index: usize) {
        self.entry = memory.find(hash(template, self.parent));
        match memory.entry(self.entry).at[0] {
            0 => self.kin.lose(),
            at => self.kin.aim(at as usize, self.kin.length().min(16)),
        }
        (self.continued, self.moved) = (Expectation::none(), Expectation::none());
        self.reckoner.begin_token(index);
    }
}
