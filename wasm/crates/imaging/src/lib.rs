//! The image model: planes of 8 to 16 bits. `docs/format/images.md` is its specification.

mod bias;
mod colours;
mod curve;
mod errors;
mod exact;
mod holes;
mod layout;
mod neighbours;
mod numbers;
mod ols;
mod path;
mod phases;
mod plane;
mod predict;
mod quick;
mod recall;
mod repeats;
mod residual;
mod scales;
mod slot;
mod tokens;
mod trial;
mod values;

pub use layout::Layout;

use abi::{Fault, Model};
use coding::arithmetic::{Coder, Decoder, Encoder};
use neighbours::References;
use numbers::Numbers;
use phases::Phases;
use plane::Plane;
use predict::{code_plane, Learned, Mask};
use std::collections::VecDeque;
use trial::Way;

pub struct Image;

/// How hard the encoder tried; the first byte of a payload.
#[derive(Clone, Copy, PartialEq)]
enum Effort {
    /// One plain prediction and static statistics.
    Fast = 0,
    /// A blend of predictions and static statistics.
    Balanced = 1,
    /// Everything.
    Max = 2,
    /// Mixed contexts without least squares: what level balanced gives to graphics.
    Graphic = 3,
    /// Everything, and histories behind the same neighbours: what level max gives to images of few values.
    Exact = 5,
}

impl Effort {
    fn of(byte: u8) -> Option<Effort> {
        [Effort::Fast, Effort::Balanced, Effort::Max, Effort::Graphic, Effort::Exact].into_iter().find(|&effort| effort as u8 == byte)
    }

    fn is_quick(self) -> bool {
        matches!(self, Effort::Fast | Effort::Balanced)
    }
}

/// Planes before the one numbered `plane` that may help to predict it; `done` ends with the one just before.
fn references<'a>(layout: &Layout, plane: usize, done: &'a VecDeque<Plane>) -> References<'a> {
    let (words, channels) = (layout.words(), layout.channels);
    let channel = plane / words % channels;
    let before = |distance: usize| done.len().checked_sub(distance).map(|at| &done[at]);
    let frame = channels * words;
    match (plane % words, channel) {
        (0, 0) => References { first: before(frame), second: before(2 * frame) },
        (0, 1) => References { first: before(words), second: before(frame) },
        (0, _) => References { first: before(words), second: before(2 * words) },
        _ => References { first: before(1), second: None },
    }
}

/// Codes all planes: `source` fills in rows of an encoder's ranks, `result` receives a plane when it is complete.
fn code<B: Coder, const D: usize, const R: usize, const P: usize, const H: usize, const I: usize>(
    bits: &mut B,
    layout: &Layout,
    values: &Numbers,
    phases: Phases,
    mut source: impl FnMut(usize, usize, &mut [i32]),
    mut result: impl FnMut(usize, &Plane),
) {
    let words = layout.words();
    let tops = values.words.iter().map(|values| values.top);
    let mut learned: Vec<_> = tops.map(|top| Learned::<D, R, P, H, I>::new(layout, top, phases)).collect();
    // References are at most two frames away.
    let most = 2 * words * layout.channels;
    let mut done: VecDeque<Plane> = VecDeque::with_capacity(most + 1);
    for at in 0..layout.planes() {
        let word = at % words;
        let mut plane = Plane::new(layout.width, layout.height, (values.words[word].top / 2) as u16);
        let mask = match (values.words[0].hole, word) {
            (Some(_), 0) => Mask::Coded,
            (Some(_), _) if values.follows(word) => Mask::As(&done[done.len() - word]),
            _ => Mask::Nowhere,
        };
        let rows = |y, row: &mut [i32]| source(at, y, row);
        code_plane(bits, &mut learned[word], &mut plane, rows, &references(layout, at, &done), mask);
        result(at, &plane);
        done.push_back(plane);
        if done.len() > most {
            done.pop_front();
        }
    }
}

fn code_with<B: Coder>(
    way: Way,
    bits: &mut B,
    layout: &Layout,
    values: &Numbers,
    source: impl FnMut(usize, usize, &mut [i32]),
    result: impl FnMut(usize, &Plane),
) {
    let phases = way.phases;
    match way.effort {
        Effort::Max => code::<B, 18, 6, 3, 0, 32>(bits, layout, values, phases, source, result),
        Effort::Exact => code::<B, 18, 7, 3, 11, 40>(bits, layout, values, phases, source, result),
        _ => code::<B, 5, 2, 0, 0, 8>(bits, layout, values, phases, source, result),
    }
}

/// Whether values are more telling than differences: where neighbours are mostly equal or have little to do with each
/// other. Looks at the first plane.
fn is_graphic(layout: &Layout, input: &[u8]) -> bool {
    let area = layout.area();
    let mut sum = 0;
    layout.take(input, 0, |number| sum += number as u64);
    let mean = sum / area as u64;
    let (mut equal, mut steps, mut spread) = (0, 0, 0);
    let mut before = None;
    layout.take(input, 0, |number| {
        if let Some(before) = before.replace(number) {
            equal += (before == number) as usize;
            steps += before.abs_diff(number) as u64;
            spread += mean.abs_diff(before as u64);
        }
    });
    layout.words() == 1 && 2 * equal > area || layout.bytes == 1 && 2 * steps > spread
}

impl Model for Image {
    /// The parameters have one byte more than those of `decode`: the effort.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (&effort, params) = params.split_last().ok_or(Fault::Unsupported)?;
        let layout = Layout::read(params)?;
        let effort = Effort::of(effort).ok_or(Fault::Unsupported)?;
        if input.len() != layout.byte_length() {
            return Err(Fault::Unsupported);
        }
        let mut out = vec![LISTED];
        match if effort == Effort::Fast { None } else { colours::take(&layout, input, &mut out) } {
            Some(numbers) => encode_samples(&colours::inner(&layout)?, &numbers, effort, &mut out),
            None => {
                out.clear();
                encode_samples(&layout, input, effort, &mut out);
            }
        }
        Ok(out)
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let layout = Layout::read(params)?;
        if length != layout.byte_length() {
            return Err(Fault::Damaged);
        }
        if payload.first() != Some(&LISTED) {
            return decode_samples(&layout, payload);
        }
        let mut at = 1;
        let colours = colours::read(payload, &mut at).ok_or(Fault::Damaged)?;
        let numbers = decode_samples(&colours::inner(&layout)?, &payload[at..])?;
        colours::put(&layout, &colours, &numbers)
    }
}

/// What stands in the place of an effort before a list of colours.
const LISTED: u8 = 4;

fn encode_samples(layout: &Layout, input: &[u8], wanted: Effort, out: &mut Vec<u8>) {
    let effort = if wanted == Effort::Balanced && is_graphic(layout, input) { Effort::Graphic } else { wanted };
    let values = Numbers::of(layout, input, !effort.is_quick());
    let way = match effort {
        Effort::Max => trial::choose(layout, input, &values),
        _ => Way { effort, phases: Phases::NONE },
    };
    out.push(way.effort as u8);
    values.write(out);
    if effort.is_quick() {
        quick::encode(layout, &values, effort == Effort::Balanced, |plane| plane_of(layout, input, &values, plane), out);
    } else {
        *out = encode_mixed(layout, input, &values, way, std::mem::take(out));
    }
}

/// Appends the phases and what the coder makes of the samples.
fn encode_mixed(layout: &Layout, input: &[u8], values: &Numbers, way: Way, mut out: Vec<u8>) -> Vec<u8> {
    out.push(way.phases.byte());
    let mut encoder = Encoder::new(out);
    let source = |plane, y, row: &mut [i32]| ranks_of(layout, input, values, plane, y, row);
    code_with(way, &mut encoder, layout, values, source, |_, _| ());
    encoder.finish()
}

/// The ranks of a plane without holes.
fn plane_of(layout: &Layout, input: &[u8], values: &Numbers, plane: usize) -> Vec<u16> {
    let inverse = &values.inverses[plane % layout.words()];
    let mut ranks = Vec::with_capacity(layout.area());
    layout.take(input, plane, |number| ranks.push(inverse[number as usize] as u16));
    ranks
}

/// The ranks of a row of a plane.
fn ranks_of(layout: &Layout, input: &[u8], values: &Numbers, plane: usize, y: usize, row: &mut [i32]) {
    let inverse = &values.inverses[plane % layout.words()];
    let mut ranks = row.iter_mut();
    layout.take_some(input, plane, y * layout.width..(y + 1) * layout.width, |number| {
        if let Some(rank) = ranks.next() {
            *rank = inverse[number as usize];
        }
    });
}

fn decode_samples(layout: &Layout, payload: &[u8]) -> Result<Vec<u8>, Fault> {
    let (&effort, payload) = payload.split_first().ok_or(Fault::Damaged)?;
    let effort = Effort::of(effort).ok_or(Fault::Damaged)?;
    let mut at = 0;
    let values = Numbers::read(layout, payload, &mut at).ok_or(Fault::Damaged)?;
    let mut output = vec![0; layout.byte_length()];
    let put = |at: usize, plane: &Plane| {
        let word = at % layout.words();
        let mut samples = plane.all();
        layout.put(&mut output, at, || match samples.next() {
            Some((_, true)) => values.hole(word),
            Some((rank, false)) => values.words[word].number(rank as i32),
            None => 0,
        });
    };
    if effort.is_quick() {
        quick::decode(layout, &values, effort == Effort::Balanced, &payload[at..], put).ok_or(Fault::Damaged)?;
        return Ok(output);
    }
    let phases = payload.get(at).and_then(|&byte| Phases::read(byte)).ok_or(Fault::Damaged)?;
    let mut decoder = Decoder::new(&payload[at + 1..]);
    code_with(Way { effort, phases }, &mut decoder, layout, &values, |_, _, _| (), put);
    if decoder.is_at_end() && !decoder.is_lost() { Ok(output) } else { Err(Fault::Damaged) }
}
