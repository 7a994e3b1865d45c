//! The image model: planes of 8 to 16 bits. `docs/format/models.md` ("image") is its specification.

mod curve;
mod io;
mod layout;
mod ols;
mod plane;
mod predict;
mod residual;
mod values;

pub use layout::Layout;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use io::Bits;
use plane::Plane;
use predict::{code_plane, Learned, References};
use values::Values;

pub struct Image;

/// How hard the encoder tried; the first byte of a payload.
#[derive(Clone, Copy)]
enum Effort {
    Fast = 0,
    Balanced = 1,
    Max = 2,
}

impl Effort {
    fn of(byte: u8) -> Result<Effort, Fault> {
        match byte {
            0 => Ok(Effort::Fast),
            1 => Ok(Effort::Balanced),
            2 => Ok(Effort::Max),
            _ => Err(Fault::Damaged),
        }
    }
}

/// Planes before a plane that may help to predict it.
fn references<'a>(layout: &Layout, done: &'a [Plane]) -> References<'a> {
    let (plane, channels) = (done.len(), layout.channels);
    let channel = plane % channels;
    let before = |distance: usize| plane.checked_sub(distance).map(|at| &done[at]);
    match channel {
        0 => References { first: before(channels), second: before(2 * channels) },
        1 => References { first: before(1), second: before(channels) },
        _ => References { first: before(1), second: before(2) },
    }
}

/// Codes all planes: `source` gives an encoder's samples, `result` receives a plane when it is complete.
fn code<B: Bits, const D: usize, const R: usize, const P: usize, const I: usize>(
    bits: &mut B,
    layout: &Layout,
    top: i32,
    mut source: impl FnMut(usize) -> Option<Vec<i32>>,
    mut result: impl FnMut(usize, &Plane),
) {
    let mut learned = Learned::<D, R, P, I>::new(layout.width * layout.height * layout.planes(), top);
    let mut done: Vec<Plane> = Vec::new();
    for at in 0..layout.planes() {
        let mut plane = Plane::new(layout.width, layout.height, top / 2);
        let given = source(at);
        code_plane(bits, &mut learned, &mut plane, given.as_deref(), &references(layout, &done));
        result(at, &plane);
        done.push(plane);
    }
}

fn code_with<B: Bits>(
    effort: Effort,
    bits: &mut B,
    layout: &Layout,
    top: i32,
    source: impl FnMut(usize) -> Option<Vec<i32>>,
    result: impl FnMut(usize, &Plane),
) {
    match effort {
        Effort::Fast => code::<B, 4, 2, 1, 8>(bits, layout, top, source, result),
        Effort::Balanced => code::<B, 4, 2, 1, 8>(bits, layout, top, source, result),
        Effort::Max => code::<B, 14, 6, 3, 24>(bits, layout, top, source, result),
    }
}

impl Model for Image {
    /// The parameters have one byte more than those of `decode`: the effort.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (&effort, params) = params.split_last().ok_or(Fault::Unsupported)?;
        let layout = Layout::read(params)?;
        if input.len() != layout.byte_length() {
            return Err(Fault::Unsupported);
        }
        let values = Values::of(&layout, input);
        let mut head = vec![effort];
        values.write(&mut head);
        let inverse = values.inverse();
        let mut encoder = Encoder::new(head);
        let source = |at| {
            let mut samples = Vec::with_capacity(layout.width * layout.height);
            layout.take(input, at, |value| samples.push(inverse[value as usize] as i32));
            Some(samples)
        };
        code_with(Effort::of(effort)?, &mut encoder, &layout, values.top, source, |_, _| ());
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let layout = Layout::read(params)?;
        let (&effort, payload) = payload.split_first().ok_or(Fault::Damaged)?;
        if length != layout.byte_length() {
            return Err(Fault::Damaged);
        }
        let (values, at) = Values::read(payload).ok_or(Fault::Damaged)?;
        let mut decoder = Decoder::new(&payload[at..]);
        let mut output = vec![0; length];
        code_with(Effort::of(effort)?, &mut decoder, &layout, values.top, |_| None, |at, plane| {
            let mut samples = plane.rows().flatten();
            layout.put(&mut output, at, || samples.next().map_or(0, |&sample| values.value(sample)));
        });
        if decoder.is_at_end() && !decoder.is_lost() { Ok(output) } else { Err(Fault::Damaged) }
    }
}
