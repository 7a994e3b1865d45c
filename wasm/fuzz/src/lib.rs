//! What every target does with the fuzzer's bytes.

use abi::Model;

/// Takes a byte that says what to do (modulo 3), the length of the parameters (a byte), the parameters, and the rest:
///
/// 0. decodes: the length of the output (two bytes, little endian), then the payload; the decoder may refuse it or
///    give at most so many bytes;
/// 1. encodes: what is encoded must come back;
/// 2. encodes all but the last three bytes, changes a byte of the payload (two bytes say where, one how) and decodes.
///
/// A panic, a trap, an endless loop and memory without bound are what the fuzzer finds by itself.
pub fn try_model<M: Model>(input: &[u8]) {
    let [what, count, rest @ ..] = input else { return };
    let (params, rest) = rest.split_at(rest.len().min(*count as usize));
    match what % 3 {
        0 => decode_rest::<M>(params, rest),
        1 => {
            let Ok(payload) = M::encode(rest, params) else { return };
            let back = |params| M::decode(&payload, params, rest.len());
            assert!(forms(params).any(|params| back(params).as_deref() == Ok(rest)), "it does not come back");
        }
        _ => {
            let Some((raw, &[low, high, change])) = rest.split_last_chunk::<3>() else { return };
            let Ok(mut payload) = M::encode(raw, params) else { return };
            if !payload.is_empty() {
                let at = u16::from_le_bytes([low, high]) as usize % payload.len();
                payload[at] ^= change;
            }
            forms(params).for_each(|params| decode::<M>(&payload, params, raw.len()));
        }
    }
}

/// The same for what takes things apart and puts them together again, whose two ways do not mirror each other: decodes
/// if the first byte is even, else encodes.
pub fn try_halves<M: Model>(input: &[u8]) {
    let [what, count, rest @ ..] = input else { return };
    let (params, rest) = rest.split_at(rest.len().min(*count as usize));
    match what % 2 {
        0 => decode_rest::<M>(params, rest),
        _ => drop(M::encode(rest, params)),
    }
}

/// What the decoder's parameters may be: some encoders are told more, how much work to do.
fn forms(params: &[u8]) -> impl Iterator<Item = &[u8]> {
    [Some(params), params.split_last().map(|(_, fewer)| fewer), Some(&[])].into_iter().flatten()
}

fn decode_rest<M: Model>(params: &[u8], rest: &[u8]) {
    let Some((length, payload)) = rest.split_first_chunk::<2>() else { return };
    decode::<M>(payload, params, u16::from_le_bytes(*length) as usize);
}

fn decode<M: Model>(payload: &[u8], params: &[u8], length: usize) {
    if let Ok(output) = M::decode(payload, params, length) {
        assert!(output.len() <= length, "{} bytes for {length}", output.len());
    }
}
