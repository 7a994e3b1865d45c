//! All runs of a text, one after the other, through the walks of their dimensions.

use crate::header::Header;
use crate::notation::Notation;
use crate::plane;
use crate::projection::Choice;
use crate::skeleton::{put_together, Numbers, Parts, Span, DIMENSIONS};
use crate::survey;
use crate::walk::{Given, Walk};
use coding::arithmetic::{Decoder, Encoder};

/// Bytes that an encoder leaves for the decoder to imagine.
const IMAGINED_BYTES: usize = 4;

/// How many positions have two and how many three dimensions.
pub fn counts(parts: &Parts) -> [usize; 2] {
    DIMENSIONS
        .map(|dimensions| parts.runs.iter().filter(|run| run.dimensions == dimensions).map(|run| run.count).sum())
        .collect::<Vec<usize>>()
        .try_into()
        .expect("one for each number of dimensions")
}

/// The notations of all axes.
pub fn survey(text: &[u8], parts: &Parts) -> [Vec<Notation>; 2] {
    let mut axes: [Vec<Vec<&[u8]>>; 2] = [vec![Vec::new(); 2], vec![Vec::new(); 3]];
    let mut spans = parts.spans.iter();
    for run in &parts.runs {
        for _ in 0..run.count {
            for axis in &mut axes[run.dimensions - 2] {
                axis.extend(spans.next().map(|span| span.of(text)));
            }
        }
    }
    axes.map(|axes| match axes[0].is_empty() {
        true => Vec::new(),
        false => axes.iter().map(|texts| survey::survey(texts)).collect(),
    })
}

/// The planes that the positions come from, as a part of them tells.
pub fn projections(text: &[u8], parts: &Parts, notations: &[Vec<Notation>; 2]) -> [Option<Choice>; 2] {
    let mut positions = [Vec::new(), Vec::new()];
    let mut scratch = Vec::new();
    let all: usize = parts.runs.iter().map(|run| run.count).sum();
    let step = all.div_ceil(MOST_LOOKED_AT).max(1);
    let (mut spans, mut at) = (&parts.spans[..], 0);
    for run in &parts.runs {
        for _ in 0..run.count {
            let (position, rest) = spans.split_at(run.dimensions);
            spans = rest;
            at += 1;
            if at % step == 0 {
                let numbers = given(text, position, &notations[run.dimensions - 2], &mut scratch).numbers;
                if let [Some(first), Some(second), _] = numbers {
                    positions[run.dimensions - 2].push([first, second]);
                }
            }
        }
    }
    [0, 1].map(|group| plane::choose(&notations[group], &positions[group]))
}

/// How many positions are looked at for what plane they come from.
const MOST_LOOKED_AT: usize = 2000;

fn walks(header: &Header) -> [Option<Walk>; 2] {
    [0, 1].map(|group| {
        let (count, notations) = (header.counts[group], &header.notations[group]);
        (count > 0).then(|| Walk::new(notations.clone(), header.projections[group], count))
    })
}

/// Appends the coded positions to the payload.
pub fn encode(text: &[u8], parts: &Parts, header: &Header, payload: Vec<u8>) -> Vec<u8> {
    let mut encoder = Encoder::new(payload);
    let mut walks = walks(header);
    let mut spans = &parts.spans[..];
    let (mut digits, mut scratch, mut ends) = (Vec::new(), Vec::new(), [0; 3]);
    for run in &parts.runs {
        let notations = &header.notations[run.dimensions - 2];
        let walk = walks[run.dimensions - 2].as_mut().expect("there are positions of these dimensions");
        for at in 0..run.count {
            let (position, rest) = spans.split_at(run.dimensions);
            spans = rest;
            let given = given(text, position, notations, &mut scratch);
            if at > 1 {
                walk.more(&mut encoder, true);
            }
            digits.clear();
            walk.position(&mut encoder, at == 0, &given, &mut digits, &mut ends).expect("it was read before");
        }
        if run.count > 1 {
            walk.more(&mut encoder, false);
        }
    }
    encoder.finish()
}

fn given<'a>(text: &'a [u8], position: &[Span], notations: &[Notation], scratch: &mut Vec<u8>) -> Given<'a> {
    let mut given = Given::NOTHING;
    for (axis, span) in position.iter().enumerate() {
        given.texts[axis] = span.of(text);
        given.numbers[axis] = notations[axis].read(given.texts[axis], scratch);
    }
    given
}

/// Puts the numbers back between what a skeleton has of the text.
pub fn decode(skeleton: &[u8], header: &Header, coded: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut source = Source { decoder: Decoder::new(coded), walks: walks(header), counts: header.counts, fresh: false };
    let text = put_together(skeleton, length, &mut source)?;
    source.decoder.is_at_end().then_some(text)
}

struct Source<'a> {
    decoder: Decoder<'a>,
    walks: [Option<Walk>; 2],
    counts: [usize; 2],
    /// Nothing but the first position of the run was read.
    fresh: bool,
}

impl Source<'_> {
    fn position(&mut self, dimensions: usize, starts: bool, text: &mut Vec<u8>, ends: &mut [usize; 3]) -> Option<()> {
        let walk = self.walks[dimensions - 2].as_mut()?;
        if walk.len() >= self.counts[dimensions - 2] || self.decoder.overrun() > IMAGINED_BYTES {
            return None;
        }
        walk.position(&mut self.decoder, starts, &Given::NOTHING, text, ends)
    }
}

impl Numbers for Source<'_> {
    fn first(&mut self, dimensions: usize, text: &mut Vec<u8>, ends: &mut [usize; 3]) -> Option<()> {
        self.fresh = true;
        self.position(dimensions, true, text, ends)
    }

    fn next(&mut self, dimensions: usize, text: &mut Vec<u8>, ends: &mut [usize; 3]) -> Option<bool> {
        let fresh = std::mem::take(&mut self.fresh);
        let walk = self.walks[dimensions - 2].as_mut()?;
        if !fresh && !walk.more(&mut self.decoder, false) {
            return Some(false);
        }
        self.position(dimensions, false, text, ends).map(|()| true)
    }
}
