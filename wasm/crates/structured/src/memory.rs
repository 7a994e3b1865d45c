//! What stood last in each place of a record, and how it changed: found by the hash of the place.

use crate::numbers::{Expectation, Written};

/// Numbers of the recent past that another may be like.
const RECENT: usize = 32;
/// Hexadecimal digits that count as a number; those before are taken as they were.
const TAIL: usize = 12;

/// A place of a record.
#[derive(Clone, Copy, Default)]
pub struct Entry {
    check: u32,
    /// Where its tokens began: the last one, the one before; 0 is nowhere.
    pub at: [u32; 2],
    /// For the last eight tokens, latest lowest: was it the same as before?
    pub same: u8,
    /// The last token as a hash.
    pub token: u32,
    /// Bytes of a token before its number begins.
    pub lead: u8,
    padded: bool,
    number: Option<Written>,
    step: i64,
    steps: u8,
    source: u16,
    distance: i64,
    related: u8,
    /// For the last eight numbers, latest lowest: was the step that of the number before it?
    stepped: u8,
    /// How far the last number was from the one of its kin before it.
    change: u64,
    /// Whose change the number is; 0 is nobody.
    mover: u16,
    /// For the last eight numbers, latest lowest: was it that?
    moved: u8,
}

#[derive(Clone)]
pub struct Memory {
    entries: Vec<Entry>,
    recent: [(u16, u64); RECENT],
    newest: usize,
    /// The last step of any number that was not none.
    step: i64,
    /// The last changes of numbers, and whose they were.
    changes: [(u16, u64); RECENT],
    changed: usize,
}

impl Memory {
    /// For `1 << bits` places, at most 16.
    pub fn new(bits: u32) -> Self {
        Memory {
            entries: vec![Entry::default(); 1 << bits.min(16)],
            recent: [(0, 0); RECENT],
            newest: 0,
            step: 0,
            changes: [(0, 0); RECENT],
            changed: 0,
        }
    }

    /// Where the entry of a place lies; made empty if it was another's.
    #[inline]
    pub fn find(&mut self, place: u64) -> usize {
        let index = (place >> 20) as usize & (self.entries.len() - 1);
        let check = (place >> 8) as u32;
        let entry = &mut self.entries[index];
        if entry.check != check {
            *entry = Entry { check, ..Entry::default() };
        }
        index
    }

    #[inline]
    pub fn entry(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    /// The number that follows the last one as that did the one before.
    pub fn continued(&self, index: usize) -> Expectation {
        let entry = &self.entries[index];
        let Some(last) = entry.number else { return Expectation::none() };
        let trust = (entry.steps & 7) << 1 | (entry.step == 0) as u8;
        Expectation::of(last.value.wrapping_add(entry.step as u64), last, entry.padded, trust)
    }

    /// The number that is as far from its model as the last one was.
    pub fn related(&self, index: usize) -> Expectation {
        let entry = &self.entries[index];
        let Some(last) = entry.number else { return Expectation::none() };
        let Some(source) = self.entries[entry.source as usize].number else { return Expectation::none() };
        let trust = (entry.related & 7) << 1 | (entry.distance == 0) as u8;
        Expectation::of(source.value.wrapping_add(entry.distance as u64), last, entry.padded, trust)
    }

    /// The number that has moved as far as the last one that moved at all.
    pub fn stepped(&self, index: usize) -> Expectation {
        let entry = &self.entries[index];
        let Some(last) = entry.number else { return Expectation::none() };
        let trust = (entry.stepped & 7) << 1 | (entry.step == 0) as u8;
        Expectation::of(last.value.wrapping_add(self.step as u64), last, entry.padded, trust)
    }

    /// The number that is as large as the last change of another.
    pub fn moved(&self, index: usize) -> Expectation {
        let entry = &self.entries[index];
        let Some(last) = entry.number.filter(|_| entry.mover != 0) else { return Expectation::none() };
        let change = self.entries[entry.mover as usize].change;
        let is_newest = self.changes[(self.changed + RECENT - 1) % RECENT].0 == entry.mover;
        Expectation::of(change, last, entry.padded, (entry.moved & 7) << 1 | is_newest as u8)
    }

    /// The token of `index` has ended, which was taken in as that of `kin`, too: its number may be as large as the change
    /// of another, or have changed.
    pub fn relate(&mut self, index: usize, kin: usize) {
        let Some(Written { value, .. }) = self.entries[index].number else { return };
        let change = self.entries[self.entries[index].mover as usize].change;
        let entry = &mut self.entries[index];
        let fits = entry.mover != 0 && change == value;
        entry.moved = entry.moved << 1 | fits as u8;
        if !fits && value > 1 {
            if let Some((place, _)) = self.changes.iter().find(|(_, change)| *change == value) {
                entry.mover = *place;
            }
        }
        if self.entries[kin].number.is_none() {
            return;
        }
        let change = self.entries[kin].step.unsigned_abs();
        self.entries[index].change = change;
        if change != 0 {
            self.changes[self.changed % RECENT] = (index as u16, change);
            self.changed += 1;
        }
    }

    /// The token of `index` has ended: others may move as its number did.
    pub fn settle(&mut self, index: usize) {
        let entry = &self.entries[index];
        if entry.number.is_some() && entry.step != 0 {
            self.step = entry.step;
        }
    }

    /// Takes in the token that began at `start` in the place of `index`; `notes` its number, if others may be like it.
    pub fn learn(&mut self, index: usize, start: usize, bytes: &[u8], token: u64, notes: bool) {
        let entry = &mut self.entries[index];
        let known = entry.at[0] > 0;
        entry.same = entry.same << 1 | (known && entry.token == token as u32) as u8;
        entry.token = token as u32;
        entry.at = [start as u32, entry.at[0]];
        let hexadecimal = entry.number.is_some_and(|number| number.hexadecimal);
        let Some((lead, written)) = read_number(bytes, hexadecimal) else {
            entry.number = None;
            return;
        };
        entry.lead = lead as u8;
        entry.padded |= written.hexadecimal || (written.length > 1 && bytes[lead] == b'0');
        self.learn_number(index, written, notes);
    }

    fn learn_number(&mut self, index: usize, written: Written, notes: bool) {
        let value = written.value;
        let before = self.entries[index];
        let source = self.entries[before.source as usize].number.map_or(0, |number| number.value);
        let entry = &mut self.entries[index];
        if let Some(last) = before.number {
            let step = value.wrapping_sub(last.value) as i64;
            entry.steps = before.steps << 1 | (step == before.step) as u8;
            entry.step = step;
            entry.stepped = before.stepped << 1 | (step == self.step) as u8;
            let distance = value.wrapping_sub(source) as i64;
            let fits = before.related != 0 && distance == before.distance;
            entry.related = before.related << 1 | fits as u8;
            entry.distance = distance;
        }
        if notes && entry.related & 1 == 0 {
            let equal = self.recent.iter().find(|(place, other)| *other == value && *place as usize != index);
            if let Some((place, _)) = equal {
                entry.source = *place;
                entry.distance = 0;
                entry.related = entry.related & 0xfe | 2;
            }
        }
        entry.number = Some(written);
        if notes {
            self.recent[self.newest % RECENT] = (index as u16, value);
            self.newest += 1;
        }
    }
}

/// The number that a token ends with or is, and how many bytes come before it.
fn read_number(bytes: &[u8], hexadecimal: bool) -> Option<(usize, Written)> {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let all_hexadecimal = digits < bytes.len() || hexadecimal;
    if all_hexadecimal && (4..=64).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_hexdigit) {
        let lead = bytes.len().saturating_sub(TAIL);
        return Some((lead, parse(&bytes[lead..], true)));
    }
    let lead = bytes.len() - digits;
    ((1..=18).contains(&digits) && lead < 64).then(|| (lead, parse(&bytes[lead..], false)))
}

fn parse(digits: &[u8], hexadecimal: bool) -> Written {
    let base = if hexadecimal { 16 } else { 10 };
    let value = digits.iter().fold(0, |value, &byte| {
        let digit = if byte.is_ascii_digit() { byte - b'0' } else { (byte | 0x20) - b'a' + 10 };
        value * base + digit as u64
    });
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    Written { value, length: digits.len() as u8, hexadecimal, upper }
}
