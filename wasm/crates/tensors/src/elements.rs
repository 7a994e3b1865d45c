//! Elements of one kind as byte planes: the mantissas' are noise and cost no time, the exponents' are left to a quick
//! coder. For speed.

use crate::plane;
use crate::planes::Layout;
use abi::{Fault, Model};

/// Numbers of any kind, one after the other; see [`Layout::read`] for the parameters.
pub struct Elements;

/// Elements with frequencies of their own.
const BLOCK: usize = 1 << 20;

impl Model for Elements {
    /// `params`: the layout and one byte, the most classes.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (layout, &[most]) = Layout::read(params)? else { return Err(Fault::Unsupported) };
        if input.len() % layout.width != 0 {
            return Err(Fault::Unsupported);
        }
        let most = (most as usize).clamp(1, plane::CLASSES);
        let mut out = Vec::with_capacity(input.len());
        for block in input.chunks(BLOCK * layout.width) {
            (0..layout.width).for_each(|plane| plane::encode(&layout.split(block, plane), most, &mut out));
        }
        Ok(out)
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let (layout, &[]) = Layout::read(params)? else { return Err(Fault::Unsupported) };
        if length % layout.width != 0 {
            return Err(Fault::Unsupported);
        }
        let mut rest = payload;
        let mut out = Vec::with_capacity(length);
        while out.len() < length {
            let count = BLOCK.min((length - out.len()) / layout.width);
            let planes: Option<Vec<_>> = (0..layout.width).map(|_| plane::decode(&mut rest, count)).collect();
            let planes = planes.ok_or(Fault::Damaged)?;
            layout.merge(&planes.iter().map(|plane| plane.as_ref()).collect::<Vec<_>>(), &mut out);
        }
        if rest.is_empty() {
            Ok(out)
        } else {
            Err(Fault::Damaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [[u8; 2]; 9] = [[1, 0], [1, 1], [2, 1], [2, 2], [4, 1], [4, 3], [8, 0], [8, 1], [8, 3]];

    fn encode(bytes: &[u8], layout: [u8; 2], most: u8) -> Vec<u8> {
        Elements::encode(bytes, &[layout[0], layout[1], most]).unwrap()
    }

    fn noise() -> impl FnMut() -> u32 {
        let mut x = 5u32;
        move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            x >> 20
        }
    }

    /// Bytes about a slowly changing mean.
    fn bytes(count: usize) -> Vec<u8> {
        let mut next = noise();
        let steep = move |i: usize| if i % 7 == 0 { 0 } else { i };
        (0..count)
            .map(|i| (steep(i) % 2 * 3 + 100 + i / 5000 % 8 * 5 + (next() % 8 + next() % 8) as usize) as u8)
            .collect()
    }

    #[test]
    fn elements_of_any_kind_come_back() {
        let mut next = noise();
        let noise: Vec<u8> = (0..8 * 5000).map(|_| next() as u8).collect();
        for layout in KINDS {
            for length in [0, 8, 8 * 67, 8 * 5000] {
                for whole in [&noise[..length], &bytes(length)] {
                    let coded = encode(whole, layout, 3);
                    assert_eq!(Elements::decode(&coded, &layout, length).unwrap(), whole);
                }
            }
        }
        assert!(Elements::encode(&[0; 6], &[4, 1, 1]).is_err());
        assert!(Elements::decode(&[], &[4, 1], 6).is_err());
    }

    #[test]
    fn bytes_come_back_smaller_with_classes() {
        for length in [1, 2, 4095, 100_000, BLOCK + 3] {
            let bytes = bytes(length);
            let sizes = [1, 16].map(|most| {
                let coded = encode(&bytes, [1, 0], most);
                assert_eq!(Elements::decode(&coded, &[1, 0], length).unwrap(), bytes);
                coded.len()
            });
            assert!(length < 100_000 || sizes[1] * 100 < sizes[0] * 95 && sizes[0] < length);
        }
    }

    #[test]
    fn exponents_are_coded_and_mantissas_stay_as_they_are() {
        let mut next = noise();
        let mantissa = 0x3f_ffff;
        // Signs and the last bits of exponents share a byte with others unless elements are turned.
        let words: Vec<u8> = (0..20_000)
            .flat_map(|_| {
                let [sign, exponent] = [next() >> 6 & 1, 120 + (next() >> 6) % 8 + (next() >> 6) % 8];
                (sign << 31 | exponent << 23 | (next() << 11 ^ next() << 5 ^ next()) & mantissa).to_le_bytes()
            })
            .collect();
        let [turned, plain] = [1, 0].map(|flags| encode(&words, [4, flags], 1).len());
        assert!((20_000 * 26 / 8..20_000 * 28 / 8).contains(&turned) && turned < plain);
    }

    #[test]
    fn noise_stays_as_it_is() {
        let mut x = 1u64;
        let noise = std::iter::repeat_with(move || {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 56) as u8
        });
        for length in [5000, 300_000] {
            let noise: Vec<u8> = noise.clone().take(length).collect();
            assert_eq!(encode(&noise, [1, 0], 16).len(), length + 1);
        }
    }

    #[test]
    fn damage_gives_nothing_or_the_right_length() {
        let bytes = bytes(5000);
        for layout in [[1, 0], [2, 1]] {
            let coded = encode(&bytes, layout, 16);
            for at in 0..coded.len() {
                let mut broken = coded.clone();
                broken[at] ^= 0x41;
                if let Ok(back) = Elements::decode(&broken, &layout, bytes.len()) {
                    assert_eq!(back.len(), bytes.len());
                }
                assert!(Elements::decode(&coded[..at], &layout, bytes.len()).is_err());
            }
        }
    }
}
