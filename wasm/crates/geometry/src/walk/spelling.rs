//! The numbers of a new position: each as a place on the lattice, or as the text that it is.

use crate::engine::hash;
use crate::notation::{power, Number, Printer};
use numbers::coder::Coder;
use super::{Given, Walk, DECIMALS, ERROR, LITERAL, REGULAR, STEP};

impl Walk {
    /// Codes the numbers of a position that is new; whether one of them has a text of its own.
    pub(super) fn spell<C: Coder>(
        &mut self, coder: &mut C, starts: bool, given: &Given, position: &mut [Number; 3], text: &mut Vec<u8>,
        ends: &mut [usize; 3],
    ) -> Option<bool> {
        let mut irregular = false;
        for axis in 0..self.notations.len() {
            if axis == 1 && !irregular {
                let first = position[0];
                let came = |other: &[Number]| {
                    other[0] == first && other[1..].iter().zip(&given.numbers[1..]).all(|(other, given)| *given == Some(*other))
                };
                let index = self.column(coder, first.place, came);
                if let Some(index) = index.filter(|&index| self.history.position(index)[0] == first) {
                    position[..self.notations.len()].copy_from_slice(self.history.position(index));
                    for axis in 1..self.notations.len() {
                        self.notations[axis].write(position[axis], text)?;
                        ends[axis] = text.len();
                    }
                    return Some(false);
                }
            }
            let contexts = self.plain(axis as i64, self.regular & 15);
            let regular = self.engine.flag(coder, REGULAR, given.numbers[axis].is_some(), &contexts, axis);
            if regular {
                let number = given.numbers[axis].unwrap_or_default();
                position[axis] = self.number(coder, axis, number, starts, position);
                self.notations[axis].write(position[axis], text)?;
            } else {
                irregular = true;
                self.spell_literal(coder, given.texts[axis]);
                text.extend_from_slice(&self.literal);
                position[axis] = self.last(axis);
            }
            self.regular = self.regular << 1 | regular as i64;
            ends[axis] = text.len();
        }
        Some(irregular)
    }

    pub(super) fn spell_literal<C: Coder>(&mut self, coder: &mut C, given: &[u8]) {
        let mut literal = std::mem::take(&mut self.literal);
        literal.clear();
        let (mut last, mut before) = (0i64, 0i64);
        loop {
            let at = literal.len() as i64;
            let byte = given.get(literal.len()).copied().unwrap_or(0);
            let mut contexts = [0; 8];
            contexts[0] = hash(&[last]);
            contexts[1] = hash(&[last, before]);
            contexts[2] = hash(&[at, last]);
            contexts[3] = hash(&[at]);
            let byte = self.engine.symbol(coder, LITERAL, byte, &contexts, 0);
            if byte == 0 || literal.len() >= 64 {
                break;
            }
            literal.push(byte);
            (before, last) = (last, byte as i64);
        }
        self.literal = literal;
    }

    /// Codes a number of the lattice: its decimals if they are its own, its place, its error if it may have one.
    pub(super) fn number<C: Coder>(
        &mut self, coder: &mut C, axis: usize, number: Number, starts: bool, known: &[Number; 3],
    ) -> Number {
        let notation = self.notations[axis];
        let last = self.last(axis);
        let mut unit = 1;
        let mut coded = Number::default();
        if notation.printer == Printer::Own {
            let first = if axis > 0 { known[0].decimals as i64 } else { -1 };
            let mut contexts = self.plain(axis as i64, last.decimals as i64);
            contexts[2] = hash(&[axis as i64, first]);
            contexts[3] = hash(&[axis as i64, first, last.decimals as i64]);
            let other = if self.notations.len() > 1 { self.last(1).decimals as i64 } else { 0 };
            contexts[4] = hash(&[axis as i64, first, other, last.decimals as i64]);
            coded.decimals = self.engine.symbol(coder, DECIMALS + axis, number.decimals, &contexts, 0);
            unit = power(notation.count.saturating_sub(coded.decimals)).unwrap_or(1);
        }
        let from = divide(last.place, unit);
        let step = (number.place / unit).wrapping_sub(from);
        let places = known.map(|number| number.place);
        let (contexts, choice) = self.step_contexts(axis, starts, &places, unit);
        let step = self.engine.number(coder, STEP + axis, step, &contexts, choice);
        coded.place = from.wrapping_add(step).wrapping_mul(unit);
        let first = if axis > 0 { known[0].error as i64 } else { 0 };
        coded.error = self.error(coder, axis, number.error, coded.place, first);
        coded
    }

    /// Codes how far the digits are from the place, where a lattice lets them be.
    pub(super) fn error<C: Coder>(&mut self, coder: &mut C, axis: usize, error: i32, place: i64, first: i64) -> i32 {
        let notation = self.notations[axis];
        if notation.bits == 0 || notation.printer == Printer::Shortest {
            return 0;
        }
        let mut contexts = self.plain(axis as i64, self.last(axis).error as i64);
        contexts[2] = hash(&[axis as i64, first]);
        contexts[3] = hash(&[axis as i64, place & 7]);
        contexts[4] = hash(&[axis as i64, place >> (notation.bits - notation.shift).saturating_sub(3)]);
        self.engine.number(coder, ERROR + axis, error as i64, &contexts, 0) as i32
    }
}

fn divide(value: i64, unit: i64) -> i64 {
    if unit == 1 { value } else { (value as i128 + unit as i128 / 2).div_euclid(unit as i128) as i64 }
}
