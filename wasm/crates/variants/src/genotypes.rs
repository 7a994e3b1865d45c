//! The matrix of genotypes: what a row has said so far, and what each sample was above.

use crate::columns::{Columns, AC};
use crate::haplotypes::Haplotypes;
use crate::hash::hash;

const MOST_SAMPLES: usize = 1 << 16;

pub struct Genotypes {
    /// Samples that carry an allele so far, with their genotypes.
    pub carriers: u64,
    /// Alleles other than the first so far.
    seen: u32,
    /// The count of them that INFO states.
    stated: Option<u32>,
    /// Each sample's latest genotypes, latest lowest: two bits that say which of two alleles are not the first.
    histories: Vec<u32>,
    samples: usize,
    haplotypes: Haplotypes,
}

impl Genotypes {
    pub fn new() -> Self {
        let haplotypes = Haplotypes::new();
        Genotypes { carriers: 0, seen: 0, stated: None, histories: vec![0; MOST_SAMPLES], samples: 1, haplotypes }
    }

    /// Takes in a token that has ended, `columns` standing at it.
    pub fn take(&mut self, token: &[u8], columns: &Columns) {
        if columns.is_genotype() {
            self.take_genotype(token, columns.sample());
        } else if columns.is_value() && columns.key == AC && columns.element == 0 {
            let digits = token.len() <= 7 && token.iter().all(u8::is_ascii_digit);
            self.stated = digits.then(|| token.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as u32));
        }
    }

    pub fn end_line(&mut self, columns: &Columns) {
        self.samples = columns.sample() + 1;
        (self.carriers, self.seen, self.stated) = (0, 0, None);
        self.haplotypes.end_row();
    }

    fn take_genotype(&mut self, token: &[u8], sample: usize) {
        let alleles = token.iter().filter(|byte| byte.is_ascii_digit() && **byte != b'0').count() as u32;
        let other = |byte: Option<&u8>| byte.is_some_and(|&byte| byte != b'0') as u32;
        let code = other(token.first()) << 1 | other(token.get(2));
        if alleles > 0 {
            self.seen += alleles;
            self.carriers = hash(self.carriers, hash(sample as u64, code as u64));
        }
        self.haplotypes.push(code & 2 != 0);
        self.haplotypes.push(code & 1 != 0);
        let history = &mut self.histories[sample % MOST_SAMPLES];
        *history = *history << 2 | code;
    }

    /// The sample's genotypes above.
    pub fn history(&self, sample: usize) -> u32 {
        self.histories[sample % MOST_SAMPLES]
    }

    /// What haplotypes like this sample's next one carry, given what there is of its token: a number below 1024, 0 if
    /// nothing is known.
    #[inline(always)]
    pub fn alike(&self, token: &[u8]) -> u64 {
        let [up, down] = match token {
            [] => self.haplotypes.neighbours(0, false),
            [first, _] => self.haplotypes.neighbours(1, *first != b'0'),
            _ => [0; 2],
        };
        up << 5 | down
    }

    /// What haplotypes like both of this sample's next ones say: a hash of it, and whether most carry another allele
    /// than the first one; nothing if nothing is known.
    #[inline(always)]
    pub fn guess(&self) -> Option<(u64, [bool; 2])> {
        let first = self.haplotypes.neighbours(0, false);
        let guessed = carries_other(first);
        let second = self.haplotypes.neighbours(1, guessed);
        let said = first[0] << 15 | first[1] << 10 | second[0] << 5 | second[1];
        (said != 0).then(|| (said, [guessed, carries_other(second)]))
    }

    /// How many alleles are still to come, and how many samples, both coarsely.
    pub fn left(&self, sample: usize) -> u64 {
        let alleles = match self.stated {
            Some(stated) => 1 + coarse(stated.saturating_sub(self.seen)),
            None => 64 + coarse(self.seen * 64 / (sample as u32 + 1)),
        };
        (alleles as u64) << 8 | coarse(self.samples.saturating_sub(sample) as u32) as u64
    }
}

/// What the neighbour says that has been alike for longer.
fn carries_other([up, down]: [u64; 2]) -> bool {
    let longer = if up & 15 > down & 15 { up } else { down };
    longer >> 4 != 0
}

/// Small numbers themselves, larger ones in quarters of their powers of two.
fn coarse(value: u32) -> u32 {
    if value < 8 {
        return value;
    }
    let size = value.ilog2();
    size * 4 - 4 + (value >> (size - 2) & 3)
}
