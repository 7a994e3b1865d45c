//! The vertices of records, then their heights and measures.

use crate::fields::*;
use crate::format::{read_bits, Layout};
use crate::guess::Guesses;
use crate::model::fill;
use crate::store::{Candidate, Store, Vertex, CANDIDATES};
use crate::values::Axis;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use numbers::quantise::{fine, level};
use std::ops::Range;

pub struct Points {
    axes: [Axis; 4],
    store: Store,
    guesses: Guesses,
    candidates: Vec<Candidate>,
    /// What the latest vertex was found to be.
    going: Option<Candidate>,
    run: i32,
    hits: i32,
    sames: i32,
    /// Mean length of steps, times 16, of each axis.
    spread: [i64; 4],
    lines: [Line; 2],
}

/// The last steps of an axis, latest first.
#[derive(Clone, Copy, Default)]
struct Line {
    last: i64,
    deltas: [i64; 3],
}

impl Line {
    fn add(&mut self, step: i64) {
        let delta = step.wrapping_sub(self.last);
        self.deltas = [delta, self.deltas[0], self.deltas[1]];
        self.last = step;
    }
}

/// Where in its ring a vertex is.
#[derive(Clone, Copy)]
struct Spot {
    index: usize,
    /// How many are still to come, itself included.
    left: usize,
    first: Option<usize>,
    closed: bool,
}

impl Points {
    pub fn new(axes: [Axis; 4], points: usize) -> Self {
        Points {
            axes,
            store: Store::new(points),
            guesses: Guesses::new(),
            candidates: Vec::with_capacity(CANDIDATES),
            going: None,
            run: 0,
            hits: 0,
            sames: 0,
            spread: [1 << 10; 4],
            lines: [Line::default(); 2],
        }
    }

    pub fn code<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, content: &mut [u8], layout: &Layout, rings: &[Range<usize>], closed: bool,
    ) {
        for ring in rings {
            let start = self.store.vertices.len();
            self.store.begin(ring.len());
            self.going = None;
            for index in 0..ring.len() {
                let at = layout.xy.start + 16 * (ring.start + index);
                let given = [read_bits(content, at), read_bits(content, at + 8)];
                let spot = Spot { index, left: ring.len() - index, first: (index > 0).then_some(start), closed };
                let vertex = self.vertex(engine, coder, given, spot);
                for (axis, bits) in vertex.bits.iter().enumerate() {
                    content[at + 8 * axis..][..8].copy_from_slice(&bits.to_le_bytes());
                    self.lines[axis].add(vertex.steps[axis]);
                }
                self.store.add(vertex);
            }
        }
        self.column(engine, coder, content, layout.z.clone(), 2);
        self.column(engine, coder, content, layout.m.clone(), 3);
    }

    fn vertex<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: [u64; 2], spot: Spot,
    ) -> Vertex {
        if spot.index > 0 {
            if let Some(vertex) = self.follow(engine, coder, given, spot) {
                return vertex;
            }
        }
        self.run = 0;
        self.going = None;
        let places = [0, 1].map(|axis| self.axes[axis].place(given[axis]));
        let known = |axis: usize, line: &Line| places[axis].map_or(line.last, |place| place.step);
        let x = self.step(engine, coder, 0, known(0, &self.lines[0]), 0, spot);
        if let Some(vertex) = self.alike(engine, coder, given, x) {
            return vertex;
        }
        let other = self.axes[1].state();
        let x_bits = self.axes[0].rest(engine, coder, 0, given[0], places[0], x, other);
        let dx = x.wrapping_sub(self.lines[0].last);
        let y = self.step(engine, coder, 1, known(1, &self.lines[1]), dx, spot);
        let other = self.axes[0].state();
        let y_bits = self.axes[1].rest(engine, coder, 1, given[1], places[1], y, other);
        Vertex { bits: [x_bits, y_bits], steps: [x, y] }
    }

    /// Asks whether the vertex is one of those that earlier lines make likely.
    fn follow<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: [u64; 2], spot: Spot,
    ) -> Option<Vertex> {
        let closes = spot.closed && spot.left == 1;
        let mut candidates = std::mem::take(&mut self.candidates);
        self.store.candidates(spot.first.filter(|_| closes), self.going, &mut candidates);
        let mut found = None;
        for (rank, candidate) in candidates.iter().enumerate() {
            let vertex = self.store.vertices[candidate.index];
            let (kind, r, run, count) = (candidate.kind, rank as i32, self.run.min(15), candidates.len() as i32);
            let far = self.lines.iter().zip(vertex.steps).map(|(line, step)| step.wrapping_sub(line.last).unsigned_abs());
            let contexts = fill([
                hash(&[kind, r, run]),
                hash(&[kind, r, self.hits & 255]),
                hash(&[kind, r, count, run.min(3)]),
                hash(&[kind, r, spot.index.min(3) as i32, self.hits & 15]),
                hash(&[kind, level(far.fold(0, u64::saturating_add)), r]),
                hash(&[kind, r, spot.left.min(4) as i32, self.hits & 3]),
                hash(&[kind, self.hits & 0xffff]),
            ]);
            if engine.flag(coder, HIT, vertex.bits == given, &contexts, (kind * 16 + run) as usize) {
                found = Some((candidate.kind, *candidate, vertex));
                break;
            }
        }
        let asked = !candidates.is_empty();
        self.candidates = candidates;
        if asked && !closes {
            self.hits = self.hits << 1 | found.is_some() as i32;
        }
        let (kind, candidate, vertex) = found?;
        self.run += 1;
        self.going = (kind > 0).then_some(candidate);
        Some(vertex)
    }

    /// Asks whether the vertex is the latest one with the same step of x.
    fn alike<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: [u64; 2], x: i64,
    ) -> Option<Vertex> {
        let vertex = *self.store.alike(x)?;
        let dx = x.wrapping_sub(self.lines[0].last);
        let dy = vertex.steps[1].wrapping_sub(self.lines[1].last);
        let s = self.sames;
        let contexts = fill([
            hash(&[s & 255]),
            hash(&[level(dy.unsigned_abs()), s & 3]),
            hash(&[fine(dx), fine(dy)]),
            hash(&[s & 0xffff]),
            hash(&[level(dy.unsigned_abs()) - level(self.spread[1] as u64), s & 3]),
            hash(&[level(dx.unsigned_abs()), s & 15]),
            hash(&[dx as i32, dy as i32]),
        ]);
        let same = engine.flag(coder, SAME, vertex.bits == given, &contexts, s as usize & 15);
        self.sames = s << 1 | same as i32;
        same.then_some(vertex)
    }

    /// The step of an axis of a vertex; `dx` is how far x went, for y.
    fn step<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, axis: usize, given: i64, dx: i64, spot: Spot,
    ) -> i64 {
        let (line, across) = (self.lines[axis], self.lines[1 - axis]);
        let delta = given.wrapping_sub(line.last);
        let start = spot.index.min(2) as i32;
        if let Some(delta) = self.guesses.ask(engine, coder, axis, delta, [line.deltas[0], line.deltas[1], dx], start) {
            self.spread(axis, delta);
            return line.last.wrapping_add(delta);
        }
        let [d1, d2, d3] = line.deltas.map(fine);
        let [o1, o2] = [fine(across.deltas[0]), fine(across.deltas[1])];
        let home = spot.first.map_or(0, |first| self.store.vertices[first].steps[axis].wrapping_sub(line.last));
        let left = spot.left.min(12) as i32;
        let spread = level(self.spread[axis] as u64);
        let (a, x) = (axis as i32, fine(dx));
        let contexts = fill([
            hash(&[a, d1, x, start]),
            hash(&[a, spread, x, start]),
            hash(&[a, fine(home), left, x / 3]),
            hash(&[a, d1, d2, x / 2]),
            hash(&[a, d1, o1, x / 2]),
            hash(&[a, d1 / 2, o1 / 2, d2 / 2, o2 / 2, x / 3]),
            hash(&[a, spread, d1 / 3, d2 / 3, d3 / 3]),
        ]);
        let delta = engine.number(coder, STEP + axis, delta, &contexts, (spread as usize).min(31) + 32 * (start != 0) as usize);
        self.guesses.learn(delta);
        self.spread(axis, delta);
        line.last.wrapping_add(delta)
    }

    fn spread(&mut self, axis: usize, delta: i64) {
        let size = (delta.unsigned_abs().min(1 << 50) << 4) as i64;
        self.spread[axis] += (size - self.spread[axis]) / 16;
    }

    /// Heights or measures.
    fn column<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, content: &mut [u8], range: Range<usize>, axis: usize,
    ) {
        let mut line = self.guesses.columns[axis - 2];
        for at in range.clone().step_by(8) {
            let given = read_bits(content, at);
            let place = self.axes[axis].place(given);
            let start = ((at - range.start) / 8).min(2) as i32;
            let delta = place.map_or(0, |place| place.step.wrapping_sub(line[0]));
            let [d1, d2] = [line[1], line[2]];
            let delta = match self.guesses.ask(engine, coder, axis, delta, [d1, d2, 0], start) {
                Some(delta) => delta,
                None => {
                    let (a, spread) = (axis as i32, level(self.spread[axis] as u64));
                    let [f1, f2] = [fine(d1), fine(d2)];
                    let contexts = fill([
                        hash(&[a, f1, start]),
                        hash(&[a, f1, f2]),
                        hash(&[a, spread, start]),
                        hash(&[a, d1 as i32]),
                        hash(&[a, f1 / 2, f2 / 2, spread]),
                        hash(&[a, line[0] as i32]),
                        0,
                    ]);
                    let delta = engine.number(coder, STEP + axis, delta, &contexts, (spread as usize).min(63));
                    self.guesses.learn(delta);
                    delta
                }
            };
            self.spread(axis, delta);
            let step = line[0].wrapping_add(delta);
            let bits = self.axes[axis].rest(engine, coder, axis, given, place, step, start);
            content[at..at + 8].copy_from_slice(&bits.to_le_bytes());
            line = [step, delta, d1];
        }
        self.guesses.columns[axis - 2] = line;
    }
}
