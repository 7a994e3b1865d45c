//! From element to element, keeping what the next one is predicted by.

use crate::engine::{Engine, Surroundings, TOP_BITS};
use crate::layout::Element;
use crate::mirror::Mirror;
use crate::traits::{Kind, Traits};
use coding::arithmetic::{Coder, Decoder, Encoder};
use std::ops::Range;

pub fn encode(element: Element, traits: &[Traits], values: &[u64], encoder: &mut Encoder) {
    let mut engine = Engine::new(element.bits());
    let mut rest = values;
    for tensor in traits {
        let (own, others) = rest.split_at(tensor.count);
        rest = others;
        let mut next = own.iter().copied();
        code(element, tensor, &mut engine, encoder, || next.next().unwrap_or(0), |_| ());
    }
}

/// All elements; `None`: damaged.
pub fn decode(element: Element, traits: &[Traits], count: usize, decoder: &mut Decoder) -> Option<Vec<u64>> {
    let mut engine = Engine::new(element.bits());
    let mut values = Vec::with_capacity(count);
    for tensor in traits {
        if let Kind::Copy { from } = tensor.kind {
            values.extend_from_within(from..from + tensor.count);
        } else if !code(element, tensor, &mut engine, decoder, || 0, |value| values.push(value)) {
            return None;
        }
    }
    Some(values)
}

/// Elements after which a decoder looks whether it has run out of payload.
const LOOK_EVERY: usize = 4096;

/// Codes a tensor, unless it is a copy. False: the payload ended before it.
fn code<B: Coder>(
    element: Element,
    tensor: &Traits,
    engine: &mut Engine,
    coder: &mut B,
    mut next: impl FnMut() -> u64,
    mut done: impl FnMut(u64),
) -> bool {
    let Kind::Own { lag, repeats, mirrored, zeros } = tensor.kind else { return true };
    let mut around = Around::new(lag);
    let sign = element.sign_bits();
    let mut mirror = Mirror::new(sign);
    for index in 0..tensor.count {
        let value = next();
        let again = if mirrored { mirror.code(coder, &mut engine.echoes, value) } else { None };
        let value = again.unwrap_or_else(|| {
            let top = engine.top(coder, value, &around.look());
            let zeros = sign..sign + zeros;
            if repeats {
                engine.rest(coder, value, top, zeros)
            } else {
                plain(element, coder, value, top, zeros)
            }
        });
        around.add(element.top(value, TOP_BITS));
        if mirrored {
            mirror.add(value);
        }
        done(value);
        if index % LOOK_EVERY == LOOK_EVERY - 1 && coder.is_lost() {
            return false;
        }
    }
    !coder.is_lost()
}

/// The bits below the highest as they are, but for those that are always 0.
fn plain<B: Coder>(element: Element, coder: &mut B, value: u64, top: u64, zeros: Range<u32>) -> u64 {
    let below = element.bits() - element.bits().min(TOP_BITS);
    (0..below).rev().fold(top, |found, place| {
        let bit = if zeros.contains(&place) { 0 } else { coder.code((value >> place) as u32 & 1, 1 << 15) };
        found << 1 | bit as u64
    })
}

/// Fractional bits of means.
const FRACTION: u32 = 4;
/// Rows after which the mean of a column follows at a fixed rate.
const ROWS: i32 = 16;

/// What stands around the next element: highest bits, and means of such.
struct Around {
    /// Whether there is a row above.
    has_rows: bool,
    last: [u32; 2],
    near: u32,
    far: u32,
    above: Vec<u32>,
    columns: Vec<u32>,
    column: usize,
    rows: i32,
}

impl Around {
    fn new(lag: usize) -> Self {
        let zeros = vec![0; lag.max(1)];
        let means = zeros.clone();
        Around {
            has_rows: lag > 0,
            last: [0; 2],
            near: 0,
            far: 0,
            above: zeros,
            columns: means,
            column: 0,
            rows: 0,
        }
    }

    fn look(&self) -> Surroundings {
        let known = self.has_rows && self.rows > 0;
        Surroundings {
            last: self.last,
            above: if known { self.above[self.column] } else { self.near >> FRACTION },
            near: self.near >> FRACTION,
            far: self.far >> FRACTION,
            column: if known { self.columns[self.column] } else { self.far } >> FRACTION,
        }
    }

    fn add(&mut self, top: u32) {
        let wide = top << FRACTION;
        if self.rows == 0 && self.column == 0 {
            (self.near, self.far) = (wide, wide);
        }
        self.last = [top, self.last[0]];
        self.near = moved(self.near, wide, 4);
        self.far = moved(self.far, wide, 32);
        self.above[self.column] = top;
        self.columns[self.column] = moved(self.columns[self.column], wide, (self.rows + 1).min(ROWS));
        self.column += 1;
        if self.column == self.columns.len() {
            self.column = 0;
            self.rows += 1;
        }
    }
}

fn moved(mean: u32, towards: u32, by: i32) -> u32 {
    (mean as i32 + (towards as i32 - mean as i32) / by) as u32
}
