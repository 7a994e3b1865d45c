//! Numbers of one axis: their step on the lattice is told by the caller, what lies beside it is coded here.

use crate::fields::*;
use crate::lattice::{ordered, unordered, Lattice, Place};
use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use numbers::quantise::{clip, fine};

/// Further from the lattice than this, a number is coded by its zeros at the end and what is left.
const MOST_SLIPS: i64 = 63;
/// Stands for the end of 0, which has nothing but zeros.
const ALL_ZEROS: u32 = 63;
const ON: u8 = 0;
const SLIPPED: u8 = 1;
const OFF: u8 = 2;
const ODD: u8 = 3;
const KNOWN: u8 = 4;
const SLOT_BITS: u32 = 16;

#[derive(Clone)]
pub struct Axis {
    pub lattice: Lattice,
    /// Whether every number lies on the lattice.
    pub exact: bool,
    classes: i32,
    rests: [i64; 2],
    slips: [i32; 2],
    /// The exponents of the lowest bits of the last numbers between steps.
    lowest: [i32; 2],
    odd: u64,
    /// The last number at a step, which it comes with, found by a hash of that.
    known: Vec<(i64, u64)>,
}

impl Axis {
    pub fn new(lattice: Lattice, exact: bool) -> Self {
        let known = vec![(0, 0); if exact { 0 } else { 1 << SLOT_BITS }];
        Axis { lattice, exact, classes: 0, rests: [0; 2], slips: [0; 2], lowest: [0; 2], odd: 0, known }
    }

    /// The place of a number, if it has one from which [`Axis::rest`] can find it.
    pub fn place(&self, bits: u64) -> Option<Place> {
        self.lattice.place(f64::from_bits(bits)).filter(|_| bits != 1 << 63)
    }

    /// Whether a number is one of the lattice itself.
    pub fn has(&self, bits: u64) -> bool {
        self.place(bits).is_some_and(|place| self.lattice.value(place).to_bits() == bits)
    }

    /// Codes a number whose `step` is known, and gives it. `place` is the encoder's; `field` the axis; `other` what the
    /// other axis was like.
    pub fn rest<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, given: u64, place: Option<Place>, step: i64, other: i32,
    ) -> u64 {
        let place = place.unwrap_or(Place { step, rest: 0 });
        let rest = if self.lattice.fractions > 0 { self.beside(engine, coder, field, place.rest, step) } else { 0 };
        let near = self.lattice.value(Place { step, rest });
        if self.exact {
            return near.to_bits();
        }
        let slot = (step.wrapping_add(1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOT_BITS);
        let known = Some(self.known[slot as usize]).filter(|&(at, bits)| at == step && bits != 0).map(|(_, bits)| bits);
        let bits = self.beyond(engine, coder, field, given, near.to_bits(), known, step, other);
        self.known[slot as usize] = (step, bits);
        bits
    }

    /// A number that may lie anywhere; `known`: the last one at the same step, `near`: that of the lattice.
    #[allow(clippy::too_many_arguments)]
    fn beyond<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, given: u64, near: u64, known: Option<u64>, step: i64, other: i32,
    ) -> u64 {
        // A lattice has no -0, and what is no number has no place.
        let near = ordered(near);
        let off = ordered(given).wrapping_sub(near);
        let class = match self.place(given) {
            None => ODD,
            Some(_) if off == 0 => ON,
            Some(_) if known == Some(given) => KNOWN,
            Some(_) if off.abs() <= MOST_SLIPS => SLIPPED,
            Some(_) => OFF,
        };
        let c = self.classes;
        let met = known.is_some() as i32;
        let contexts = fill([
            hash(&[c & 15, met, other >> 8]),
            hash(&[c & 0xff, met, other]),
            hash(&[step as i32, (step >> 32) as i32]),
            hash(&[c & 0xffff, met]),
            hash(&[c & 15, met, self.slips[0], self.slips[1]]),
            hash(&[other, c & 0xfff, met]),
            hash(&[met, c & 0xf]),
        ]);
        let class = engine.nibble(coder, CLASS + field, class, &contexts, 0, c as usize & 15 | (met as usize) << 4, 0);
        self.classes = c << 4 | class as i32;
        match (class, known) {
            (ON, _) => unordered(near),
            (SLIPPED, _) => self.slip(engine, coder, field, off, near, step),
            (OFF, _) => self.between(engine, coder, field, ordered(given), near, other),
            (KNOWN, Some(bits)) => bits,
            _ => self.odd(engine, coder, given),
        }
    }

    /// What the last number was like, for the other axis.
    pub fn state(&self) -> i32 {
        (self.classes & 15) << 8 | (self.lowest[0] & 255)
    }

    fn beside<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, rest: i64, step: i64,
    ) -> i64 {
        let shorter = self.lattice.shorter(step);
        let [last, older] = self.rests.map(|rest| clip(rest, 1000));
        let short = clip(shorter, 1000);
        let contexts = fill([
            hash(&[short, last.signum(), older.signum()]),
            hash(&[short, last]),
            hash(&[short]),
            hash(&[step as i32]),
            hash(&[last, older, short.signum()]),
            hash(&[last.signum(), older.signum()]),
            0,
        ]);
        let rest = engine.number(coder, REST + field, rest, &contexts, 0);
        // What only shortening explains says nothing of the next number.
        self.rests = [if rest == shorter { -rest.signum() } else { rest }, self.rests[0]];
        rest
    }

    fn slip<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, off: i64, near: i64, step: i64,
    ) -> u64 {
        let [last, older] = self.slips;
        let contexts = fill([
            hash(&[last]),
            hash(&[last, older]),
            hash(&[step as i32, (step >> 32) as i32]),
            hash(&[(near >> 52) as i32, last]),
            hash(&[(near >> 52) as i32]),
            0,
            0,
        ]);
        let off = engine.number(coder, SLIP + field, off, &contexts, 0);
        self.slips = [clip(off, 99), last];
        unordered(near.wrapping_add(off))
    }

    /// A number far from any step: how many zeros it ends with, then what is above them.
    fn between<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, given: i64, near: i64, other: i32,
    ) -> u64 {
        let exponent = (near.unsigned_abs() >> 52) as i32;
        let [last, older] = self.lowest;
        let contexts = fill([
            hash(&[exponent, last]),
            hash(&[exponent, other]),
            hash(&[exponent]),
            hash(&[exponent, last, older]),
            hash(&[exponent - last]),
            hash(&[exponent, last, other]),
            hash(&[last, older, other]),
        ]);
        let zeros = (given.trailing_zeros()).min(ALL_ZEROS) as u8;
        let zeros = engine.symbol(coder, ZEROS + field, zeros, &contexts, 0) as u32;
        if zeros >= ALL_ZEROS {
            return 0;
        }
        self.lowest = [exponent + zeros as i32, last];
        let base = near >> zeros;
        // The lowest bit is known to be 1.
        let parity = !base & 1;
        let low = (given >> zeros).wrapping_sub(base).wrapping_sub(parity) >> 1;
        let place = hash(&[exponent, zeros as i32]);
        let contexts = fill([place, hash(&[zeros as i32]), hash(&[exponent]), 0, 0, 0, 0]);
        let low = engine.number(coder, LOW + field, low, &contexts, zeros as usize);
        unordered(base.wrapping_add(low << 1).wrapping_add(parity) << zeros)
    }

    /// Any bits at all.
    fn odd<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: u64,
    ) -> u64 {
        let mut bits = 0u64;
        for byte in (0..8).rev() {
            let shift = 8 * byte;
            let expected = (self.odd >> shift) as u8 as i32;
            let same = (bits >> shift) >> 8 == (self.odd >> shift) >> 8;
            let contexts = fill([
                hash(&[byte, expected, same as i32]),
                hash(&[byte, (bits >> shift >> 8) as u8 as i32]),
                hash(&[byte]),
                hash(&[fine((bits >> shift) as i64), byte]),
                0,
                0,
                0,
            ]);
            bits |= (engine.symbol(coder, BYTES, (given >> shift) as u8, &contexts, 32 + byte as usize) as u64) << shift;
        }
        self.odd = bits;
        bits
    }
}
