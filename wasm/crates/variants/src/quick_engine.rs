//! Codes tokens if they are expected, and bytes else, for speed.

use crate::engine::{BitCoder, Coder};
use crate::hash::hash;
use crate::quick::{QuickGate, Speller};
use crate::scene::Scene;

/// Expected bytes are asked for if their chance (of 65536) is larger.
const THRESHOLD: u32 = 30000;

/// With the first `GATES` contexts of a question, and `SLOTS` contexts of a byte.
pub struct QuickEngine<const SLOTS: usize, const GATES: usize> {
    scene: Scene,
    kinds: [usize; SLOTS],
    gate: QuickGate,
    /// The same for whole tokens.
    token_gate: QuickGate,
    /// What is known of the text to come, and how much of it has come.
    known: Vec<u8>,
    taken: usize,
    speller: Speller,
}

impl<const SLOTS: usize, const GATES: usize> QuickEngine<SLOTS, GATES> {
    /// For a text of `length` bytes; `kinds`: which of the contexts of [`Scene::slot_context`] it uses.
    pub fn new(kinds: [usize; SLOTS], length: usize) -> Self {
        QuickEngine {
            scene: Scene::new(length, false),
            kinds,
            gate: QuickGate::new(length),
            token_gate: QuickGate::new(length),
            known: Vec::new(),
            taken: 0,
            speller: Speller::new(length),
        }
    }

    /// Asks for the likeliest of the expected tokens, which becomes known if it comes.
    #[inline(always)]
    fn foretell<C: BitCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8], field: usize) -> bool {
        let (expected, lengths) = self.scene.expected_tokens(history);
        let Some(candidate) = self.token_gate.best(&expected) else { return false };
        let contexts = self.scene.gate_contexts(history);
        let chance = self.token_gate.chance::<GATES>(candidate, &contexts, field);
        let Some(guide) = expected.iter().position(|sign| sign.0 == Some(candidate.byte)) else { return false };
        let token = self.scene.token(guide, lengths[guide], history);
        let came = coder.code(rest.starts_with(token) as u32, chance) != 0;
        self.token_gate.update::<GATES>(came);
        if came {
            self.known.clear();
            self.known.extend_from_slice(token);
        }
        came
    }
}

impl<const SLOTS: usize, const GATES: usize> Coder for QuickEngine<SLOTS, GATES> {
    #[inline(always)]
    fn code<C: BitCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> u8 {
        self.scene.update(history);
        if self.taken < self.known.len() {
            self.taken += 1;
            return self.known[self.taken - 1];
        }
        let field = (self.scene.field >> 40) as usize;
        if self.scene.depth(history) == 0 && self.foretell(coder, history, rest, field) {
            self.taken = 1;
            return self.known[0];
        }
        let byte = rest.first().copied().unwrap_or(0);
        self.scene.expect(history);
        let mut expected = self.scene.expected;
        let mut asked = None;
        if let Some(candidate) = self.gate.best(&expected) {
            let contexts = self.scene.gate_contexts(history);
            let chance = self.gate.chance::<GATES>(candidate, &contexts, field);
            asked = Some(candidate.byte);
            if chance > THRESHOLD {
                let came = coder.code((byte == candidate.byte) as u32, chance) != 0;
                self.gate.update::<GATES>(came);
                asked = None;
                if came {
                    return candidate.byte;
                }
                for sign in expected.iter_mut().filter(|sign| sign.0 == Some(candidate.byte)) {
                    sign.0 = None;
                }
            }
        }
        let contexts = core::array::from_fn(|i| hash(self.scene.slot_context(history, self.kinds[i]), i as u64 + 1));
        let found = self.speller.code::<C, SLOTS>(coder, byte, &contexts, &expected, field);
        if let Some(asked) = asked {
            self.gate.update::<GATES>(found == asked);
        }
        found
    }

    fn place(&self) -> (u8, u32, usize) {
        (self.scene.columns.area as u8, self.scene.columns.key, self.speller.spelt())
    }
}
