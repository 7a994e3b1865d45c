//! CIGARs: reads break where others broke before.

use crate::record::Operation;
use coding::arithmetic::Coder;
use sequencing::bits::{code_flag, Flag, Number, Symbol};
use std::collections::BTreeMap;

/// No operation.
const NONE: usize = 16;
const KINDS: usize = 17;

pub struct Cigars {
    count: Vec<Number>,
    kind: Vec<Symbol>,
    takes_rest: Vec<Flag>,
    to_break: Vec<Flag>,
    as_there: Vec<Flag>,
    length: Vec<Number>,
    /// The operation that begins at a position, latest only.
    breaks: BTreeMap<(i32, u32), Operation>,
    last_count: usize,
    operations: Vec<Operation>,
}

/// What a CIGAR stands beside.
pub struct Place {
    pub reference: i32,
    pub position: i32,
    /// How many bases the read has.
    pub length: usize,
    pub is_mapped: bool,
}

impl Cigars {
    pub fn new() -> Self {
        Cigars {
            count: vec![Number::new(); 2 * 4],
            kind: vec![Symbol::new(4); KINDS * KINDS * KINDS],
            takes_rest: vec![Flag::new(); KINDS * 4],
            to_break: vec![Flag::new(); KINDS * 2],
            as_there: vec![Flag::new(); KINDS],
            length: vec![Number::new(); KINDS * KINDS],
            breaks: BTreeMap::new(),
            last_count: 0,
            operations: Vec::new(),
        }
    }

    /// Codes the operations of a read, 65535 at most.
    pub fn code<C: Coder>(&mut self, coder: &mut C, wanted: &[Operation], place: &Place) -> Option<&[Operation]> {
        let context = place.is_mapped as usize * 4 + self.last_count.min(3);
        let count = self.count[context].code(coder, wanted.len() as u32) as usize;
        if count > u16::MAX as usize {
            return None;
        }
        self.last_count = count;
        self.operations.clear();
        let mut at = place.position.max(0) as u32;
        let mut used = 0usize;
        let (mut last, mut before) = (NONE, NONE);
        for index in 0..count {
            let op = wanted.get(index).copied().unwrap_or(Operation { length: 0, kind: 0 });
            let here = self.breaks.get(&(place.reference, at)).copied().filter(|op| op.kind < 16 && index > 0);
            let expected = here.map_or(NONE, |op| op.kind as usize);
            let kind = self.kind[(expected * KINDS + last) * KINDS + before].code(coder, op.kind as u32) as u8;
            let op = Operation { kind, ..op };
            let rest = place.length.saturating_sub(used) as u32;
            let length = self.code_length(coder, op, (last, count - index), rest, at, here, place);
            let op = Operation { kind, length };
            if op.takes_reference() || kind == 1 {
                if kind != 0 {
                    self.breaks.insert((place.reference, at), op);
                }
            }
            if op.takes_read() {
                used = used.saturating_add(length as usize);
            }
            if op.takes_reference() {
                at = at.saturating_add(length);
            }
            (before, last) = (last, kind as usize);
            self.operations.push(op);
        }
        Some(&self.operations)
    }

    #[allow(clippy::too_many_arguments)]
    fn code_length<C: Coder>(
        &mut self,
        coder: &mut C,
        op: Operation,
        (last, left): (usize, usize),
        rest: u32,
        at: u32,
        here: Option<Operation>,
        place: &Place,
    ) -> u32 {
        let kind = op.kind as usize;
        if op.takes_read() {
            let flag = &mut self.takes_rest[kind * 4 + left.min(3)];
            if code_flag(coder, flag, op.length == rest) {
                return rest;
            }
        }
        if op.kind == 0 && left > 1 {
            let range = (place.reference, at.saturating_add(1))..=(place.reference, at.saturating_add(rest));
            let next = if rest > 0 { self.breaks.range(range).next() } else { None };
            if let Some((&(_, next), _)) = next {
                let flag = &mut self.to_break[kind * 2];
                if code_flag(coder, flag, op.length == next - at) {
                    return next - at;
                }
            }
        }
        if let Some(here) = here.filter(|here| here.kind == op.kind) {
            if code_flag(coder, &mut self.as_there[kind], op.length == here.length) {
                return here.length;
            }
        }
        // The length has 28 bits.
        self.length[kind * KINDS + last].code(coder, op.length) & 0xfff_ffff
    }
}
