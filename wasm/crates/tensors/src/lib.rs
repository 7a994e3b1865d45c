//! Elements of tensors (weights of neural networks): signs, exponents and mantissas, each as predictable as it is.

mod elements;
mod engine;
mod lag;
mod layout;
mod mirror;
mod plane;
mod planes;
mod traits;
mod walk;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
pub use elements::Elements;

/// Elements of one type, tensor after tensor; see [`layout::read`] for the parameters.
pub struct Tensor;

impl Model for Tensor {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (element, counts) = layout::read(params)?;
        if elements(&counts).and_then(|count| count.checked_mul(element.bytes)) != Some(input.len()) {
            return Err(Fault::Unsupported);
        }
        let values: Vec<u64> = input.chunks_exact(element.bytes).map(|bytes| element.load(bytes)).collect();
        let traits = traits::study(element, &values, &counts);
        let mut head = Vec::new();
        traits.iter().for_each(|one| one.write(&mut head));
        let mut encoder = Encoder::new(head);
        walk::encode(element, &traits, &values, &mut encoder);
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let (element, counts) = layout::read(params)?;
        let count = elements(&counts).ok_or(Fault::Damaged)?;
        if count.checked_mul(element.bytes) != Some(length) {
            return Err(Fault::Damaged);
        }
        let mut at = 0;
        let traits = traits::read(element, payload, &mut at, &counts).ok_or(Fault::Damaged)?;
        let mut decoder = Decoder::new(&payload[at..]);
        let values = walk::decode(element, &traits, count, &mut decoder).ok_or(Fault::Damaged)?;
        if !decoder.is_at_end() {
            return Err(Fault::Damaged);
        }
        let mut output = Vec::with_capacity(length);
        values.into_iter().for_each(|value| element.store(value, &mut output));
        Ok(output)
    }
}

fn elements(counts: &[usize]) -> Option<usize> {
    counts.iter().try_fold(0usize, |sum, &count| sum.checked_add(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32) -> impl FnMut() -> u32 {
        let mut x = seed;
        move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            x >> 8
        }
    }

    fn round_trip(bytes: &[u8], params: &[u8]) -> Vec<u8> {
        let coded = Tensor::encode(bytes, params).unwrap();
        assert_eq!(Tensor::decode(&coded, params, bytes.len()).unwrap(), bytes);
        coded
    }

    /// Weights as training leaves them: bell-shaped about 0, of one scale.
    fn weights(count: usize) -> Vec<u8> {
        let mut next = noise(7);
        let mut uniform = || next() as f32 / (1 << 24) as f32 - 0.5;
        (0..count).flat_map(|_| ((uniform() + uniform() + uniform()) * 0.05).to_le_bytes()).collect()
    }

    #[test]
    fn any_elements_come_back() {
        let mut next = noise(1);
        let bytes: Vec<u8> = (0..960).map(|_| next() as u8 & next() as u8).collect();
        for (width, exponent) in [(1, 0), (1, 4), (1, 5), (2, 0), (2, 5), (2, 8), (4, 0), (4, 8), (8, 0), (8, 11)] {
            for flags in [0, 3] {
                let each = 960 / width as usize / 3;
                let [low, high] = [each as u8 & 127 | 128, (each >> 7) as u8];
                let mut params = vec![width, exponent, flags];
                (0..3).for_each(|_| params.extend([low, high]));
                round_trip(&bytes, &params);
            }
        }
        round_trip(&[], &[4, 8, 2]);
    }

    #[test]
    fn what_is_no_noise_costs_little() {
        let bytes = weights(20_000);
        let coded = round_trip(&bytes, &[4, 8, 2, 160, 156, 1]).len();
        assert!(coded * 8 < 20_000 * 28);
        let twice = [bytes.clone(), bytes].concat();
        let params = [4, 8, 2, 160, 156, 1, 160, 156, 1];
        assert!(round_trip(&twice, &params).len() < coded + 64);
    }

    #[test]
    fn values_that_come_again_and_zeros_below_cost_little() {
        let mut next = noise(3);
        let few: Vec<u8> = (0..4000).flat_map(|_| (0.1f32 * (next() % 16) as f32).to_le_bytes()).collect();
        assert!(round_trip(&few, &[4, 8, 2, 160, 31]).len() < 4000);
        let short: Vec<u8> = (0..4000).flat_map(|_| ((next() << 16) & 0x7fff_0000).to_le_bytes()).collect();
        assert!(round_trip(&short, &[4, 8, 2, 160, 31]).len() < 4000 * 9 / 4);
    }

    #[test]
    fn what_is_symmetric_costs_half() {
        let half: Vec<[u8; 4]> = weights(4000).chunks_exact(4).map(|bytes| bytes.try_into().unwrap()).collect();
        let rows: Vec<u8> = half.chunks(50).flat_map(|row| row.iter().chain(row.iter().rev()).flatten().copied()).collect();
        let params = [4, 8, 2, 192, 62];
        let plain = Tensor::encode(&weights(8000), &params).unwrap().len();
        let coded = round_trip(&rows, &params);
        assert!(coded.len() * 9 < plain * 5);
        for at in (0..coded.len()).step_by(997) {
            let mut broken = coded.clone();
            broken[at] ^= 64;
            if let Ok(back) = Tensor::decode(&broken, &params, rows.len()) {
                assert_eq!(back.len(), rows.len());
            }
        }
    }

    #[test]
    fn damage_is_found_or_gives_the_right_length() {
        let bytes = weights(40);
        let params = [4, 8, 2, 20, 20];
        let coded = round_trip(&bytes, &params);
        for at in 0..coded.len() {
            for flip in [1, 128] {
                let mut broken = coded.clone();
                broken[at] ^= flip;
                if let Ok(back) = Tensor::decode(&broken, &params, bytes.len()) {
                    assert_eq!(back.len(), bytes.len());
                }
            }
            assert!(Tensor::decode(&coded[..at.min(coded.len() - 8)], &params, bytes.len()).is_err());
        }
        assert_eq!(Tensor::decode(&coded, &params, bytes.len() + 4), Err(Fault::Damaged));
    }
}
