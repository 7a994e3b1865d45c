//! Earlier points that lie nearby, by a hashed grid over two axes.

use crate::point::Point;

pub struct Grid {
    axes: [usize; 2],
    shift: u32,
    /// The latest point of each cell and, by point, the one before it there; 0 is none, else the number plus 1.
    heads: Vec<u32>,
    earlier: Vec<u32>,
    mask: u32,
}

/// How many points of a cell are looked at.
const DEPTH: usize = 3;

#[derive(Clone, Copy)]
pub struct Near {
    pub index: usize,
    pub distance: i64,
}

impl Grid {
    pub fn new(axes: [usize; 2], shift: u32, points: usize) -> Grid {
        let size = points.max(256).next_power_of_two();
        Grid { axes, shift, heads: vec![0; size], earlier: Vec::with_capacity(points), mask: size as u32 - 1 }
    }

    fn cell(&self, position: &[i32; 3]) -> (i32, i32) {
        (position[self.axes[0]] >> self.shift, position[self.axes[1]] >> self.shift)
    }

    fn slot(&self, (u, v): (i32, i32)) -> usize {
        let mixed = (u as u32).wrapping_mul(0x9e37_79b1) ^ (v as u32).wrapping_mul(0x85eb_ca77).rotate_left(15);
        ((mixed ^ mixed >> 15) & self.mask) as usize
    }

    /// Points must be added one after another from the first on.
    pub fn add(&mut self, position: &[i32; 3]) {
        let slot = self.slot(self.cell(position));
        self.earlier.push(self.heads[slot]);
        self.heads[slot] = self.earlier.len() as u32;
    }

    /// The two nearest points, by the grid's axes and perhaps the third.
    pub fn nearest(&self, points: &[Point], position: &[i32; 3], third: bool) -> [Option<Near>; 2] {
        let (u, v) = self.cell(position);
        let mut best: [Option<Near>; 2] = [None; 2];
        let away = |near: &Option<Near>| near.map_or(i64::MAX, |near| near.distance);
        for du in -1..=1 {
            for dv in -1..=1 {
                let mut link = self.heads[self.slot((u.wrapping_add(du), v.wrapping_add(dv)))];
                for _ in 0..DEPTH {
                    if link == 0 {
                        break;
                    }
                    let index = link as usize - 1;
                    let other = &points[index].position;
                    let along = |axis: usize| (other[axis] as i64 - position[axis] as i64).abs();
                    let mut distance = along(self.axes[0]) + along(self.axes[1]);
                    if third {
                        distance += along(3 - self.axes[0] - self.axes[1]);
                    }
                    let near = Some(Near { index, distance });
                    if distance < away(&best[0]) {
                        best = [near, best[0]];
                    } else if distance < away(&best[1]) {
                        best[1] = near;
                    }
                    link = self.earlier[index];
                }
            }
        }
        best
    }
}
