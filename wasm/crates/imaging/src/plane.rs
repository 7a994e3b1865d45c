//! Planes with a margin, so that neighbours beyond an edge are plain reads.

/// Columns left and right of a plane, and rows above it.
pub const MARGIN: usize = 4;

/// Samples of one plane: ranks, or with another `T` what is made of them. Rows above the first repeat what stands left of a sample; a margin repeats its row's end.
pub struct Plane<T = u16> {
    pub width: usize,
    pub height: usize,
    pub stride: usize,
    pub samples: Vec<T>,
    /// Where there is no data; empty if that is nowhere.
    pub holes: Vec<bool>,
}

impl<T: Copy> Plane<T> {
    pub fn new(width: usize, height: usize, start: T) -> Self {
        let stride = width + 2 * MARGIN;
        Plane { width, height, stride, samples: vec![start; stride * (height + MARGIN + 1)], holes: Vec::new() }
    }

    /// The samples without the margin, and whether they are holes.
    pub fn all(&self) -> impl Iterator<Item = (T, bool)> + '_ {
        (0..self.height).flat_map(move |y| {
            let row = self.place(0, y)..self.place(self.width, y);
            row.map(|at| (self.samples[at], !self.holes.is_empty() && self.holes[at]))
        })
    }

    /// The index of a sample.
    #[inline(always)]
    pub fn place(&self, x: usize, y: usize) -> usize {
        (y + MARGIN) * self.stride + MARGIN + x
    }

    /// To call before the samples of a row: its left margin is the sample above.
    pub fn begin_row(&mut self, y: usize) {
        if y > 0 {
            let at = self.place(0, y);
            let above = self.samples[at - self.stride];
            self.samples[at - MARGIN..at].fill(above);
        }
    }

    /// Sets a sample; in the first row it also stands above those that follow.
    #[inline(always)]
    pub fn set(&mut self, at: usize, value: T, first_row: bool) {
        self.samples[at] = value;
        if first_row {
            for row in 1..=MARGIN {
                let above = at - row * self.stride;
                self.samples[above..above + MARGIN + 1].fill(value);
            }
        }
    }

    /// To call after the samples of a row.
    pub fn end_row(&mut self, y: usize) {
        let at = self.place(self.width, y);
        let last = self.samples[at - 1];
        self.samples[at..at + MARGIN].fill(last);
        if y + 1 == self.height {
            let row = (y + MARGIN) * self.stride;
            self.samples.copy_within(row..row + self.stride, row + self.stride);
        }
    }
}
