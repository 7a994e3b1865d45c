//! Logs, database dumps and JSON lines by context mixing: the structure that a parser finds in the past decides what is
//! expected of the next byte. `docs/format/structured.md` says what the payload is.

mod bson;
mod engine;
mod gate;
mod kind;
mod layout;
mod matches;
mod memory;
mod numbers;
mod text;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use bson::Bson;
use engine::{Engine, Source};
use kind::Kind;
use layout::Dialect;
use text::Text;

/// The longest input: what a worker's memory allows.
pub const LONGEST: usize = 64 << 20;

/// Without parameters.
pub struct Structured;

impl Model for Structured {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        if input.len() > LONGEST || !params.is_empty() {
            return Err(Fault::Unsupported);
        }
        Ok(encode_as(kind::choose(input), input))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        let (&number, coded) = payload.split_first().ok_or(Fault::Damaged)?;
        let kind = Kind::of(number).ok_or(Fault::Damaged)?;
        decode_as(kind, coded, length).ok_or(Fault::Damaged)
    }
}

fn encode_as(kind: Kind, input: &[u8]) -> Vec<u8> {
    let out = vec![kind as u8];
    let length = input.len();
    match kind {
        Kind::Lines => encode_bytes(Text::new(Dialect::Lines, length), input, out),
        Kind::Sql => encode_bytes(Text::new(Dialect::Sql, length), input, out),
        Kind::Wide => encode_halves(input, out),
        Kind::Bson => encode_bytes(Bson::new(length), input, out),
    }
}

fn decode_as(kind: Kind, coded: &[u8], length: usize) -> Option<Vec<u8>> {
    match kind {
        Kind::Lines => decode_bytes(Text::new(Dialect::Lines, length), coded, length),
        Kind::Sql => decode_bytes(Text::new(Dialect::Sql, length), coded, length),
        Kind::Wide => decode_halves(coded, length),
        Kind::Bson => decode_bytes(Bson::new(length), coded, length),
    }
}

/// UTF-16 as two streams: every first byte as a text of its own, then every second one. The first is led by its coded
/// length.
fn encode_halves(input: &[u8], mut out: Vec<u8>) -> Vec<u8> {
    let half = |start: usize| input.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>();
    let halves = [half(0), half(1)].map(|half| encode_as(kind::choose_text(&half), &half));
    out.extend_from_slice(&(halves[0].len() as u32).to_le_bytes());
    out.extend_from_slice(&halves.concat());
    out
}

fn decode_halves(coded: &[u8], length: usize) -> Option<Vec<u8>> {
    let (size, rest) = coded.split_first_chunk()?;
    let (first, second) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
    let half = |coded: &[u8], length: usize| {
        let (&number, coded) = coded.split_first()?;
        match Kind::of(number)? {
            kind @ (Kind::Lines | Kind::Sql) => decode_as(kind, coded, length),
            _ => None,
        }
    };
    let (first, second) = (half(first, length.div_ceil(2))?, half(second, length / 2)?);
    let mut output = vec![0; length];
    output.iter_mut().step_by(2).zip(first).for_each(|(place, byte)| *place = byte);
    output.iter_mut().skip(1).step_by(2).zip(second).for_each(|(place, byte)| *place = byte);
    Some(output)
}

fn encode_bytes<S: Source>(source: S, input: &[u8], out: Vec<u8>) -> Vec<u8> {
    let mut engine = Engine::new(source, input.len());
    let mut encoder = Encoder::new(out);
    for (at, &byte) in input.iter().enumerate() {
        engine.code(&input[..at], |question, one| {
            let answer = question.answer(byte);
            encoder.encode(answer, one);
            answer
        });
    }
    encoder.finish()
}

fn decode_bytes<S: Source>(source: S, coded: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut engine = Engine::new(source, length);
    let mut decoder = Decoder::new(coded);
    let mut output = Vec::with_capacity(length);
    while output.len() < length {
        let byte = engine.code(&output, |_, one| decoder.decode(one));
        output.push(byte);
        if decoder.overrun() > 4 {
            return None;
        }
    }
    decoder.is_at_end().then_some(output)
}
