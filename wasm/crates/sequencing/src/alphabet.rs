//! The values that occur, and a tree of yes-or-no questions that finds one of them.
//!
//! The tree keeps the values' order, so that near values share most answers, and halves the weight at every node.

#[derive(Clone, Copy, Default)]
struct Node {
    /// The smallest value of the upper half.
    middle: u8,
    /// What follows: a node, or 128 plus a value.
    next: [u8; 2],
}

pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// `weights`: of each value, at most 128 of them.
    pub fn new(weights: &[u8]) -> Self {
        let mut tree = Tree { nodes: Vec::new() };
        if weights.len() < 2 {
            tree.nodes.push(Node { middle: 1, next: [128, 128] });
        } else {
            tree.grow(weights, 0);
        }
        tree
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The answer at a node on the way to `value`.
    #[inline(always)]
    pub fn bit(&self, node: usize, value: u8) -> u32 {
        (value >= self.nodes[node].middle) as u32
    }

    /// The next node, or the value that was found.
    #[inline(always)]
    pub fn step(&self, node: usize, bit: u32) -> Result<usize, u8> {
        let next = self.nodes[node].next[bit as usize & 1];
        if next < 128 { Ok(next as usize) } else { Err(next - 128) }
    }

    fn grow(&mut self, weights: &[u8], first: usize) -> u8 {
        if weights.len() == 1 {
            return 128 + first as u8;
        }
        let total: u32 = weights.iter().map(|&weight| weight as u32).sum();
        let mut best = (u32::MAX, 1);
        let mut below = 0;
        for at in 1..weights.len() {
            below += weights[at - 1] as u32;
            let difference = below.abs_diff(total - below);
            if difference < best.0 {
                best = (difference, at);
            }
        }
        let middle = best.1;
        let node = self.nodes.len();
        self.nodes.push(Node { middle: (first + middle) as u8, next: [0; 2] });
        let lower = self.grow(&weights[..middle], first);
        let upper = self.grow(&weights[middle..], first + middle);
        self.nodes[node].next = [lower, upper];
        node as u8
    }
}
