//! The model of mailboxes: text of messages by context mixing that knows where in a message it is.
//! `docs/format/mail.md` says what the payload is.

mod contexts;
mod engine;
mod structure;

pub use engine::Engine;
pub use structure::{Structure, Zone, ZONES};

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};

/// The longest text, and the longest text before it: what a worker's memory allows.
pub const LONGEST: usize = 32 << 20;

/// What the models read before anything else: the words, tags and header fields that mail is made of. Written for this,
/// and never to change.
const PRIMER: &[u8] = include_bytes!("../primer-1.txt");

/// Text of mail. The parameters are text that came before it, known to both sides.
pub struct MailText;

/// The same with half of the contexts, in half the time.
pub struct LightMailText;

/// Every context, each with two inputs.
type Full = Engine<12, 32>;
const ALL: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

type Light = Engine<6, 16>;
const SOME: [usize; 6] = [1, 2, 3, 4, 6, 10];

impl Model for MailText {
    fn encode(input: &[u8], prior: &[u8]) -> Result<Vec<u8>, Fault> {
        check(input.len(), prior, Fault::Unsupported)?;
        Ok(encode(Full::new(ALL, room(prior, input.len())), input, prior))
    }

    fn decode(payload: &[u8], prior: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        check(length, prior, Fault::Damaged)?;
        decode(Full::new(ALL, room(prior, length)), payload, prior, length)
    }
}

impl Model for LightMailText {
    fn encode(input: &[u8], prior: &[u8]) -> Result<Vec<u8>, Fault> {
        check(input.len(), prior, Fault::Unsupported)?;
        Ok(encode(Light::new(SOME, room(prior, input.len())), input, prior))
    }

    fn decode(payload: &[u8], prior: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        check(length, prior, Fault::Damaged)?;
        decode(Light::new(SOME, room(prior, length)), payload, prior, length)
    }
}

fn check(length: usize, prior: &[u8], fault: Fault) -> Result<(), Fault> {
    if length > LONGEST || prior.len() > LONGEST {
        return Err(fault);
    }
    Ok(())
}

/// Bytes that the engine will see.
fn room(prior: &[u8], length: usize) -> usize {
    PRIMER.len() + prior.len() + length
}

fn encode<const SLOTS: usize, const INPUTS: usize>(
    mut engine: Engine<SLOTS, INPUTS>,
    input: &[u8],
    prior: &[u8],
) -> Vec<u8> {
    let mut history = read(&mut engine, prior, input.len());
    let begin = history.len();
    history.extend_from_slice(input);
    let mut encoder = Encoder::new(Vec::new());
    for (at, &byte) in input.iter().enumerate() {
        engine.code(&history[..begin + at], |question, one| {
            let answer = question.answer(byte);
            encoder.encode(answer, one);
            answer
        });
    }
    encoder.finish()
}

fn decode<const SLOTS: usize, const INPUTS: usize>(
    mut engine: Engine<SLOTS, INPUTS>,
    payload: &[u8],
    prior: &[u8],
    length: usize,
) -> Result<Vec<u8>, Fault> {
    let mut history = read(&mut engine, prior, length);
    let begin = history.len();
    let mut decoder = Decoder::new(payload);
    for _ in 0..length {
        let byte = engine.code(&history, |_, one| decoder.decode(one));
        history.push(byte);
        if decoder.overrun() > 4 {
            return Err(Fault::Damaged);
        }
    }
    if !decoder.is_at_end() {
        return Err(Fault::Damaged);
    }
    history.drain(..begin);
    Ok(history)
}

/// Of the text that came before, so many bytes are read as if they were decoded; what stands before them is only noted.
const FULLY_READ: usize = 128 << 10;

/// Shows the primer and `prior` to the engine. Gives them back with room for `length` bytes more.
fn read<const SLOTS: usize, const INPUTS: usize>(
    engine: &mut Engine<SLOTS, INPUTS>,
    prior: &[u8],
    length: usize,
) -> Vec<u8> {
    let mut history = Vec::with_capacity(room(prior, length));
    history.extend_from_slice(PRIMER);
    history.extend_from_slice(prior);
    let noted = PRIMER.len()..history.len() - FULLY_READ.min(prior.len());
    for (at, &byte) in history.iter().enumerate() {
        if noted.contains(&at) {
            engine.note(&history[..at], byte);
        } else {
            engine.code(&history[..at], |question, _| question.answer(byte));
        }
    }
    history
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

    fn mailbox(messages: usize) -> Vec<u8> {
        let message = |i: usize| {
            format!(
                "From a{i}@example.org Mon Jan  5 10:00:{:02} 2026\nReceived: from x{} by y; {i}\nSubject: Re: no {i}\n\
                 Content-Type: multipart/mixed; boundary=\"b{i}\"\n\n--b{i}\nContent-Type: text/html\n\n\
                 <p class=3D\"x\">Words in wor=\nds<br>\n> quoted <{i}>\n--b{i}--\n\n",
                i % 60,
                i * i % 97
            )
        };
        (0..messages).map(message).collect::<String>().into_bytes()
    }

    fn samples() -> Vec<Vec<u8>> {
        let lines = vec![vec![b'\n'; 300], b"From ".repeat(90), vec![b':'; 500], b"\n--\n--x\n<<>a".repeat(40)];
        let crlf = String::from_utf8(mailbox(9)).unwrap().replace('\n', "\r\n").into_bytes();
        let mut all = vec![vec![], vec![0], mailbox(60), crlf, noise(1, 4000, 256), noise(2, 4000, 3)];
        all.extend(lines);
        all
    }

    #[test]
    fn everything_comes_back() {
        let long = mailbox(FULLY_READ / 200);
        assert!(long.len() > FULLY_READ + 1000);
        let priors = [vec![], [mailbox(5), noise(3, 2000, 256)].concat(), long];
        for input in samples() {
            for prior in &priors {
                let coded = MailText::encode(&input, prior).unwrap();
                assert_eq!(MailText::decode(&coded, prior, input.len()).unwrap(), input);
                let coded = LightMailText::encode(&input, prior).unwrap();
                assert_eq!(LightMailText::decode(&coded, prior, input.len()).unwrap(), input);
            }
        }
    }

    #[test]
    fn what_came_before_is_used() {
        let all = mailbox(80);
        let (prior, input) = all.split_at(all.len() / 2);
        let size = |prior: &[u8]| MailText::encode(input, prior).unwrap().len();
        assert!(size(prior) * 3 < size(&[]) * 2, "{} {}", size(prior), size(&[]));
        assert!(MailText::encode(&all, &all).unwrap().len() < 40);
    }

    #[test]
    fn damage_is_told_or_gives_the_right_length() {
        for input in samples() {
            let coded = LightMailText::encode(&input, &[]).unwrap();
            for round in 0..6u64 {
                let mut broken = coded.clone();
                if broken.is_empty() {
                    continue;
                }
                let hits = noise(round, 4, 256);
                let at = (hits[0] as usize * 256 + hits[1] as usize) % broken.len();
                broken[at] ^= hits[2] | 1;
                if round % 2 == 0 {
                    broken.truncate(at);
                }
                if let Ok(output) = LightMailText::decode(&broken, &[], input.len()) {
                    assert_eq!(output.len(), input.len());
                }
            }
        }
    }

    #[test]
    fn zones_follow_the_message() {
        let text = b"From a@b Mon\nTo: x\n\tand y\n\nhi <b>\n\nFrom a\nX-Y: z\n\nAA\n";
        let mut structure = Structure::new();
        let zones: Vec<Zone> = text
            .iter()
            .map(|&byte| {
                let zone = structure.zone;
                structure.update(byte);
                zone
            })
            .collect();
        let at = |part: &str, plus: usize| {
            let place = String::from_utf8_lossy(text).find(part).unwrap() + plus;
            zones[place]
        };
        assert_eq!(at("To: x", 0), Zone::Name);
        assert_eq!(at("To: x", 4), Zone::Value);
        assert_eq!(at("and y", 0), Zone::Value);
        assert_eq!(at("hi ", 1), Zone::Text);
        assert_eq!(at("b>", 1), Zone::Tag);
        assert_eq!(at("X-Y", 0), Zone::Name);
        assert_eq!(at("AA", 0), Zone::Text);
    }
}
