//! What a payload begins with.

use crate::layout::Layout;
use crate::point::{Clock, Lattice, MAX_DECIMALS, MAX_STEP};
use crate::walk::Plan;

/// How much is tried to predict each point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Effort {
    Low,
    High,
    /// By predictors of LASzip, without mixing.
    Quick,
}

impl Effort {
    pub fn from_byte(byte: u8) -> Option<Effort> {
        [Effort::Low, Effort::High, Effort::Quick].get(byte as usize).copied()
    }
}

pub struct Header<'a> {
    pub effort: Effort,
    pub lattice: Lattice,
    pub plan: Plan,
    /// The first record, which is also the origin of the lattice.
    pub first: &'a [u8],
}

const ORDERS: [[usize; 3]; 4] = [[2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 2, 0]];
const MAX_SHIFT: u8 = 30;
/// In the place of the decimals of a clock.
const BITS: u8 = 255;
const FIXED_BYTES: usize = 5;

impl Header<'_> {
    pub fn to_bytes(&self) -> Vec<u8> {
        let Header { lattice, plan, .. } = self;
        let order = ORDERS.iter().position(|order| *order == plan.order).unwrap_or(0) as u8;
        let clock = match lattice.clock {
            Clock::Bits => BITS,
            Clock::Decimals(places) => places,
        };
        let origins = (0..3).fold(0, |mask, axis| mask | ((lattice.origin[axis] != 0) as u8) << axis);
        let mut bytes = vec![self.effort as u8, order, plan.shift as u8, clock, origins];
        let steps = lattice.step.map(|step| step as u64);
        for number in steps.into_iter().chain([lattice.intensity as u64, lattice.colour as u64, lattice.time_step]) {
            put_varint(&mut bytes, number);
        }
        put_varint(&mut bytes, plan.constant as u64);
        bytes.extend_from_slice(self.first);
        bytes
    }

    /// The header and what follows it.
    pub fn parse<'a>(payload: &'a [u8], layout: &Layout) -> Option<(Header<'a>, &'a [u8])> {
        let (fixed, mut rest) = payload.split_at_checked(FIXED_BYTES)?;
        let [effort, order, shift, clock, origins] = *fixed else { return None };
        let mut step = [0; 3];
        for step in &mut step {
            *step = varint(&mut rest, MAX_STEP as u64)? as u32;
        }
        let intensity = varint(&mut rest, u16::MAX as u64)? as u16;
        let colour = varint(&mut rest, u16::MAX as u64)? as u16;
        let time_step = varint(&mut rest, i64::MAX as u64)?;
        let constant = varint(&mut rest, u32::MAX as u64)? as u32;
        let (first, coded) = rest.split_at_checked(layout.record_bytes)?;
        let clock = match clock {
            BITS => Clock::Bits,
            places if places <= MAX_DECIMALS => Clock::Decimals(places),
            _ => return None,
        };
        if step.contains(&0) || intensity == 0 || colour == 0 || time_step == 0 || shift > MAX_SHIFT || origins > 7 {
            return None;
        }
        let origin = Lattice::corner(first, |axis| origins >> axis & 1 != 0);
        let time_origin = clock.origin(first, layout)?;
        let lattice = Lattice { origin, step, intensity, colour, clock, time_origin, time_step };
        let plan = Plan { order: *ORDERS.get(order as usize)?, shift: shift as u32, constant };
        Some((Header { effort: Effort::from_byte(effort)?, lattice, plan, first }, coded))
    }
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// LEB128, at most `limit`.
fn varint(bytes: &mut &[u8], limit: u64) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= ((byte & 127) as u64) << shift;
        if byte < 128 {
            return (number <= limit).then_some(number);
        }
    }
    None
}
