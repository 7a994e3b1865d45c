//! Magnitudes that come again one after the other, forwards or backwards: windows and bases of transforms are symmetric.

use coding::arithmetic::Coder;
use coding::maps::Map;
use std::collections::HashMap;

const HISTORY: u32 = 6;
const MEMORY: u32 = 255;
const MARGIN: u32 = 16;

/// Elements of a tensor, and the place that the next one is expected to repeat.
pub struct Mirror {
    sign_bits: u32,
    seen: Vec<u64>,
    places: HashMap<u64, usize>,
    /// The element last repeated, and whether the one before it is next instead of the one behind.
    at: Option<usize>,
    backwards: bool,
}

/// What stays from tensor to tensor.
pub struct Echoes {
    hits: Map,
    signs: Map,
    history: u32,
    turns: u32,
}

impl Echoes {
    pub fn new() -> Self {
        Echoes { hits: Map::new(2 << HISTORY, MEMORY), signs: Map::new(2 << HISTORY, MEMORY), history: 0, turns: 0 }
    }
}

impl Mirror {
    pub fn new(sign_bits: u32) -> Self {
        Mirror { sign_bits, seen: Vec::new(), places: HashMap::new(), at: None, backwards: true }
    }

    /// Codes whether the element has the magnitude expected, and then its sign. `None`: it is still to be coded.
    pub fn code<B: Coder>(&mut self, coder: &mut B, echoes: &mut Echoes, value: u64) -> Option<u64> {
        let place = self.next(self.backwards)?;
        let expected = self.seen[place];
        let mask = (1 << HISTORY) - 1;
        let context = ((echoes.history & mask) << 1 | self.backwards as u32) as usize;
        let is_hit = (value >> self.sign_bits == expected >> self.sign_bits) as u32;
        let one = echoes.hits.one(context).clamp(MARGIN, 65536 - MARGIN);
        let is_hit = coder.code(is_hit, one);
        echoes.hits.update(context, is_hit);
        echoes.history = echoes.history << 1 | is_hit;
        if is_hit == 0 {
            return None;
        }
        if self.sign_bits == 0 {
            return Some(expected);
        }
        let context = ((echoes.turns & mask) << 1 | self.backwards as u32) as usize;
        let one = echoes.signs.one(context).clamp(MARGIN, 65536 - MARGIN);
        let turned = coder.code(((value ^ expected) & 1) as u32, one);
        echoes.signs.update(context, turned);
        echoes.turns = echoes.turns << 1 | turned;
        Some(expected ^ turned as u64)
    }

    /// Whether the element has the magnitude expected.
    pub fn expects(&self, value: u64) -> bool {
        self.next(self.backwards).is_some_and(|place| self.seen[place] >> self.sign_bits == value >> self.sign_bits)
    }

    /// Takes an element, however it was coded.
    pub fn add(&mut self, value: u64) {
        let magnitude = value >> self.sign_bits;
        let is_at = |place: Option<usize>| place.filter(|&place| self.seen[place] >> self.sign_bits == magnitude);
        if let Some(place) = is_at(self.next(self.backwards)) {
            self.at = Some(place);
        } else if let Some(place) = is_at(self.next(!self.backwards)) {
            self.at = Some(place);
            self.backwards = !self.backwards;
        } else {
            self.at = self.places.get(&magnitude).copied();
        }
        self.places.insert(magnitude, self.seen.len());
        self.seen.push(value);
    }

    /// The element that follows the one last repeated in a direction.
    fn next(&self, backwards: bool) -> Option<usize> {
        let at = self.at?;
        if backwards { at.checked_sub(1) } else { Some(at + 1).filter(|&next| next < self.seen.len()) }
    }
}
