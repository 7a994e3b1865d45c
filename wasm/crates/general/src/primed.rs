//! Text engines that have read a little of everything before they begin (prose, markup, style sheets, programs), so
//! that small files cost only what is new in them. One is trained once a thread, then copied.

use crate::source::{slot_bits, table_bits};
use crate::text::{Text, TextEngine};
use coding::slots::Slots;
use std::cell::RefCell;

/// As `scripts/train-dictionaries.mjs` chose it. Once released, it never changes.
static READ_BEFORE: &[u8] = include_bytes!("../dictionaries/text-1.txt");

/// Size of the history table as a power of two while an engine is trained.
const TRAINED_BITS: u32 = 24;
/// The smallest table.
const EMPTY_BITS: u32 = 10;

thread_local! {
    /// With an empty history table, since that of a copy may be larger, and that table.
    static TRAINED: RefCell<Option<(TextEngine, Slots)>> = const { RefCell::new(None) };
}

/// An engine with room for `length` bytes, and what it has read.
pub fn text_engine(length: usize) -> (TextEngine, &'static [u8]) {
    let engine = TRAINED.with_borrow_mut(|trained| {
        let (engine, slots) = trained.get_or_insert_with(train);
        let mut engine = engine.clone();
        engine.replace_slots(slots.grown(slot_bits(length).saturating_sub(TRAINED_BITS)));
        engine
    });
    (engine.with_source(|text| text.grow(table_bits(length))), READ_BEFORE)
}

fn train() -> (TextEngine, Slots) {
    let mut engine = TextEngine::new(Text::new(READ_BEFORE.len()), Slots::new(TRAINED_BITS));
    for (at, &byte) in READ_BEFORE.iter().enumerate() {
        engine.code(&READ_BEFORE[..at], |question, _| question.answer(byte));
    }
    let slots = engine.replace_slots(Slots::new(EMPTY_BITS));
    (engine, slots)
}
