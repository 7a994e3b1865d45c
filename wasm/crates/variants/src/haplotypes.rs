//! Haplotypes in the order of what they have been: those that were alike for longest stand beside each other.
//!
//! The positional Burrows-Wheeler transform of Durbin, "Efficient haplotype matching and storage using the positional
//! Burrows-Wheeler transform" (2014): after each row the haplotypes that carry the first allele go before the others, and
//! both keep their order. What the nearest neighbours that are known already carry foretells a haplotype's allele.

/// More are not put in order.
const MOST: usize = 1 << 17;
/// How far a known neighbour is looked for.
const FARTHEST: usize = 48;

#[derive(Clone, Copy)]
struct Place {
    haplotype: u32,
    /// The row since which it has been like the one before.
    since: u32,
}

pub struct Haplotypes {
    order: Vec<Place>,
    /// Where each haplotype stands in `order`.
    ranks: Vec<u32>,
    /// Which haplotypes of this row carry another allele than the first, as far as known.
    row: Vec<bool>,
    rows: u32,
    others: Vec<Place>,
}

/// What a neighbour says: 0 for no neighbour, else the rows for which it has been like this one, in powers of two from 1
/// on, and above 4 bits whether it carries another allele.
type Word = u64;

impl Haplotypes {
    pub fn new() -> Self {
        Haplotypes { order: Vec::new(), ranks: Vec::new(), row: Vec::new(), rows: 0, others: Vec::new() }
    }

    /// Takes in the allele of the next haplotype of the row.
    pub fn push(&mut self, is_other: bool) {
        if self.row.len() < MOST {
            self.row.push(is_other);
        }
    }

    /// Ends a row and puts the haplotypes in order.
    pub fn end_row(&mut self) {
        if self.row.is_empty() {
            return;
        }
        if self.row.len() != self.order.len() {
            let count = self.row.len() as u32;
            self.order = (0..count).map(|haplotype| Place { haplotype, since: self.rows }).collect();
            self.ranks = (0..count).collect();
        }
        if self.row.contains(&true) {
            self.sort();
        }
        self.row.clear();
    }

    fn sort(&mut self) {
        self.rows += 1;
        self.others.clear();
        // The latest row in which one of those passed over differed.
        let mut since = [self.rows; 2];
        let mut end = 0;
        for at in 0..self.order.len() {
            let place = self.order[at];
            let is_other = self.row[place.haplotype as usize];
            since = since.map(|row| row.max(place.since));
            let moved = Place { haplotype: place.haplotype, since: since[is_other as usize] };
            since[is_other as usize] = 0;
            if is_other {
                self.others.push(moved);
            } else {
                self.order[end] = moved;
                end += 1;
            }
        }
        self.order[end..].copy_from_slice(&self.others);
        for (rank, place) in self.order.iter().enumerate() {
            self.ranks[place.haplotype as usize] = rank as u32;
        }
    }

    /// What the nearest known haplotypes on both sides say of the one that comes `ahead` of those not taken in yet, 0 or
    /// 1; if 1, the one in between is known to be `latest`.
    pub fn neighbours(&self, ahead: usize, latest: bool) -> [Word; 2] {
        let haplotype = self.row.len() + ahead;
        let Some(&rank) = self.ranks.get(haplotype) else { return [0; 2] };
        let rank = rank as usize;
        let allele = |at: usize| {
            let other = self.order[at].haplotype as usize;
            (other < haplotype).then(|| self.row.get(other).copied().unwrap_or(latest))
        };
        let word = |since: u32, is_other: bool| {
            let size = (self.rows - since.min(self.rows) + 1).ilog2() as u64;
            1 + size.min(14) | (is_other as u64) << 4
        };
        let mut words = [0; 2];
        let mut since = 0;
        for at in (rank.saturating_sub(FARTHEST)..rank).rev() {
            since = self.order[at + 1].since.max(since);
            if let Some(is_other) = allele(at) {
                words[0] = word(since, is_other);
                break;
            }
        }
        since = 0;
        for at in rank + 1..self.order.len().min(rank + FARTHEST) {
            since = self.order[at].since.max(since);
            if let Some(is_other) = allele(at) {
                words[1] = word(since, is_other);
                break;
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(haplotypes: &mut Haplotypes, alleles: &[u8]) {
        alleles.iter().for_each(|&allele| haplotypes.push(allele != 0));
        haplotypes.end_row();
    }

    #[test]
    fn the_neighbour_that_was_alike_for_longest_speaks() {
        let mut haplotypes = Haplotypes::new();
        for alleles in [[1, 0, 1, 0], [1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0]] {
            row(&mut haplotypes, &alleles);
        }
        // The first and third have been alike, and so have the second and fourth.
        haplotypes.push(true);
        haplotypes.push(false);
        let third = haplotypes.neighbours(0, false);
        assert!(third.iter().any(|&word| word >> 4 == 1 && word & 15 > 2), "{third:?}");
        haplotypes.push(true);
        let fourth = haplotypes.neighbours(0, false);
        assert!(fourth.iter().any(|&word| word >> 4 == 0 && word & 15 > 2), "{fourth:?}");
    }

    #[test]
    fn rows_of_other_lengths_begin_anew() {
        let mut haplotypes = Haplotypes::new();
        row(&mut haplotypes, &[1, 0, 1]);
        row(&mut haplotypes, &[1, 0, 1, 1, 0]);
        row(&mut haplotypes, &[0]);
        assert_eq!(haplotypes.neighbours(0, false), [0; 2]);
        assert_eq!(haplotypes.neighbours(5, false), [0; 2]);
    }
}
