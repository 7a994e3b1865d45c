//! Quality values by one context each, for speed.
//!
//! A value is found in one step or two: values are in order in groups, of which the likeliest have one value.

use crate::qualities::{hash, step_of, Sums};
use crate::shares::{Few, Steps, MOST};
use coding::symbols::SymbolCoder;

const CONTEXT_BITS: u32 = 12;

/// Where a value is found.
#[derive(Clone, Copy, Default)]
struct Place {
    group: u8,
    member: u8,
}

struct Group {
    /// The lowest value.
    first: u8,
    steps: Steps,
    /// Where its shares stand behind those of the groups; 0 for a group of one value, which has none.
    node: usize,
}

pub struct PlainQualities {
    groups: Vec<Group>,
    group_steps: Steps,
    places: Vec<Place>,
    /// Shares of groups and then of the members of each, for each context.
    nodes: Vec<Few>,
    nodes_per_context: usize,
}

impl PlainQualities {
    /// `weights`: of the values, at most 128 of them.
    pub fn new(weights: &[u8]) -> Self {
        let mut fresh = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        let mut places = Vec::new();
        let mut shares = Vec::new();
        let mut first = 0;
        for length in group_lengths(weights) {
            let members: Vec<u32> = weights[first..first + length].iter().map(|&weight| weight as u32).collect();
            shares.push(members.iter().sum());
            places.extend((0..length).map(|member| Place { group: groups.len() as u8, member: member as u8 }));
            if length > 1 {
                fresh.push(Few::new(&members));
            }
            let node = if length > 1 { fresh.len() } else { 0 };
            groups.push(Group { first: first as u8, steps: Steps::new(length), node });
            first += length;
        }
        fresh.insert(0, Few::new(&shares));
        let nodes_per_context = fresh.len();
        let nodes = (0..1 << CONTEXT_BITS).flat_map(|_| fresh.iter().cloned()).collect();
        PlainQualities { group_steps: Steps::new(groups.len()), groups, places, nodes, nodes_per_context }
    }

    /// Codes the value that follows `values`, of which there is one at least; `sums` has taken those.
    #[inline(always)]
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, value: u8, values: &[u8], sums: &Sums) -> u8 {
        let before = |back: usize| values.len().checked_sub(back).map_or(0, |at| values[at] as u32);
        let [last, high] = [before(1), before(2).max(before(3))];
        let rest = (step_of(values.len()) / 16).min(3) | sums.delta_step().min(31) / 4 << 2;
        let context = (hash(0, last | high << 7, rest) >> (32 - CONTEXT_BITS)) as usize * self.nodes_per_context;
        let Place { group, member } = self.places[value as usize];
        let node = &mut self.nodes[context];
        let group = coder.code_symbol(group as usize, node);
        node.update(group, &self.group_steps);
        let group = &self.groups[group];
        if group.node == 0 {
            return group.first;
        }
        let node = &mut self.nodes[context + group.node];
        let member = coder.code_symbol(member as usize, node);
        node.update(member, &group.steps);
        group.first + member as u8
    }
}

/// How many values each group has: at most [`MOST`] groups of as many values each, such that the values that are alone
/// have the largest weight.
fn group_lengths(weights: &[u8]) -> Vec<usize> {
    let count = weights.len();
    // The largest weight alone in the first values, in so many groups, and the length of the last of these.
    let mut best = vec![[None; MOST + 1]; count + 1];
    best[0][0] = Some((0u32, 0));
    for end in 1..=count {
        for groups in 1..=MOST {
            for length in 1..=end.min(MOST) {
                let Some((alone, _)) = best[end - length][groups - 1] else { continue };
                let alone = alone + if length == 1 { weights[end - 1] as u32 } else { 0 };
                if best[end][groups].is_none_or(|(most, _)| alone > most) {
                    best[end][groups] = Some((alone, length));
                }
            }
        }
    }
    let mut groups = (0..=MOST).rev().max_by_key(|&groups| best[count][groups].map(|(alone, _)| alone)).unwrap_or(0);
    let (mut end, mut lengths) = (count, Vec::new());
    while let (1.., Some((_, length))) = (end, best[end][groups]) {
        lengths.push(length);
        (end, groups) = (end - length, groups - 1);
    }
    lengths.reverse();
    lengths
}
