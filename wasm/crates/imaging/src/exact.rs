//! What was decided before behind exactly the same neighbours: bit histories of hashed contexts.

use coding::maps::Map;
use coding::slots::{Slot, Slots};
use coding::states;

use crate::residual::NODES;

/// Groups of neighbours.
pub const EXACT: usize = 11;
/// Nodes that share a tree of histories.
const TREE: usize = 15;
/// Decisions from this node on share what histories mean.
const LATER: usize = 20;
const HISTORIES: usize = 256;

/// The first `H` of the groups.
pub struct Exact<const H: usize> {
    tables: Vec<Slots>,
    maps: Map,
    lines: [Slot; H],
    /// Of the decision at hand: where the histories are, what they are, and the place of what they mean.
    slots: [Slot; H],
    states: [u8; H],
    meanings: [usize; H],
}

impl<const H: usize> Exact<H> {
    /// `bits`: of a table's bytes.
    pub fn new(bits: u32) -> Self {
        let tables = (0..H).map(|_| Slots::new(bits)).collect();
        let mut maps = Map::new(H * (LATER + 1) * HISTORIES, 255);
        for context in 0..H * (LATER + 1) * HISTORIES {
            maps.start(context, states::guess((context % HISTORIES) as u8), 0);
        }
        Exact { tables, maps, lines: [0; H], slots: [0; H], states: [0; H], meanings: [0; H] }
    }

    /// Turns to a sample.
    #[inline(always)]
    pub fn turn(&mut self, hashes: &[u32; EXACT]) {
        for i in 0..H {
            let candidate = self.tables[i].look((hashes[i] as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            self.lines[i] = self.tables[i].first(candidate);
        }
    }

    /// Writes to the first `H` inputs how the decision at `node` went; gives how many histories are of one kind, in four grades.
    #[inline(always)]
    pub fn inputs(&mut self, node: usize, inputs: &mut [i16]) -> usize {
        let kind = node.min(LATER);
        let mut known = 0;
        for i in 0..H {
            let table = &mut self.tables[i];
            let tree = if node < TREE { self.lines[i] } else { table.second(self.lines[i], (node / TREE) as u32) };
            self.slots[i] = tree + 1 + (node % TREE) as u32;
            self.states[i] = table.state(self.slots[i]);
            self.meanings[i] = (i * (LATER + 1) + kind) * HISTORIES + self.states[i] as usize;
            inputs[i] = if self.states[i] == 0 { 0 } else { self.maps.stretched(self.meanings[i]) };
            known += (self.states[i] != 0) as usize;
        }
        known
    }

    #[inline(always)]
    pub fn update(&mut self, bit: u32) {
        for i in 0..H {
            self.maps.update(self.meanings[i], bit);
            self.tables[i].set(self.slots[i], states::next(self.states[i], bit));
        }
    }
}

const _: () = assert!(NODES <= TREE * 16);
