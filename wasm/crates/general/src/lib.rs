//! The general model: any bytes, by context mixing. `docs/format/models.md` ("max") says what the payload is.
//!
//! A first byte says how the rest is to be read ([`kind::Kind`]); one engine codes the bytes with the contexts of that
//! kind. To teach it a new kind of data, write a [`ContextSource`] and give it a number in [`kind`].

mod binary;
mod engine;
mod gate;
mod kind;
mod primed;
mod records;
mod source;
mod text;

pub use engine::{Engine, Question};
pub use gate::Gate;
pub use source::{hash, recent, table_bits, ContextSource, Contexts, SELECTORS};

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use kind::Kind;

/// The longest input: what a worker's memory allows.
pub const LONGEST: usize = 64 << 20;

pub struct General;

impl Model for General {
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
        let (kind, rest) = Kind::read(payload).ok_or(Fault::Damaged)?;
        decode_as(kind, rest, length).ok_or(Fault::Damaged)
    }
}

/// Codes what stands beside other data, in pieces so small and so many that reading a text before each would take too
/// long. [`General`] decodes it.
pub fn encode_fresh(input: &[u8]) -> Result<Vec<u8>, Fault> {
    if input.len() > LONGEST {
        return Err(Fault::Unsupported);
    }
    Ok(encode_as(kind::choose_fresh(input), input))
}

fn encode_as(kind: Kind, input: &[u8]) -> Vec<u8> {
    let out = kind.write();
    match kind {
        Kind::Text => {
            let (engine, read_before) = primed::text_engine(input.len());
            encode_bytes(engine, read_before, input, out)
        }
        Kind::Fresh => encode_bytes(text::engine(input.len()), &[], input, out),
        Kind::Binary { width } => encode_bytes(binary::engine(width, input.len()), &[], input, out),
        Kind::Wide => encode_halves(input, out),
    }
}

fn decode_as(kind: Kind, coded: &[u8], length: usize) -> Option<Vec<u8>> {
    match kind {
        Kind::Text => {
            let (engine, read_before) = primed::text_engine(length);
            decode_bytes(engine, read_before, coded, length)
        }
        Kind::Fresh => decode_bytes(text::engine(length), &[], coded, length),
        Kind::Binary { width } => decode_bytes(binary::engine(width, length), &[], coded, length),
        Kind::Wide => decode_halves(coded, length),
    }
}

/// UTF-16 as two streams: every first byte as text, then every second one. The first is led by its coded length.
fn encode_halves(input: &[u8], mut out: Vec<u8>) -> Vec<u8> {
    let half = |start: usize| input.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>();
    let first = encode_as(Kind::Text, &half(0));
    out.extend_from_slice(&(first.len() as u32).to_le_bytes());
    out.extend_from_slice(&first);
    out.extend_from_slice(&encode_as(Kind::Text, &half(1)));
    out
}

fn decode_halves(coded: &[u8], length: usize) -> Option<Vec<u8>> {
    let (size, rest) = coded.split_first_chunk()?;
    let (first, second) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
    let half = |coded: &[u8], length: usize| match Kind::read(coded)? {
        (Kind::Text, rest) => decode_as(Kind::Text, rest, length),
        _ => None,
    };
    let (first, second) = (half(first, length.div_ceil(2))?, half(second, length / 2)?);
    let mut output = vec![0; length];
    output.iter_mut().step_by(2).zip(first).for_each(|(place, byte)| *place = byte);
    output.iter_mut().skip(1).step_by(2).zip(second).for_each(|(place, byte)| *place = byte);
    Some(output)
}

fn encode_bytes<C, const SLOTS: usize, const VOTES: usize, const INPUTS: usize>(
    mut engine: Engine<C, SLOTS, VOTES, INPUTS>,
    read_before: &[u8],
    input: &[u8],
    out: Vec<u8>,
) -> Vec<u8>
where
    C: ContextSource<SLOTS, VOTES>,
{
    let mut encoder = Encoder::new(out);
    let mut history = Vec::with_capacity(read_before.len() + input.len());
    history.extend_from_slice(read_before);
    for &byte in input {
        engine.code(&history, |question, one| {
            let answer = question.answer(byte);
            encoder.encode(answer, one);
            answer
        });
        history.push(byte);
    }
    encoder.finish()
}

fn decode_bytes<C, const SLOTS: usize, const VOTES: usize, const INPUTS: usize>(
    mut engine: Engine<C, SLOTS, VOTES, INPUTS>,
    read_before: &[u8],
    coded: &[u8],
    length: usize,
) -> Option<Vec<u8>>
where
    C: ContextSource<SLOTS, VOTES>,
{
    let mut decoder = Decoder::new(coded);
    let mut history = Vec::with_capacity(read_before.len() + length);
    history.extend_from_slice(read_before);
    while history.len() < read_before.len() + length {
        let byte = engine.code(&history, |_, one| decoder.decode(one));
        history.push(byte);
        if decoder.overrun() > 4 {
            return None;
        }
    }
    history.drain(..read_before.len());
    decoder.is_at_end().then_some(history)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64, length: usize, alphabet: u64) -> Vec<u8> {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 33) % alphabet
        };
        (0..length).map(|_| next() as u8).collect()
    }

    fn samples() -> Vec<Vec<u8>> {
        let lines: String = (0..300)
            .map(|i| format!("10:0{}:{:02} host app[{}]: done in {} ms\n", i / 60, i % 60, 77 + i % 3, i * i % 97))
            .collect();
        let wide: Vec<u8> = lines.bytes().flat_map(|byte| [byte, 0]).chain([1]).collect();
        let records: Vec<u8> =
            (0..2000u32).flat_map(|i| [i as u8, (i >> 8) as u8, 0xfe, (i * 7) as u8, 3]).collect();
        vec![
            vec![],
            vec![0],
            lines.into_bytes(),
            wide,
            records,
            noise(1, 5000, 256),
            noise(2, 5000, 3),
            vec![0xff; 9000],
        ]
    }

    #[test]
    fn everything_comes_back() {
        for input in samples() {
            let coded = General::encode(&input, &[]).unwrap();
            assert_eq!(General::decode(&coded, &[], input.len()).unwrap(), input);
        }
    }

    #[test]
    fn every_kind_takes_everything() {
        for input in samples() {
            for kind in [Kind::Text, Kind::Binary { width: 5 }, Kind::Binary { width: 600 }, Kind::Wide] {
                let coded = encode_as(kind, &input);
                assert_eq!(General::decode(&coded, &[], input.len()).unwrap(), input, "{kind:?}");
            }
        }
    }

    #[test]
    fn structure_is_used() {
        let [_, _, lines, wide, records, ..] = &samples()[..] else { panic!() };
        let size = |input: &[u8]| General::encode(input, &[]).unwrap().len();
        assert!(size(lines) < 1000, "{}", size(lines));
        assert!(size(wide) < size(lines) + 40, "{}", size(wide));
        assert!(size(records) < 600, "{}", size(records));
    }

    #[test]
    fn damage_is_told_or_gives_the_right_length() {
        for input in samples() {
            let coded = General::encode(&input, &[]).unwrap();
            for round in 0..60u64 {
                let mut broken = coded.clone();
                let hits = noise(round, 4, 256);
                let at = (hits[0] as usize * 256 + hits[1] as usize) % broken.len();
                broken[at] ^= hits[2] | 1;
                if round % 3 == 0 {
                    broken.truncate(at);
                }
                if let Ok(output) = General::decode(&broken, &[], input.len()) {
                    assert_eq!(output.len(), input.len());
                }
            }
        }
    }

    #[test]
    fn what_was_read_before_makes_small_text_smaller() {
        let letter =
            b"Subject: Re: the new version\nContent-Type: text/plain\n\nThanks for your answer, I will try it.\n";
        let primed = General::encode(letter, &[]).unwrap();
        let fresh = encode_fresh(letter).unwrap();
        assert!(primed.len() * 3 < fresh.len() * 2, "{} against {}", primed.len(), fresh.len());
        for payload in [primed, fresh] {
            assert_eq!(General::decode(&payload, &[], letter.len()).unwrap(), letter);
        }
    }
}
