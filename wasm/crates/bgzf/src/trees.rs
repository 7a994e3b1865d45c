//! Huffman trees as zlib builds them: which of the trees of equal cost it is follows zlib's `trees.c`.

pub const MAX_BITS: usize = 15;
/// Nodes of the largest tree.
const MOST_NODES: usize = 2 * 286 + 1;

/// How often symbols came, and what codes they got.
pub struct Tree<const SIZE: usize> {
    pub frequencies: [u16; SIZE],
    pub lengths: [u16; SIZE],
    pub codes: [u16; SIZE],
    /// The last symbol that has a code.
    pub max_code: usize,
}

impl<const SIZE: usize> Tree<SIZE> {
    pub fn new() -> Self {
        Tree { frequencies: [0; SIZE], lengths: [0; SIZE], codes: [0; SIZE], max_code: 0 }
    }
}

/// What distinguishes the three trees.
pub struct Kind<'a> {
    pub fixed_lengths: &'a [u8],
    pub extra: &'a [u8],
    pub extra_base: usize,
    pub elements: usize,
    pub max_length: usize,
}

/// Canonical codes of given lengths, bits reversed.
pub fn codes_of(lengths: &[u16], codes: &mut [u16]) {
    let mut counts = [0u16; MAX_BITS + 1];
    lengths.iter().for_each(|&length| counts[length as usize] += 1);
    counts[0] = 0;
    let mut next = [0u16; MAX_BITS + 1];
    for bits in 1..=MAX_BITS {
        next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths) {
        if length > 0 {
            *code = next[length as usize].reverse_bits() >> (16 - length);
            next[length as usize] += 1;
        }
    }
}

/// Lengths of codes as symbols and their extra bits.
pub fn runs_of(lengths: &[u16]) -> Vec<(u8, u8)> {
    let mut runs = Vec::with_capacity(lengths.len());
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let mut left = lengths[at..].iter().take_while(|&&other| other == length).count();
        at += left;
        if length == 0 {
            while left >= 3 {
                let taken = left.min(138);
                runs.push(if taken <= 10 { (17, taken as u8 - 3) } else { (18, taken as u8 - 11) });
                left -= taken;
            }
        } else {
            // The first of a run is sent as it is; up to seven of them count as the first run.
            runs.push((length as u8, 0));
            left -= 1;
            while left >= 3 {
                let taken = left.min(6);
                runs.push((16, taken as u8 - 3));
                left -= taken;
            }
        }
        runs.extend((0..left).map(|_| (length as u8, 0)));
    }
    runs
}

/// The heap of nodes that have no parent yet, the rarest first; behind them, from the end, nodes by depth.
struct Heap {
    nodes: [usize; MOST_NODES + 1],
    count: usize,
    depths: [u8; MOST_NODES],
    parents: [u16; MOST_NODES],
    /// Where the nodes by depth begin.
    top: usize,
}

/// What a block takes in bits, by its own codes and by the fixed ones.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    pub optimal: u64,
    pub fixed: u64,
}

/// Gives the symbols of a tree lengths and codes; adds to the cost of the block.
pub fn build_tree<const SIZE: usize>(tree: &mut Tree<SIZE>, kind: &Kind, cost: &mut Cost) {
    let mut heap =
        Heap { nodes: [0; MOST_NODES + 1], count: 0, depths: [0; MOST_NODES], parents: [0; MOST_NODES], top: MOST_NODES };
    let mut bits = 0i64;
    let mut fixed = 0i64;
    for added in enter_symbols(tree, kind, &mut heap).into_iter().flatten() {
        bits -= 1;
        fixed -= kind.fixed_lengths.get(added).copied().unwrap_or(0) as i64;
    }
    join_nodes(tree, kind, &mut heap);
    let mut counts = [0u16; MAX_BITS + 1];
    let overflow = measure_depths(tree, kind, &heap, &mut counts, (&mut bits, &mut fixed));
    if overflow > 0 {
        bits += shorten(tree, kind, &heap, &mut counts, overflow);
    }
    cost.optimal = cost.optimal.wrapping_add(bits as u64);
    cost.fixed = cost.fixed.wrapping_add(fixed as u64);
    let Tree { lengths, codes, max_code, .. } = tree;
    codes_of(&lengths[..=*max_code], &mut codes[..=*max_code]);
}

/// Enters the symbols that came, two at least: those that are added for that come back.
fn enter_symbols<const SIZE: usize>(tree: &mut Tree<SIZE>, kind: &Kind, heap: &mut Heap) -> [Option<usize>; 2] {
    let mut max_code = None;
    for symbol in 0..kind.elements {
        tree.lengths[symbol] = 0;
        if tree.frequencies[symbol] != 0 {
            heap.count += 1;
            heap.nodes[heap.count] = symbol;
            max_code = Some(symbol);
        }
    }
    let mut added = [None; 2];
    while heap.count < 2 {
        let symbol = match max_code {
            Some(code) if code >= 2 => 0,
            code => {
                let next = code.map_or(0, |code| code + 1);
                max_code = Some(next);
                next
            }
        };
        added[heap.count] = Some(symbol);
        heap.count += 1;
        heap.nodes[heap.count] = symbol;
        tree.frequencies[symbol] = 1;
    }
    tree.max_code = max_code.unwrap_or(0);
    added
}

/// Joins the two rarest nodes until one is left.
fn join_nodes<const SIZE: usize>(tree: &mut Tree<SIZE>, kind: &Kind, heap: &mut Heap) {
    let frequencies = &mut tree.frequencies;
    for at in (1..=heap.count / 2).rev() {
        heap.sift(at, &frequencies[..]);
    }
    let mut node = kind.elements;
    loop {
        let first = heap.nodes[1];
        heap.nodes[1] = heap.nodes[heap.count];
        heap.count -= 1;
        heap.sift(1, &frequencies[..]);
        let second = heap.nodes[1];
        heap.nodes[heap.top - 1] = first;
        heap.nodes[heap.top - 2] = second;
        heap.top -= 2;
        frequencies[node] = frequencies[first].wrapping_add(frequencies[second]);
        heap.depths[node] = heap.depths[first].max(heap.depths[second]) + 1;
        heap.parents[first] = node as u16;
        heap.parents[second] = node as u16;
        heap.nodes[1] = node;
        node += 1;
        heap.sift(1, &frequencies[..]);
        if heap.count < 2 {
            break;
        }
    }
    heap.top -= 1;
    heap.nodes[heap.top] = heap.nodes[1];
}

/// Lengths of codes by the depth of their nodes, and how many are too long.
fn measure_depths<const SIZE: usize>(
    tree: &mut Tree<SIZE>,
    kind: &Kind,
    heap: &Heap,
    counts: &mut [u16; MAX_BITS + 1],
    (bits, fixed): (&mut i64, &mut i64),
) -> i32 {
    let mut overflow = 0;
    tree.lengths[heap.nodes[heap.top]] = 0;
    for &symbol in &heap.nodes[heap.top + 1..MOST_NODES] {
        let mut length = tree.lengths[heap.parents[symbol] as usize] as usize + 1;
        if length > kind.max_length {
            length = kind.max_length;
            overflow += 1;
        }
        tree.lengths[symbol] = length as u16;
        if symbol > tree.max_code {
            continue;
        }
        counts[length] += 1;
        let extra = if symbol >= kind.extra_base { kind.extra[symbol - kind.extra_base] } else { 0 } as i64;
        let frequency = tree.frequencies[symbol] as i64;
        *bits += frequency * (length as i64 + extra);
        if let Some(&length) = kind.fixed_lengths.get(symbol) {
            *fixed += frequency * (length as i64 + extra);
        }
    }
    overflow
}

/// Makes codes that are too long as long as may be and others longer for it; by how many bits the block grows.
fn shorten<const SIZE: usize>(
    tree: &mut Tree<SIZE>,
    kind: &Kind,
    heap: &Heap,
    counts: &mut [u16; MAX_BITS + 1],
    mut overflow: i32,
) -> i64 {
    while overflow > 0 {
        let mut length = kind.max_length - 1;
        while counts[length] == 0 {
            length -= 1;
        }
        counts[length] -= 1;
        counts[length + 1] += 2;
        counts[kind.max_length] -= 1;
        overflow -= 2;
    }
    let (mut bits, mut at) = (0, MOST_NODES);
    for length in (1..=kind.max_length).rev() {
        let mut left = counts[length];
        while left > 0 {
            at -= 1;
            let symbol = heap.nodes[at];
            if symbol > tree.max_code {
                continue;
            }
            bits += (length as i64 - tree.lengths[symbol] as i64) * tree.frequencies[symbol] as i64;
            tree.lengths[symbol] = length as u16;
            left -= 1;
        }
    }
    bits
}

impl Heap {
    /// Moves the node at `at` down to where it belongs.
    fn sift(&mut self, mut at: usize, frequencies: &[u16]) {
        let Heap { nodes, count, depths, .. } = self;
        let smaller = |a: usize, b: usize| {
            frequencies[a] < frequencies[b] || frequencies[a] == frequencies[b] && depths[a] <= depths[b]
        };
        let moved = nodes[at];
        let mut child = 2 * at;
        while child <= *count {
            if child < *count && smaller(nodes[child + 1], nodes[child]) {
                child += 1;
            }
            if smaller(moved, nodes[child]) {
                break;
            }
            nodes[at] = nodes[child];
            at = child;
            child *= 2;
        }
        nodes[at] = moved;
    }
}
