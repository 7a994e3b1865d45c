//! The engine of level balanced: whole bytes are suggested before any is spelt bit by bit, for several times the speed
//! of the engine of the general model.

use crate::ahead::Matcher;
use crate::guesses::{Guesses, CONTEXTS};
use crate::shortcut::Shortcut;
use crate::speller::Speller;
use crate::suggestion::{Signs, Suggester, Vote, NONE, POINTERS, ROUNDS};
use crate::words::Words;
use coding::slots::Slots;
use general::{recent, Question};

/// After so many bytes that nothing suggested, more of them are spelt plainly: what is no text shall not take long.
const LOST: usize = 32;

#[derive(Clone)]
pub struct Lean {
    words: Words,
    long: Matcher<16, 16>,
    short: Matcher<5, 16>,
    guesses: Guesses,
    shortcut: Shortcut,
    suggester: Suggester,
    speller: Speller,
    /// Bytes in a row that nothing suggested.
    unsuggested: usize,
}

impl Lean {
    pub fn new(slots: Slots) -> Self {
        Lean {
            words: Words::default(),
            long: Matcher::new(),
            short: Matcher::new(),
            guesses: Guesses::new(),
            shortcut: Shortcut::new(),
            suggester: Suggester::new(),
            speller: Speller::new(slots),
            unsuggested: 0,
        }
    }

    pub fn replace_slots(&mut self, slots: Slots) -> Slots {
        self.speller.replace_slots(slots)
    }

    /// Codes one byte: `coder` gets each question with the probability of yes, and answers.
    #[inline(always)]
    pub fn code(&mut self, history: &[u8], mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.read(history);
        let recent = recent(history);
        let votes = [self.long.pointer(), self.short.pointer()].map(|pointer| Vote::of(pointer, history));
        let mut rejected = [NONE; ROUNDS];
        if let Some((byte, trust)) = leading(votes) {
            if self.shortcut.is_open(trust) {
                let chance =
                    self.shortcut.chance(byte, trust, [last(recent, 2), last(recent, 4), self.words.named()]);
                let came = coder(Question::Byte(byte), chance) != 0;
                self.shortcut.update(came);
                self.shortcut.learn(trust, came);
                if came {
                    return byte;
                }
                rejected[0] = byte as u16;
            }
        }
        let byte = self.suggest_or_spell(recent, votes, rejected, coder);
        if let (Some((expected, trust)), NONE) = (leading(votes), rejected[0]) {
            self.shortcut.learn(trust, expected == byte);
        }
        self.suggester.learn(&votes, byte);
        self.guesses.learn(byte);
        byte
    }

    /// Takes in the newest byte of `history`, before any is coded: to be found, but with no pointer that follows it.
    pub fn skip(&mut self, history: &[u8]) {
        if let Some(&byte) = history.last() {
            self.words.read(byte);
            self.guesses.learn(byte);
        }
        self.long.note(history);
        self.short.note(history);
        self.guesses.find(&self.contexts(recent(history)));
    }

    #[inline(always)]
    fn read(&mut self, history: &[u8]) {
        if let Some(&byte) = history.last() {
            self.words.read(byte);
        }
        self.long.update(history);
        self.short.update(history);
    }

    #[inline(always)]
    fn suggest_or_spell(
        &mut self,
        recent: u64,
        votes: [Vote; POINTERS],
        mut rejected: [u16; ROUNDS],
        mut coder: impl FnMut(Question, u32) -> u32,
    ) -> u8 {
        let contexts = self.contexts(recent);
        self.guesses.find(&contexts);
        let signs = Signs { guesses: self.guesses.found(), votes };
        self.unsuggested += 1;
        for round in (rejected[0] != NONE) as usize..ROUNDS {
            let Some(suggestion) = self.suggester.best(&signs, rejected[0]) else { break };
            self.unsuggested = 0;
            let chance = self.suggester.chance(&signs, &suggestion, round);
            let came = coder(Question::Byte(suggestion.byte), chance) != 0;
            self.suggester.update(came);
            if came {
                return suggestion.byte;
            }
            rejected[round] = suggestion.byte as u16;
        }
        if self.unsuggested > LOST {
            return self.speller.spell_plainly(coder);
        }
        let [order2, _, order4, _, _, placed] = contexts;
        self.speller.spell([order2, order4, placed], recent as u8, rejected, coder)
    }

    #[inline(always)]
    fn contexts(&self, recent: u64) -> [u64; CONTEXTS] {
        let [order2, order3, order4, order6] = [2, 3, 4, 6].map(|count| last(recent, count));
        [order2, order3, order4, order6, self.words.named(), self.words.placed()]
    }
}

/// The byte that the first pointer expects which expects any, and how far it is to be trusted.
#[inline(always)]
fn leading([long, short]: [Vote; POINTERS]) -> Option<(u8, usize)> {
    let (vote, kind) = if long.byte == NONE {
        (short, 1)
    } else if long.byte == short.byte {
        (long, 2)
    } else {
        (long, 0)
    };
    (vote.byte != NONE).then_some((vote.byte as u8, vote.confidence << 2 | kind))
}

/// The last `count` of eight bytes.
#[inline(always)]
fn last(recent: u64, count: u32) -> u64 {
    recent & (u64::MAX >> (64 - 8 * count))
}
