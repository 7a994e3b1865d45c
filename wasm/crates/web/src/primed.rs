//! Engines that have read a dictionary: trained once a thread and dictionary, then copied.

use crate::full::{Full, FullEngine};
use crate::lean::Lean;
use coding::arithmetic::{Decoder, Encoder};
use coding::slots::Slots;
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

/// The smallest table.
const EMPTY_BITS: u32 = 10;

/// An engine to be trained with a dictionary.
pub trait Primable: Clone + Sized + 'static {
    /// Size of its history table as a power of two: while it is trained, and at most.
    const TABLE_BITS: [u32; 2];
    /// How many of the last bytes of a dictionary it learns from; in those before it only finds matches.
    const STUDIED: usize;
    fn new() -> Self;
    fn replace_slots(&mut self, slots: Slots) -> Slots;
    fn code(&mut self, history: &[u8], coder: impl FnMut(Question, u32) -> u32) -> u8;
    fn skip(&mut self, history: &[u8]);
    /// The engines trained so far, by the number of their dictionary.
    fn with_trained<R>(work: impl FnOnce(&mut [Option<Trained<Self>>; DICTIONARIES.len()]) -> R) -> R;
}

/// What is kept of an engine that has read a dictionary.
pub struct Trained<E> {
    /// With an empty table, since that of a copy may be larger.
    engine: E,
    slots: Slots,
}

impl<E: Primable> Trained<E> {
    fn new(text: &[u8]) -> Self {
        let mut engine = E::new();
        let studied = text.len().saturating_sub(E::STUDIED);
        for at in 0..studied {
            engine.skip(&text[..at]);
        }
        for (at, &byte) in text.iter().enumerate().skip(studied) {
            engine.code(&text[..at], |question, _| question.answer(byte));
        }
        let slots = engine.replace_slots(Slots::new(EMPTY_BITS));
        Trained { engine, slots }
    }

    /// A copy that has room for `length` bytes.
    fn copy(&self, length: usize) -> E {
        let [trained, most] = E::TABLE_BITS;
        let wanted = length.max(1).ilog2() + 7;
        let mut engine = self.engine.clone();
        engine.replace_slots(self.slots.grown(wanted.clamp(trained, most) - trained));
        engine
    }
}

macro_rules! primable {
    ($engine:ty, $new:expr, $bits:literal, $most:literal, $studied:expr) => {
        impl Primable for $engine {
            const TABLE_BITS: [u32; 2] = [$bits, $most];
            const STUDIED: usize = $studied;

            fn new() -> Self {
                let mut engine: $engine = $new;
                engine.replace_slots(Slots::new($bits));
                engine
            }

            fn replace_slots(&mut self, slots: Slots) -> Slots {
                self.replace_slots(slots)
            }

            fn code(&mut self, history: &[u8], coder: impl FnMut(Question, u32) -> u32) -> u8 {
                self.code(history, coder)
            }

            fn skip(&mut self, history: &[u8]) {
                self.skip(history)
            }

            fn with_trained<R>(work: impl FnOnce(&mut [Option<Trained<Self>>; DICTIONARIES.len()]) -> R) -> R {
                thread_local! {
                    static TRAINED: RefCell<[Option<Trained<$engine>>; DICTIONARIES.len()]> =
                        const { RefCell::new([const { None }; DICTIONARIES.len()]) };
                }
                TRAINED.with(|trained| work(&mut trained.borrow_mut()))
            }
        }
    };
}

primable!(FullEngine, FullEngine::new(Full::new(), Slots::new(EMPTY_BITS)), 25, 26, 192 << 10);
primable!(Lean, Lean::new(Slots::new(EMPTY_BITS)), 22, 22, 64 << 10);

/// An engine that knows a dictionary, and the text that it has read.
pub struct Primed<E> {
    pub engine: E,
    pub history: Vec<u8>,
}

impl<E: Primable> Primed<E> {
    /// For `length` bytes.
    pub fn new(dictionary: usize, length: usize) -> Option<Self> {
        let text = *DICTIONARIES.get(dictionary)?;
        let engine =
            E::with_trained(|trained| trained[dictionary].get_or_insert_with(|| Trained::new(text)).copy(length));
        let mut history = Vec::with_capacity(text.len() + length);
        history.extend_from_slice(text);
        Some(Primed { engine, history })
    }

    /// Reads on in another text: to learn from it, or for its matches alone.
    pub fn read(&mut self, text: &[u8], learn: bool) {
        for &byte in text {
            if learn {
                self.engine.code(&self.history, |question, _| question.answer(byte));
            } else {
                self.engine.skip(&self.history);
            }
            self.history.push(byte);
        }
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
