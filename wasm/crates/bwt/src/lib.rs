//! The models of the level `balanced`: they sort a block by what follows each byte, so that alike contexts lie together,
//! and code the runs that come of it, with light context mixing or, sooner, with a mixture of distributions.

mod mixture;
mod past;
mod predictor;
mod runs;
mod suffixes;
mod symbols;
mod text;
mod transform;

use abi::{Fault, Model};
use transform::{forward, inverse, walks, Transformed, MAX_BLOCK};

/// `docs/format/models.md` describes the payload.
pub struct Bwt;

/// The same with a coder of runs that takes half the time and a fiftieth more bytes.
pub struct BwtLight;

impl Model for Bwt {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        encode_blocks(input, params, runs::encode)
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        decode_blocks(payload, params, length, runs::decode)
    }
}

impl Model for BwtLight {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        encode_blocks(input, params, symbols::encode)
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        decode_blocks(payload, params, length, symbols::decode)
    }
}

/// `code` codes the runs of a transformed block.
fn encode_blocks(input: &[u8], params: &[u8], code: impl Fn(&[u8]) -> Vec<u8>) -> Result<Vec<u8>, Fault> {
    if !params.is_empty() {
        return Err(Fault::Unsupported);
    }
    let mut payload = Vec::new();
    let mut blocks = blocks(input.len()).peekable();
    let mut rest = input;
    while let Some(length) = blocks.next() {
        let (block, behind) = rest.split_at(length);
        rest = behind;
        let Transformed { text, rows } = forward(block);
        let coded = code(&text);
        rows.iter().for_each(|&row| write_number(&mut payload, row));
        payload.push(text[0]);
        if blocks.peek().is_some() {
            write_number(&mut payload, coded.len() as u32);
        }
        payload.extend_from_slice(&coded);
    }
    Ok(payload)
}

/// `decode` gives so many bytes, of which it is told the first, or a fault.
fn decode_blocks(
    payload: &[u8],
    params: &[u8],
    length: usize,
    decode: impl Fn(&[u8], u8, usize) -> Result<Vec<u8>, Fault>,
) -> Result<Vec<u8>, Fault> {
    if !params.is_empty() {
        return Err(Fault::Damaged);
    }
    let mut rest = payload;
    let mut output = Vec::with_capacity(length);
    let mut blocks = blocks(length).peekable();
    while let Some(length) = blocks.next() {
        let rows: Vec<u32> = (0..walks(length)).map(|_| read_number(&mut rest)).collect::<Result<_, _>>()?;
        let (&first, behind) = rest.split_first().ok_or(Fault::Damaged)?;
        rest = behind;
        let size = if blocks.peek().is_some() { read_number(&mut rest)? as usize } else { rest.len() };
        let coded = rest.get(..size).ok_or(Fault::Damaged)?;
        rest = &rest[size..];
        let text = decode(coded, first, length)?;
        output.extend_from_slice(&inverse(&text, &rows)?);
    }
    if rest.is_empty() {
        Ok(output)
    } else {
        Err(Fault::Damaged)
    }
}

/// The lengths of the blocks that an input is cut into: as few as can be, and nearly equal.
fn blocks(length: usize) -> impl Iterator<Item = usize> {
    let count = length.div_ceil(MAX_BLOCK);
    (0..count).map(move |block| length * (block + 1) / count - length * block / count)
}

/// LEB128.
fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Result<u32, Fault> {
    let mut number = 0u64;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Fault::Damaged)?;
        *bytes = rest;
        number |= ((byte & 127) as u64) << shift;
        if byte < 128 {
            return u32::try_from(number).map_err(|_| Fault::Damaged);
        }
    }
    Err(Fault::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Vec<Vec<u8>> {
        let text = b"2026-01-05 10:10:07 host sshd[4711]: Accepted publickey for root from 10.0.0.7\n";
        let mut x = 7u32;
        let mut random = move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            (x >> 24) as u8
        };
        let noise: Vec<u8> = (0..9000).map(|_| random()).collect();
        let mut log = text.repeat(300);
        log.iter_mut().step_by(17).for_each(|byte| *byte ^= random() & 3);
        vec![vec![], vec![0], b"ab".to_vec(), vec![255; 70_000], text.to_vec(), noise, log]
    }

    fn come_back<M: Model>() {
        for input in inputs() {
            let payload = M::encode(&input, &[]).unwrap();
            assert!(M::decode(&payload, &[], input.len()) == Ok(input));
        }
    }

    #[test]
    fn inputs_come_back() {
        come_back::<Bwt>();
        come_back::<BwtLight>();
    }

    #[test]
    fn repetition_is_cheap() {
        assert!(Bwt::encode(&[255; 1 << 20], &[]).unwrap().len() < 40);
        assert!(BwtLight::encode(&[255; 1 << 20], &[]).unwrap().len() < 40);
    }

    #[test]
    fn large_inputs_are_cut() {
        assert_eq!(blocks(0).count(), 0);
        assert_eq!(blocks(MAX_BLOCK).collect::<Vec<_>>(), [MAX_BLOCK]);
        assert_eq!(blocks(MAX_BLOCK + 1).collect::<Vec<_>>(), [MAX_BLOCK / 2 + 1, MAX_BLOCK / 2 + 1]);
    }

    fn survives_damage<M: Model>() {
        let mut x = 1u32;
        for input in inputs() {
            let payload = M::encode(&input, &[]).unwrap();
            for round in 0..300 {
                x = x.wrapping_mul(1664525).wrapping_add(1013904223);
                let mut broken = payload.clone();
                if let Some(byte) = broken.get_mut((x >> 8) as usize % payload.len().max(1)) {
                    *byte ^= 1 << (x >> 5 & 7);
                }
                broken.truncate(if round % 3 == 0 {
                    (x >> 9) as usize % (payload.len() + 1)
                } else {
                    payload.len()
                });
                if let Ok(output) = M::decode(&broken, &[], input.len()) {
                    assert_eq!(output.len(), input.len());
                }
            }
        }
    }

    #[test]
    fn damage_gives_a_fault_or_bytes_of_the_right_length() {
        survives_damage::<Bwt>();
        survives_damage::<BwtLight>();
    }

    #[test]
    fn more_payload_than_was_written_is_damage() {
        let mut payload = Bwt::encode(b"abracadabra", &[]).unwrap();
        payload.extend_from_slice(&[0; 8]);
        assert_eq!(Bwt::decode(&payload, &[], 11), Err(Fault::Damaged));
        assert_eq!(Bwt::decode(&[], &[], 11), Err(Fault::Damaged));
        assert_eq!(Bwt::decode(&[1], &[], 0), Err(Fault::Damaged));
        let mut payload = BwtLight::encode(b"abracadabra", &[]).unwrap();
        payload.extend_from_slice(&[0; 8]);
        assert_eq!(BwtLight::decode(&payload, &[], 11), Err(Fault::Damaged));
        assert_eq!(BwtLight::decode(&[], &[], 11), Err(Fault::Damaged));
    }
}
