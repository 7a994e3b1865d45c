//! Texts and numbers, byte by byte.

use abi::Fault;
use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use super::fields::*;
use super::row::Left;

/// Where a content stands, and what is near.
pub struct Place<'a> {
    pub index: usize,
    /// The most bytes that there may be.
    pub width: usize,
    pub left: Left,
    /// Lengths of the last whole parts and decimals, or of the last text.
    pub lengths: &'a mut [i32; 3],
    /// The content above.
    pub above: &'a [u8],
}

#[derive(Default)]
pub struct Texts {
    /// The last bytes of texts of any field, latest lowest.
    recent: u32,
}

impl Texts {
    pub fn text<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: &[u8], mut place: Place,
    ) -> Result<Vec<u8>, Fault> {
        let f = place.index as i32;
        let length = self.length(engine, coder, LENGTH, given.len(), &mut place, 0)?;
        let mut text = Vec::with_capacity(length);
        let mut front = hash(&[f]) as i32;
        self.recent = 0;
        for at in 0..length {
            let above = place.above.get(at).map_or(-1, |&byte| byte as i32);
            let (r, p) = (self.recent as i32, at as i32);
            let contexts = fill([
                hash(&[f, front]),
                hash(&[f, r & 0xffff]),
                hash(&[f, p, above, r & 0xff]),
                hash(&[r]),
                hash(&[f, front, place.left.hashes[0]]),
                hash(&[r & 0xffffff]),
                hash(&[f, p, length as i32, r & 0xff]),
            ]);
            let byte = engine.symbol(coder, TEXT, given.get(at).copied().unwrap_or(0), &contexts, place.index);
            text.push(byte);
            front = hash(&[front, byte as i32]) as i32;
            self.recent = self.recent << 8 | byte as u32;
        }
        Ok(text)
    }

    /// Digits, after a minus or not, and with a point among them or not.
    pub fn number<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: &[u8], mut place: Place,
    ) -> Result<Vec<u8>, Fault> {
        let point = given.iter().position(|&byte| byte == b'.');
        let given_whole = point.unwrap_or(given.len());
        let whole = self.length(engine, coder, WHOLE, given_whole, &mut place, 0)?;
        // No point, or so many digits less 1 behind it.
        let given_decimals = point.map_or(0, |point| given.len() - point);
        let decimals = self.length(engine, coder, DECIMALS, given_decimals, &mut place, 1)?;
        if whole + decimals > place.width {
            return Err(Fault::Damaged);
        }
        let above_point = place.above.iter().position(|&byte| byte == b'.').unwrap_or(place.above.len());
        let f = place.index as i32;
        let left = place.left;
        let mut text = Vec::with_capacity(whole + decimals);
        let mut front = hash(&[f, whole as i32]) as i32;
        let mut alike = true;
        for at in 0..whole + decimals {
            let above = (above_point + at).checked_sub(whole).and_then(|at| place.above.get(at)).map_or(-1, |&byte| byte as i32);
            if at == whole {
                text.push(b'.');
                alike &= above == b'.' as i32;
                continue;
            }
            let n = at as i32 - whole as i32;
            let back = |count: usize| if at >= count { text[at - count] as i32 } else { -1 };
            let end = (whole + decimals - at).min(3) as i32;
            let contexts = fill([
                hash(&[f, front]),
                hash(&[f, n, above, alike as i32]),
                hash(&[f, n, back(1)]),
                hash(&[f, n, back(1), above, alike as i32]),
                hash(&[f, front, left.hashes[0]]),
                hash(&[f, n, back(1), back(2)]),
                hash(&[f, n, left.length, end]),
            ]);
            let byte = engine.symbol(coder, DIGITS, given.get(at).copied().unwrap_or(0), &contexts, place.index);
            alike &= byte as i32 == above;
            text.push(byte);
            front = hash(&[front, byte as i32]) as i32;
        }
        Ok(text)
    }

    /// A length of at most the field's width; `which` tells apart those of one content.
    fn length<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, field: usize, given: usize, place: &mut Place, which: usize,
    ) -> Result<usize, Fault> {
        let f = place.index as i32;
        let [l0, l1, l2] = *place.lengths;
        let last = if which == 0 { l0 } else { l1 };
        let contexts = fill([
            hash(&[f, last]),
            hash(&[f]),
            hash(&[f, place.left.length]),
            hash(&[f, l0, l1, l2]),
            hash(&[f, place.left.hashes[0]]),
            hash(&[f, last, place.left.length]),
            hash(&[f, place.left.length, place.left.lengths]),
        ]);
        let short = engine.symbol(coder, field, given.min(LONG) as u8, &contexts, place.index) as usize;
        let more = if short < LONG { 0 } else { engine.number(coder, field, (given - LONG.min(given)) as i64, &contexts, 0) };
        let length = usize::try_from(more).ok().map(|more| short + more).filter(|&length| length <= place.width);
        let length = length.ok_or(Fault::Damaged)?;
        place.lengths[which] = length as i32;
        if which == 0 {
            place.lengths[2] = l0;
        }
        Ok(length)
    }
}

/// Lengths from here on are told by a number.
const LONG: usize = 255;
