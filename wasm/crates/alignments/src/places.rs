//! Where records stand on the reference, where their mates do, and how long reads are.

use crate::mates::{Mates, Pending};
use crate::record::Fixed;
use coding::symbols::SymbolCoder;
use sequencing::bits::{code_flag, unzigzag, zigzag, Flag, Number};

const PAIRED: u16 = 1;
const BACKWARD: u16 = 16;
const MATE_BACKWARD: u16 = 32;

pub struct Places {
    same_reference: [Flag; 2],
    reference_step: Number,
    steps: Vec<Number>,
    last_step: u32,
    which_mate: Vec<Number>,
    same_length: [Flag; 2],
    had_same_length: usize,
    length: Number,
    last_length: usize,
    as_foreseen: Vec<Flag>,
    distances: Vec<Number>,
}

impl Places {
    pub fn new() -> Self {
        Places {
            same_reference: [Flag::new(); 2],
            reference_step: Number::new(),
            steps: vec![Number::new(); 33],
            last_step: 0,
            which_mate: vec![Number::new(); 4],
            same_length: [Flag::new(); 2],
            had_same_length: 1,
            length: Number::new(),
            last_length: 0,
            as_foreseen: vec![Flag::new(); 4 * 16],
            distances: vec![Number::new(); 2 * 16],
        }
    }

    /// Codes the reference and the position of a record behind `last`.
    pub fn code_place<C: SymbolCoder>(&mut self, coder: &mut C, wanted: &Fixed, last: &Fixed, fixed: &mut Fixed) {
        let flag = &mut self.same_reference[(last.reference < 0) as usize];
        let same = code_flag(coder, flag, wanted.reference == last.reference);
        fixed.reference = last.reference;
        if !same {
            let step = self.reference_step.code(coder, zigzag(wanted.reference.wrapping_sub(last.reference)));
            fixed.reference = last.reference.wrapping_add(unzigzag(step));
            self.last_step = 0;
        }
        let base = if same { last.position } else { 0 };
        let context = (32 - self.last_step.leading_zeros()) as usize;
        let step = self.steps[context].code(coder, wanted.position.wrapping_sub(base) as u32);
        fixed.position = base.wrapping_add(step as i32);
        self.last_step = (self.last_step + step.min(1 << 20)) / 2;
    }

    /// Finds the read of a pair that came before, among `mates`, whose names stand in `output`.
    pub fn code_mate<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        mates: &mut Mates,
        wanted: Option<(&Fixed, &[u8])>,
        fixed: &Fixed,
        output: &[u8],
    ) -> Option<Pending> {
        let (reference, position) = (fixed.reference, fixed.position);
        let count = mates.at(reference, position).count();
        if count == 0 {
            return None;
        }
        let found = wanted.and_then(|(_, name)| {
            mates.at(reference, position).position(|read| output[read.name.clone()] == *name)
        });
        let context = (count.min(4) - 1).min(3);
        let number = self.which_mate[context].code(coder, found.map_or(0, |index| index as u32 + 1));
        let index = (number as usize).checked_sub(1)?;
        (index < count).then(|| mates.take(reference, position, index))?
    }

    /// The length of a read; nothing if it does not fit into `room`.
    pub fn code_length<C: SymbolCoder>(&mut self, coder: &mut C, count: usize, room: usize) -> Option<usize> {
        let flag = &mut self.same_length[self.had_same_length];
        let same = code_flag(coder, flag, count == self.last_length);
        self.had_same_length = same as usize;
        if !same {
            self.last_length = self.length.code(coder, count as u32) as usize;
        }
        (self.last_length <= room).then_some(self.last_length)
    }

    /// Where the mate is and how long the template.
    pub fn code_mate_place<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: &Fixed,
        fixed: &mut Fixed,
        mate: Option<&Fixed>,
        length: usize,
        span: u32,
    ) {
        let paired = fixed.flag & PAIRED != 0;
        let context = match (mate.is_some(), paired) {
            (true, _) => 0,
            (_, false) => 1,
            _ => 2 + ((fixed.flag & (BACKWARD | MATE_BACKWARD)) >> 4) as usize,
        };
        let reference = match mate {
            Some(mate) => mate.reference,
            None if paired => fixed.reference,
            None => -1,
        };
        fixed.mate_reference = self.code_foreseen(coder, context, wanted.mate_reference, reference);
        let position = match mate {
            Some(mate) => mate.position,
            None if paired && fixed.mate_reference == fixed.reference => fixed.position,
            None if paired => 0,
            None => -1,
        };
        fixed.mate_position = self.code_foreseen(coder, 16 + context, wanted.mate_position, position);
        let (start, other) = (fixed.position, fixed.mate_position);
        let apart = fixed.mate_reference != fixed.reference || fixed.flag & 12 != 0;
        let foreseen = match mate {
            Some(mate) => mate.template_length.wrapping_neg(),
            None if !paired || apart => 0,
            None if other >= start => other.wrapping_sub(start).wrapping_add(length as i32),
            None => other.wrapping_sub(start).wrapping_sub(span as i32),
        };
        let context = 32 + context + 6 * apart as usize;
        fixed.template_length = self.code_foreseen(coder, context, wanted.template_length, foreseen);
    }

    pub fn code_bin<C: SymbolCoder>(&mut self, coder: &mut C, wanted: u16, foreseen: u16) -> u16 {
        self.code_foreseen(coder, 63, wanted as i32, foreseen as i32) as u16
    }

    fn code_foreseen<C: SymbolCoder>(&mut self, coder: &mut C, context: usize, wanted: i32, foreseen: i32) -> i32 {
        if code_flag(coder, &mut self.as_foreseen[context], wanted == foreseen) {
            return foreseen;
        }
        let index = if context >= 32 { 16 + context % 16 } else { context % 16 };
        let distance = self.distances[index].code(coder, zigzag(wanted.wrapping_sub(foreseen)));
        foreseen.wrapping_add(unzigzag(distance))
    }
}
