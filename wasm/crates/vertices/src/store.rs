//! All vertices so far, and where the same ones stood before: borders that two areas share are walked twice.

const NONE: u32 = u32::MAX;
/// Earlier occurrences of a vertex that are looked at.
const OCCURRENCES: usize = 4;
pub const CANDIDATES: usize = 4;

#[derive(Clone, Copy, PartialEq)]
pub struct Vertex {
    pub bits: [u64; 2],
    pub steps: [i64; 2],
}

/// An earlier vertex that may come now, and the direction in which its line is then followed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Candidate {
    pub index: usize,
    /// 1 or -1.
    pub direction: i32,
    /// 0: closes the ring, 1: goes on as before, 2: first of a line met anew, 3: others.
    pub kind: i32,
}

pub struct Store {
    pub vertices: Vec<Vertex>,
    rings: Vec<(u32, u32)>,
    ring_of: Vec<u32>,
    /// The latest earlier occurrence of each vertex.
    earlier: Vec<u32>,
    by_vertex: Vec<u32>,
    by_step: Vec<u32>,
}

impl Store {
    pub fn new(points: usize) -> Self {
        let slots = (points.max(128) * 2).next_power_of_two().min(1 << 23);
        Store {
            vertices: Vec::with_capacity(points),
            rings: Vec::new(),
            ring_of: Vec::with_capacity(points),
            earlier: Vec::with_capacity(points),
            by_vertex: vec![NONE; slots],
            by_step: vec![NONE; slots / 2],
        }
    }

    /// The next `points` vertices are a ring, or a line.
    pub fn begin(&mut self, points: usize) {
        let start = self.vertices.len() as u32;
        self.rings.push((start, start + points as u32));
    }

    pub fn add(&mut self, vertex: Vertex) {
        let index = self.vertices.len() as u32;
        let slot = self.vertex_slot(&vertex.bits);
        let earlier = self.by_vertex[slot];
        let same = earlier != NONE && self.vertices[earlier as usize].bits == vertex.bits;
        self.earlier.push(if same { earlier } else { NONE });
        self.by_vertex[slot] = index;
        let slot = self.step_slot(vertex.steps[0]);
        self.by_step[slot] = index;
        self.vertices.push(vertex);
        self.ring_of.push(self.rings.len() as u32 - 1);
    }

    /// The latest vertex with such a step of x.
    pub fn alike(&self, step: i64) -> Option<&Vertex> {
        let vertex = self.vertices.get(self.by_step[self.step_slot(step)] as usize)?;
        (vertex.steps[0] == step).then_some(vertex)
    }

    /// What may follow the latest vertex of the latest ring. `going`: what the latest vertex itself was found to be.
    pub fn candidates(&self, first: Option<usize>, going: Option<Candidate>, out: &mut Vec<Candidate>) {
        out.clear();
        if let Some(index) = first {
            out.push(Candidate { index, direction: 1, kind: 0 });
        }
        let Some(last) = self.vertices.len().checked_sub(1) else { return };
        if let Some(next) = going.and_then(|at| self.follow(at.index, at.direction, 1)) {
            self.offer(next, out);
        }
        let mut at = self.earlier[last];
        for _ in 0..OCCURRENCES {
            if at == NONE {
                break;
            }
            for (direction, kind) in [(-1, 2), (1, 3)] {
                if let Some(next) = self.follow(at as usize, direction, kind) {
                    self.offer(next, out);
                }
            }
            at = self.earlier[at as usize];
        }
    }

    /// Takes a candidate, unless it goes back or is there already.
    fn offer(&self, candidate: Candidate, out: &mut Vec<Candidate>) {
        let bits = self.vertices[candidate.index].bits;
        let last = self.vertices.len() - 1;
        let start = self.rings[self.ring_of[last] as usize].0 as usize;
        let back = last > start && self.vertices[last - 1].bits == bits;
        if !back && out.len() < CANDIDATES && out.iter().all(|other| self.vertices[other.index].bits != bits) {
            out.push(candidate);
        }
    }

    /// The neighbour of a vertex on its line; the end of a closed ring is its start.
    fn follow(&self, index: usize, direction: i32, kind: i32) -> Option<Candidate> {
        let (start, end) = self.rings[self.ring_of[index] as usize];
        let (start, end) = (start as usize, end as usize);
        let closed = end <= self.vertices.len() && end - start > 2 && self.vertices[start].bits == self.vertices[end - 1].bits;
        let next = if direction > 0 {
            if index + 1 < end { index + 1 } else if closed { start + 1 } else { return None }
        } else if index > start {
            index - 1
        } else if closed {
            end - 2
        } else {
            return None;
        };
        (next < self.vertices.len()).then_some(Candidate { index: next, direction, kind })
    }

    fn vertex_slot(&self, bits: &[u64; 2]) -> usize {
        let mixed = (bits[0] ^ bits[1].rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ bits[1] >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as usize & (self.by_vertex.len() - 1)
    }

    fn step_slot(&self, step: i64) -> usize {
        ((step as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & (self.by_step.len() - 1)
    }
}
