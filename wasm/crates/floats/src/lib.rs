//! The model of floating-point samples in rows that continue each other.

mod curve;
mod fit;
mod kind;
mod rows;
mod words;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use kind::Kind;

/// Words of 32 bits as IEEE 754 or IBM have them; see `Layout::read` for the parameters.
pub struct Floats;

struct Layout {
    kind: Kind,
    big_endian: bool,
    width: usize,
    height: usize,
}

const IBM: u8 = 1;
const BIG_ENDIAN: u8 = 2;
/// Words of a row at most.
const MOST: usize = 1 << 24;

impl Layout {
    /// A byte of flags, then the words of a row and the number of rows, three bytes each, the lowest first.
    fn read(params: &[u8]) -> Result<Layout, Fault> {
        let &[flags @ 0..=3, a, b, c, d, e, f] = params else { return Err(Fault::Unsupported) };
        let side = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) as usize;
        let (width, height) = (side([a, b, c]), side([d, e, f]));
        if width * height > MOST {
            return Err(Fault::Unsupported);
        }
        let kind = if flags & IBM != 0 { Kind::Ibm } else { Kind::Ieee };
        Ok(Layout { kind, big_endian: flags & BIG_ENDIAN != 0, width, height })
    }

    fn load(&self, bytes: &[u8]) -> u32 {
        let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        if self.big_endian { word.swap_bytes() } else { word }
    }

    fn store(&self, word: u32) -> [u8; 4] {
        if self.big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
    }
}

impl Model for Floats {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let layout = Layout::read(params)?;
        if input.len() != layout.width * layout.height * 4 {
            return Err(Fault::Unsupported);
        }
        let mut encoder = Encoder::new(Vec::new());
        let mut words = input.chunks_exact(4).map(|bytes| layout.load(bytes));
        let sides = (layout.width, layout.height);
        rows::code(&mut encoder, layout.kind, sides, || words.next().unwrap_or(0), |_| ());
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let layout = Layout::read(params)?;
        if length != layout.width * layout.height * 4 {
            return Err(Fault::Damaged);
        }
        let mut decoder = Decoder::new(payload);
        let mut output = Vec::with_capacity(length);
        let sides = (layout.width, layout.height);
        let sound = rows::code(&mut decoder, layout.kind, sides, || 0, |word| output.extend(layout.store(word)));
        if sound && decoder.is_at_end() { Ok(output) } else { Err(Fault::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(flags: u8, width: u32, height: u32) -> Vec<u8> {
        let side = |side: u32| side.to_le_bytes().into_iter().take(3);
        std::iter::once(flags).chain(side(width)).chain(side(height)).collect()
    }

    fn round_trip(bytes: &[u8], params: &[u8]) -> Vec<u8> {
        let coded = Floats::encode(bytes, params).unwrap();
        assert_eq!(Floats::decode(&coded, params, bytes.len()).unwrap(), bytes);
        coded
    }

    fn noise() -> impl FnMut() -> u32 {
        let mut x = 7u32;
        move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            x >> 8
        }
    }

    /// Rows of a swinging sample, each a little unlike the one before.
    fn swinging(width: usize, height: usize) -> Vec<f32> {
        let mut next = noise();
        let mut numbers = Vec::new();
        for _ in 0..height {
            let (mut a, mut b) = (1.0f32, 0.9f32);
            for _ in 0..width {
                (a, b) = (b, 1.8 * b - 0.97 * a + (next() % 1000) as f32 * 1e-6);
                numbers.push(b);
            }
        }
        numbers
    }

    #[test]
    fn any_words_come_back() {
        let mut next = noise();
        let words: Vec<u32> = (0..600).map(|i| [next() << 8, 0, 0x7f80_0000, 0xffff_ffff, 1 << 31, i][next() as usize % 6]).collect();
        for flags in 0..4 {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            for (width, height) in [(600, 1), (1, 600), (25, 24)] {
                round_trip(&bytes, &params(flags, width, height));
            }
            round_trip(&[], &params(flags, 0, 0));
            round_trip(&[], &params(flags, 0, 9));
        }
    }

    #[test]
    fn what_continues_costs_little() {
        let numbers = swinging(200, 20);
        let little: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let big: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        let coded = round_trip(&little, &params(0, 200, 20));
        assert!(coded.len() * 10 < little.len() * 6, "{}", coded.len());
        assert_eq!(coded, round_trip(&big, &params(BIG_ENDIAN, 200, 20)));
        assert!(round_trip(&[0; 4000], &params(IBM, 10, 100)).len() < 40);
    }

    #[test]
    fn damage_is_found_or_gives_the_right_length() {
        let bytes: Vec<u8> = swinging(16, 4).iter().flat_map(|number| number.to_le_bytes()).collect();
        let params = params(0, 16, 4);
        let coded = round_trip(&bytes, &params);
        for at in (0..coded.len()).step_by(3) {
            for flip in [1, 128] {
                let mut broken = coded.clone();
                broken[at] ^= flip;
                if let Ok(back) = Floats::decode(&broken, &params, bytes.len()) {
                    assert_eq!(back.len(), bytes.len());
                }
            }
            if let Ok(back) = Floats::decode(&coded[..at], &params, bytes.len()) {
                assert_eq!(back.len(), bytes.len());
            }
        }
        assert_eq!(Floats::decode(&coded, &params, bytes.len() + 4), Err(Fault::Damaged));
    }

    #[test]
    fn odd_parameters_are_refused() {
        for wrong in [&[][..], &[0; 6], &[4, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 8, 0, 0, 8]] {
            assert_eq!(Floats::encode(&[], wrong), Err(Fault::Unsupported));
        }
    }
}
