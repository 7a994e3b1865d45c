//! The field MD (SAM optional fields specification): which bases the reference has where a read differs.

use crate::alignment::{Alignment, Column, DELETED};
use crate::reference::Reference;
use coding::arithmetic::Coder;
use sequencing::bits::{code_flag, Flag, Symbol};

const LETTERS: &[u8; 16] = b"=ACMGRSVTWYHKDBN";

pub struct Mismatches {
    is_regular: Flag,
    is_expected: [Flag; 2],
    agrees: Vec<Flag>,
    letter: Vec<Symbol>,
    /// The letters of the reference in each column, as expected and as they are.
    expected: Vec<u8>,
    found: Vec<u8>,
}

/// How a read differs from what is known of the reference.
#[derive(Clone, Copy, Default)]
pub struct Differences {
    pub mismatches: u32,
    /// The sum of their qualities.
    pub qualities: u32,
}

impl Mismatches {
    pub fn new() -> Self {
        Mismatches {
            is_regular: Flag::new(),
            is_expected: [Flag::new(); 2],
            agrees: vec![Flag::new(); 4 * 64 * 4],
            letter: vec![Symbol::new(8); 32],
            expected: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Works out what the reference probably has under a read.
    pub fn expect(&mut self, alignment: &Alignment, reference: &Reference, codes: &[u8], qualities: &[u8]) -> Differences {
        self.expected.clear();
        let mut differences = Differences::default();
        for column in &alignment.columns {
            let own = own_letter(column, codes);
            let cell = reference.cell(column.place);
            let base = cell.known().or_else(|| {
                let expected = cell.expected();
                (expected.confidence > 0).then_some(expected.base)
            });
            let letter = base.map_or(if own == 0 { b'N' } else { own }, |base| b"ACGT"[base as usize & 3]);
            if own != 0 && letter != own {
                differences.mismatches += 1;
                differences.qualities += qualities.get(column.base as usize).copied().unwrap_or(0) as u32;
            }
            self.expected.push(letter);
        }
        differences
    }

    /// Codes a field and appends it to `output`, without a zero at its end; nothing if it is not regular, so that it
    /// has to be coded otherwise.
    pub fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        wanted: Option<&[u8]>,
        alignment: &Alignment,
        reference: &mut Reference,
        read: (&[u8], &[u8]),
        output: &mut Vec<u8>,
    ) -> bool {
        let (codes, ranks) = read;
        let start = output.len();
        let regular = alignment.is_whole
            && wanted.is_some_and(|text| {
                self.found.clear();
                letters_of(text, &alignment.columns, codes, &mut self.found).is_some_and(|()| {
                    write(&alignment.columns, codes, &self.found, output);
                    let same = &output[start..] == text;
                    output.truncate(start);
                    same
                })
            });
        if !code_flag(coder, &mut self.is_regular, regular) {
            return false;
        }
        if wanted.is_none() {
            self.found.clear();
        }
        let doubts = alignment.columns.iter().any(|column| reference.cell(column.place).known().is_none());
        let as_expected = code_flag(coder, &mut self.is_expected[doubts as usize], self.found == self.expected);
        if as_expected {
            self.found.clone_from(&self.expected);
        } else {
            self.code_letters(coder, wanted.is_some(), alignment, reference, codes, ranks);
        }
        for (column, letter) in alignment.columns.iter().zip(&self.found) {
            if let (Some(base), Some(cell)) = (base_of(*letter), reference.cell_mut(column.place)) {
                cell.tell(base);
            }
        }
        write(&alignment.columns, codes, &self.found, output);
        true
    }

    fn code_letters<C: Coder>(
        &mut self,
        coder: &mut C,
        is_known: bool,
        alignment: &Alignment,
        reference: &Reference,
        codes: &[u8],
        ranks: &[u8],
    ) {
        let mut recent = 0;
        for (at, column) in alignment.columns.iter().enumerate() {
            let expected = self.expected[at];
            let wanted = if is_known { self.found[at] } else { 0 };
            let own = own_letter(column, codes);
            let cell = reference.cell(column.place);
            let certainty = match (own, cell.known()) {
                (0, None) => 0,
                (_, Some(_)) => 1,
                _ => 2 + (cell.expected().confidence > 0) as usize,
            };
            let quality = ranks.get(column.base as usize).copied().unwrap_or(0) as usize;
            let flag = &mut self.agrees[(certainty * 64 + quality.min(63)) * 4 + recent];
            let agrees = code_flag(coder, flag, wanted == expected);
            recent = (recent << 1 | !agrees as usize) & 3;
            let letter = if agrees {
                expected
            } else {
                self.letter[own as usize & 31].code(coder, wanted as u32) as u8
            };
            if is_known {
                debug_assert_eq!(letter, wanted);
            } else {
                self.found.push(letter);
            }
        }
    }
}

fn own_letter(column: &Column, codes: &[u8]) -> u8 {
    if column.base == DELETED {
        return 0;
    }
    codes.get(column.base as usize).map_or(0, |&code| LETTERS[code as usize & 15])
}

fn base_of(letter: u8) -> Option<u8> {
    b"ACGT".iter().position(|&base| base == letter).map(|base| base as u8)
}

/// The reference's letter in each column as `text` has it; nothing if it is of another form or another length.
fn letters_of(text: &[u8], columns: &[Column], codes: &[u8], letters: &mut Vec<u8>) -> Option<()> {
    let mut at = 0;
    while at < text.len() {
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 8 {
            return None;
        }
        let run = text[at..at + digits].iter().fold(0usize, |sum, digit| sum * 10 + (digit - b'0') as usize);
        at += digits;
        for _ in 0..run {
            letters.push(own_letter(columns.get(letters.len())?, codes));
        }
        if text.get(at) == Some(&b'^') {
            at += 1;
            while columns.get(letters.len()).is_some_and(|column| column.base == DELETED) && at < text.len() {
                letters.push(text[at]);
                at += 1;
            }
        } else if at < text.len() {
            letters.push(text[at]);
            at += 1;
        }
        if letters.len() > columns.len() {
            return None;
        }
    }
    (letters.len() == columns.len()).then_some(())
}

/// The field that says that the reference has `letters`.
fn write(columns: &[Column], codes: &[u8], letters: &[u8], output: &mut Vec<u8>) {
    let mut run = 0u32;
    let mut in_deletion = false;
    for (column, &letter) in columns.iter().zip(letters) {
        if column.base == DELETED {
            if !in_deletion {
                output.extend_from_slice(run.to_string().as_bytes());
                output.push(b'^');
                run = 0;
            }
            in_deletion = true;
            output.push(letter);
            continue;
        }
        in_deletion = false;
        if letter == own_letter(column, codes) {
            run += 1;
        } else {
            output.extend_from_slice(run.to_string().as_bytes());
            output.push(letter);
            run = 0;
        }
    }
    output.extend_from_slice(run.to_string().as_bytes());
}

