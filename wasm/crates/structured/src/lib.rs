//! Logs, database dumps and JSON lines by context mixing: the structure that a parser finds in the past decides what is
//! expected of the next byte. `docs/format/structured.md` says what the payload is.

mod columns;
mod contexts;
mod documents;
mod engine;
mod gate;
mod kind;
mod layers;
mod layout;
mod matches;
mod memory;
mod numbers;
mod primed;
mod quantities;
mod reckoning;
mod relations;
mod text;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
pub use columns::Columns;
use engine::{Engine, Light, Thorough};
use kind::Kind;
use layout::Dialect;
use text::Text;

/// The longest input: what a worker's memory allows.
pub const LONGEST: usize = 64 << 20;

/// One parameter byte: the [`Effort`].
pub struct Structured;

/// How much is asked of each byte.
#[derive(Clone, Copy)]
enum Effort {
    Thorough,
    Light,
}

impl Effort {
    fn of(params: &[u8]) -> Option<Effort> {
        match params {
            [0] => Some(Effort::Thorough),
            [1] => Some(Effort::Light),
            _ => None,
        }
    }
}

impl Model for Structured {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let effort = Effort::of(params).ok_or(Fault::Unsupported)?;
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        Ok(effort.encode_as(kind::choose(input), input))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let effort = Effort::of(params).ok_or(Fault::Damaged)?;
        if length > LONGEST {
            return Err(Fault::Damaged);
        }
        let (&number, coded) = payload.split_first().ok_or(Fault::Damaged)?;
        let kind = Kind::of(number).ok_or(Fault::Damaged)?;
        effort.decode_as(kind, coded, length).ok_or(Fault::Damaged)
    }
}

impl Effort {
    fn encode_as(self, kind: Kind, input: &[u8]) -> Vec<u8> {
        let out = vec![kind as u8];
        match kind {
            Kind::Lines => self.encode_text(Dialect::Lines, input, out),
            Kind::Sql => self.encode_text(Dialect::Sql, input, out),
            Kind::Wide => self.encode_halves(input, out),
            Kind::Bson => self.encode_documents(input, out),
            Kind::Returns => {
                let text = kind::exchange_ends(input);
                [out, self.encode_as(kind::choose_text(&text), &text)].concat()
            }
        }
    }

    fn decode_as(self, kind: Kind, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        match kind {
            Kind::Lines => self.decode_text(Dialect::Lines, coded, length),
            Kind::Sql => self.decode_text(Dialect::Sql, coded, length),
            Kind::Wide => self.decode_halves(coded, length),
            Kind::Bson => self.decode_documents(coded, length),
            Kind::Returns => Some(kind::exchange_ends(&self.decode_nested(coded, length)?)),
        }
    }

    /// Relations between numbers are looked for only where they are used.
    fn text(self, dialect: Dialect, length: usize) -> Text {
        Text::new(dialect, length, matches!(self, Effort::Thorough))
    }

    fn encode_text(self, dialect: Dialect, input: &[u8], out: Vec<u8>) -> Vec<u8> {
        let text = self.text(dialect, input.len());
        match (self, dialect) {
            (Effort::Thorough, Dialect::Lines) => encode_bytes(primed::engine(text, input.len()), input, out),
            (Effort::Thorough, Dialect::Sql) => encode_bytes(Thorough::new(text, input.len()), input, out),
            (Effort::Light, _) => encode_bytes(Light::new(text, input.len()), input, out),
        }
    }

    fn decode_text(self, dialect: Dialect, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let text = self.text(dialect, length);
        match (self, dialect) {
            (Effort::Thorough, Dialect::Lines) => decode_bytes(primed::engine(text, length), coded, length),
            (Effort::Thorough, Dialect::Sql) => decode_bytes(Thorough::new(text, length), coded, length),
            (Effort::Light, _) => decode_bytes(Light::new(text, length), coded, length),
        }
    }

    /// BSON as lines of text, led by their length in four bytes.
    fn encode_documents(self, input: &[u8], mut out: Vec<u8>) -> Vec<u8> {
        let text = documents::to_text(input);
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.encode_text(Dialect::Lines, &text, out)
    }

    fn decode_documents(self, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let (size, coded) = coded.split_first_chunk()?;
        let size = u32::from_le_bytes(*size) as usize;
        if size > documents::longest_text(length) {
            return None;
        }
        let text = self.decode_text(Dialect::Lines, coded, size)?;
        documents::from_text(&text, length).filter(|bytes| bytes.len() == length)
    }

    /// A payload within another: of text, since nothing nests further.
    fn decode_nested(self, payload: &[u8], length: usize) -> Option<Vec<u8>> {
        let (&number, coded) = payload.split_first()?;
        match Kind::of(number)? {
            kind @ (Kind::Lines | Kind::Sql) => self.decode_as(kind, coded, length),
            _ => None,
        }
    }

    /// UTF-16 as two streams: every first byte as a text of its own, then every second one. The first is led by its coded
    /// length.
    fn encode_halves(self, input: &[u8], mut out: Vec<u8>) -> Vec<u8> {
        let half = |start: usize| input.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>();
        let halves = [half(0), half(1)].map(|half| self.encode_as(kind::choose_text(&half), &half));
        out.extend_from_slice(&(halves[0].len() as u32).to_le_bytes());
        out.extend_from_slice(&halves.concat());
        out
    }

    fn decode_halves(self, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let (size, rest) = coded.split_first_chunk()?;
        let (first, second) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
        let (first, second) =
            (self.decode_nested(first, length.div_ceil(2))?, self.decode_nested(second, length / 2)?);
        let mut output = vec![0; length];
        output.iter_mut().step_by(2).zip(first).for_each(|(place, byte)| *place = byte);
        output.iter_mut().skip(1).step_by(2).zip(second).for_each(|(place, byte)| *place = byte);
        Some(output)
    }
}

fn encode_bytes<const SLOTS: usize, const SETS: usize, const VOTES: usize, const INPUTS: usize>(
    mut engine: Engine<Text, SLOTS, SETS, VOTES, INPUTS>,
    input: &[u8],
    out: Vec<u8>,
) -> Vec<u8> {
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

fn decode_bytes<const SLOTS: usize, const SETS: usize, const VOTES: usize, const INPUTS: usize>(
    mut engine: Engine<Text, SLOTS, SETS, VOTES, INPUTS>,
    coded: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
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

#[cfg(test)]
mod tests;
