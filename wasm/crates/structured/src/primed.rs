//! Engines that have read a little of all kinds of logs before they begin, so that a small log costs only what is new
//! in it. One is trained once a thread, then copied.

use crate::engine::Thorough;
use crate::layout::Dialect;
use crate::text::Text;
use coding::slots::Slots;
use std::cell::RefCell;

/// As `scripts/log-primer.mjs` wrote it. Once released, it never changes.
static READ_BEFORE: &[u8] = include_bytes!("../primers/logs-1.txt");

/// Size of the table of histories as a power of two while an engine is trained, which each copy takes at least.
const TRAINED_BITS: u32 = 22;
/// The smallest table.
const EMPTY_BITS: u32 = 10;
/// What is kept of each history, in bits: what a log says of itself soon counts for more.
const REMEMBERED_BITS: u8 = 3;

thread_local! {
    /// With an empty table of histories, since that of a copy may be larger, and that table.
    static TRAINED: RefCell<Option<(Thorough<Text>, Slots)>> = const { RefCell::new(None) };
}

/// An engine that knows how logs are written, for `length` bytes. Its past is that of `text`, which has read nothing.
pub fn engine(text: Text, length: usize) -> Thorough<Text> {
    TRAINED.with_borrow_mut(|trained| {
        let (engine, slots) = trained.get_or_insert_with(train);
        let more = Thorough::<Text>::slot_bits(length).saturating_sub(TRAINED_BITS);
        engine.clone().begun_anew(text, slots.grown(more))
    })
}

fn train() -> (Thorough<Text>, Slots) {
    let text = Text::new(Dialect::Lines, READ_BEFORE.len(), true);
    let mut engine = Thorough::with_slots(text, Slots::new(TRAINED_BITS));
    for (at, &byte) in READ_BEFORE.iter().enumerate() {
        engine.code(&READ_BEFORE[..at], |question, _| question.answer(byte));
    }
    let mut slots = engine.replace_slots(Slots::new(EMPTY_BITS));
    slots.weaken(REMEMBERED_BITS);
    (engine.begun_anew(Text::new(Dialect::Lines, 0, true), Slots::new(EMPTY_BITS)), slots)
}
