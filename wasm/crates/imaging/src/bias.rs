//! The mean error of the blend in surroundings of one kind.

/// Sums of errors in 1/64, and how many they are.
pub struct Bias {
    cells: Vec<(i32, i32)>,
}

/// Two kinds that apply to a sample.
pub type Kinds = [usize; 2];

impl Bias {
    pub fn new(kinds: usize) -> Self {
        Bias { cells: vec![(0, 0); kinds] }
    }

    /// A prediction in 1/64 with half of each mean error added.
    #[inline(always)]
    pub fn correct(&self, mut fixed: i32, kinds: Kinds) -> i32 {
        for kind in kinds {
            let (sum, count) = self.cells[kind];
            if count > 0 {
                fixed += sum / (2 * count);
            }
        }
        fixed
    }

    /// `error`: what the corrected prediction missed.
    #[inline(always)]
    pub fn learn(&mut self, kinds: Kinds, error: i32) {
        for kind in kinds {
            let (sum, count) = &mut self.cells[kind];
            *sum += error;
            *count += 1;
            if *count >= 128 {
                *sum /= 2;
                *count /= 2;
            }
        }
    }
}
