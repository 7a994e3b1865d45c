//! Engines that have read a dictionary: trained once a thread, then copied.

use crate::code::{Full, FullEngine, Light, LightEngine};
use coding::arithmetic::{Decoder, Encoder};
use general::Question;
use std::cell::RefCell;

/// A text of the languages, as `scripts/train-dictionaries.mjs` chose it. Numbers keep their meaning for ever.
pub type Dictionary = &'static [u8];

/// The dictionaries, by their number.
pub const DICTIONARIES: [Dictionary; 4] = [
    b"",
    include_bytes!("../dictionaries/js-1.txt"),
    include_bytes!("../dictionaries/css-1.txt"),
    include_bytes!("../dictionaries/html-1.txt"),
];

/// An engine to be trained with a dictionary.
pub trait Primable: Clone + Sized + 'static {
    fn new() -> Self;
    /// Makes room for `length` bytes.
    fn reserve(&mut self, length: usize);
    fn code(&mut self, history: &[u8], coder: impl FnMut(Question, u32) -> u32) -> u8;
    fn skip(&mut self, history: &[u8]);
    /// The engine trained last, and the number of its dictionary.
    fn with_latest<R>(work: impl FnOnce(&mut Option<(usize, Self)>) -> R) -> R;
}

macro_rules! primable {
    ($engine:ty, $source:ty, $bits:literal, $most:literal) => {
        impl Primable for $engine {
            fn new() -> Self {
                // The engine makes 64 bytes of histories for each byte to come.
                <$engine>::new(<$source>::new(), 1 << ($bits - 6))
            }

            fn reserve(&mut self, length: usize) {
                let wanted = length.max(1).ilog2() + 7;
                self.grow(wanted.clamp($bits, $most) - $bits);
            }

            fn code(&mut self, history: &[u8], coder: impl FnMut(Question, u32) -> u32) -> u8 {
                self.code(history, coder)
            }

            fn skip(&mut self, history: &[u8]) {
                self.skip(history)
            }

            fn with_latest<R>(work: impl FnOnce(&mut Option<(usize, Self)>) -> R) -> R {
                thread_local! {
                    static LATEST: RefCell<Option<(usize, $engine)>> = const { RefCell::new(None) };
                }
                LATEST.with(|latest| work(&mut latest.borrow_mut()))
            }
        }
    };
}

primable!(FullEngine, Full, 25, 26);
primable!(LightEngine, Light, 22, 24);

/// An engine that knows a dictionary, and the text that it has read.
pub struct Primed<E> {
    engine: E,
    history: Vec<u8>,
}

impl<E: Primable> Primed<E> {
    /// For `length` bytes behind `base`, which is read after the dictionary for its matches alone.
    pub fn new(dictionary: usize, base: &[u8], length: usize) -> Option<Self> {
        let text = *DICTIONARIES.get(dictionary)?;
        let mut engine = E::with_latest(|latest| {
            if !matches!(latest, Some((number, _)) if *number == dictionary) {
                *latest = Some((dictionary, trained::<E>(text)));
            }
            latest.as_ref().map(|(_, engine)| engine.clone())
        })?;
        engine.reserve(length);
        let mut history = Vec::with_capacity(text.len() + base.len() + length);
        history.extend_from_slice(text);
        for &byte in base {
            engine.skip(&history);
            history.push(byte);
        }
        Some(Primed { engine, history })
    }

    pub fn encode(mut self, input: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        for &byte in input {
            self.engine.code(&self.history, |question, one| {
                let answer = question.answer(byte);
                encoder.encode(answer, one);
                answer
            });
            self.history.push(byte);
        }
        encoder.finish()
    }

    /// Exactly `length` bytes, or nothing when `coded` is not what an encoder wrote.
    pub fn decode(mut self, coded: &[u8], length: usize) -> Option<Vec<u8>> {
        let start = self.history.len();
        let mut decoder = Decoder::new(coded);
        while self.history.len() < start + length {
            let byte = self.engine.code(&self.history, |_, one| decoder.decode(one));
            self.history.push(byte);
            if decoder.overrun() > 4 {
                return None;
            }
        }
        decoder.is_at_end().then(|| self.history.split_off(start))
    }
}

fn trained<E: Primable>(text: &[u8]) -> E {
    let mut engine = E::new();
    for (at, &byte) in text.iter().enumerate() {
        engine.code(&text[..at], |question, _| question.answer(byte));
    }
    engine
}
