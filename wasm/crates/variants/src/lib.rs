//! Variants: VCF text by context mixing over its columns, keys, samples and lists. `docs/format/variants.md` is the
//! specification.

mod columns;
mod engine;
mod gaps;
mod gate;
mod genotypes;
mod guides;
mod haplotypes;
mod hash;
mod quick_engine;
mod reckoning;
mod scene;
mod speller;
mod token_gate;
mod tokens;

pub use engine::TextModel;

use crate::engine::Engine;
use crate::quick_engine::QuickEngine;
use abi::{Fault, Level, Model};
use coding::arithmetic::Coder;
use coding::ranges::{Decoder, Encoder};

/// The longest text.
pub const LONGEST: usize = 32 << 20;

/// Codes a whole text, or what there is of it.
pub trait Coding {
    type Output;
    fn run<E: TextModel>(self, engine: E) -> Self::Output;
}

/// Runs `coding` with the engine of a level, for a text of `length` bytes.
pub fn at_level<C: Coding>(level: Level, length: usize, coding: C) -> C::Output {
    match level {
        Level::Fast => coding.run(QuickEngine::<2, false>::new(length)),
        Level::Balanced => coding.run(QuickEngine::<4, true>::new(length)),
        Level::Max => coding.run(Engine::<6, 16>::new([0, 1, 2, 3, 4, 5], length)),
    }
}

/// VCF. To encode takes one byte of parameters, the level; to decode takes none. The payload begins with the level.
pub struct Vcf;

impl Model for Vcf {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let level = params.first().and_then(|&number| Level::of(number)).ok_or(Fault::Unsupported)?;
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        Ok(at_level(level, input.len(), Encoding { input, level }))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let (&number, coded) = payload.split_first().ok_or(Fault::Damaged)?;
        let level = Level::of(number).ok_or(Fault::Damaged)?;
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        at_level(level, length, Decoding { coded, length }).ok_or(Fault::Damaged)
    }
}

struct Encoding<'a> {
    input: &'a [u8],
    level: Level,
}

impl Coding for Encoding<'_> {
    type Output = Vec<u8>;

    fn run<E: TextModel>(self, mut engine: E) -> Vec<u8> {
        let mut encoder = Encoder::new(vec![self.level as u8]);
        let mut at = 0;
        while at < self.input.len() {
            let (history, rest) = self.input.split_at(at);
            at += engine.code(&mut encoder, history, rest).len();
        }
        encoder.finish()
    }
}

struct Decoding<'a> {
    coded: &'a [u8],
    length: usize,
}

impl Coding for Decoding<'_> {
    type Output = Option<Vec<u8>>;

    fn run<E: TextModel>(self, mut engine: E) -> Option<Vec<u8>> {
        let mut decoder = Decoder::new(self.coded);
        let mut output = Vec::with_capacity(self.length);
        while output.len() < self.length {
            output.extend_from_slice(engine.code(&mut decoder, &output, &[]));
            if decoder.is_lost() {
                return None;
            }
        }
        output.truncate(self.length);
        decoder.is_at_end().then_some(output)
    }
}
