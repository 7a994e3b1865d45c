//! Where in a VCF text the next byte stands: its column, its key, its element of a list (VCFv4.3, section 1).

use crate::hash::{hash, small_hash};

/// What the columns of a line hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// A line that begins with `#`.
    Header,
    /// CHROM to FILTER.
    Fixed,
    /// A key of INFO, or a flag.
    InfoKey,
    InfoValue,
    Format,
    Sample,
}

pub const POS: usize = 1;
pub const ID: usize = 2;
pub const REF: usize = 3;
pub const ALT: usize = 4;
const INFO: usize = 7;
const FORMAT: usize = 8;
/// Keys of a FORMAT column that are told apart.
const MOST_KEYS: usize = 64;
/// Elements of a list that are told apart.
const MOST_ELEMENTS: usize = 63;

pub struct Columns {
    pub area: Area,
    pub column: usize,
    /// The key of the value, or a number for a fixed column.
    pub key: u32,
    /// Which element of a list.
    pub element: usize,
    /// A hash of the bytes of this token.
    pub token: u64,
    /// Where this token began.
    pub start: usize,
    /// The tokens before in this line, latest first.
    pub before: [u64; 3],
    /// REF and ALT.
    pub alleles: u64,
    line_start: usize,
    line_hash: u64,
    /// Keys of the FORMAT column.
    keys: Vec<u32>,
    key_index: usize,
}

/// The key of genotypes.
pub const GT: u32 = small_hash(b"GT");
pub const AC: u32 = small_hash(b"AC");
pub const END: u32 = small_hash(b"END");
pub const DP: u32 = small_hash(b"DP");
pub const AD: u32 = small_hash(b"AD");

impl Columns {
    pub fn new() -> Self {
        Columns {
            area: Area::Fixed,
            column: 0,
            key: 0,
            element: 0,
            token: 0,
            start: 0,
            before: [0; 3],
            alleles: 0,
            line_start: 0,
            line_hash: 0,
            keys: Vec::new(),
            key_index: 0,
        }
    }

    pub fn is_position(&self) -> bool {
        self.area == Area::Fixed && self.column == POS
    }

    pub fn is_sample(&self) -> bool {
        self.area == Area::Sample
    }

    pub fn is_value(&self) -> bool {
        self.area == Area::InfoValue
    }

    pub fn is_genotype(&self) -> bool {
        self.area == Area::Sample && self.key == GT
    }

    /// The sample's number.
    pub fn sample(&self) -> usize {
        self.column.saturating_sub(FORMAT + 1)
    }

    /// The kind of the token: key and element.
    pub fn field(&self) -> u64 {
        let area = match self.area {
            Area::Header => 1,
            Area::Fixed => 2,
            Area::InfoKey => 3,
            Area::InfoValue => 4,
            Area::Format => 5,
            Area::Sample => 6,
        };
        hash((self.key as u64) << 8 | area, self.element as u64)
    }

    /// Takes in the newest byte of `history`; whether it ended a token.
    pub fn take(&mut self, history: &[u8]) -> bool {
        let byte = history[history.len() - 1];
        let ends = self.separates(byte);
        if ends {
            self.end_token(history);
        } else {
            self.token = hash(self.token, byte as u64 + 1);
        }
        ends
    }

    /// Ends the token whose separator is the newest byte of `history`; [`Columns::token`] stands for it.
    pub fn end_token(&mut self, history: &[u8]) {
        let at = history.len();
        let byte = history[at - 1];
        if at - 1 == self.line_start && byte == b'#' {
            self.area = Area::Header;
            self.key = 0;
        }
        let start = self.start;
        let token = self.token;
        self.before = [token, self.before[0], self.before[1]];
        self.start = at;
        self.token = 0;
        match (self.area, byte) {
            (_, b'\n') => self.begin_line(at),
            (Area::Header, _) => self.element = 0,
            (Area::Format, _) => {
                if self.keys.len() < MOST_KEYS {
                    self.keys.push(small_hash(&history[start..at - 1]));
                }
                self.element = (self.element + 1).min(MOST_ELEMENTS);
                if byte == b'\t' {
                    self.begin_column();
                }
            }
            (_, b'\t') => self.begin_column(),
            (Area::InfoKey, b'=') => {
                self.key = small_hash(&history[start..at - 1]);
                self.area = Area::InfoValue;
                self.element = 0;
            }
            (Area::InfoKey | Area::InfoValue, b';') => {
                if self.area == Area::InfoKey {
                    self.key = small_hash(&history[start..at - 1]);
                }
                self.area = Area::InfoKey;
                self.element = 0;
            }
            (Area::Sample, b':') => {
                self.key_index += 1;
                self.key = self.key_of(self.key_index);
                self.element = 0;
            }
            _ => self.element = (self.element + 1).min(MOST_ELEMENTS),
        }
    }

    fn key_of(&self, index: usize) -> u32 {
        self.keys.get(index).copied().unwrap_or(index as u32)
    }

    fn begin_line(&mut self, at: usize) {
        self.line_start = at;
        self.line_hash = 0;
        self.column = 0;
        self.area = Area::Fixed;
        self.key = 0;
        self.element = 0;
    }

    fn begin_column(&mut self) {
        if self.column + 1 == ALT {
            self.alleles = self.before[0];
        } else if self.column == ALT {
            self.alleles = hash(self.alleles, self.before[0]);
        }
        self.column += 1;
        self.element = 0;
        (self.area, self.key) = match self.column {
            0..INFO => (Area::Fixed, self.column as u32),
            // The key before the first one is none.
            INFO => (Area::InfoKey, 0),
            FORMAT => {
                self.keys.clear();
                (Area::Format, 0)
            }
            _ => {
                self.key_index = 0;
                (Area::Sample, self.key_of(0))
            }
        };
    }

    #[inline(always)]
    pub fn separates(&self, byte: u8) -> bool {
        match byte {
            b'\t' | b'\n' => true,
            _ => match self.area {
                Area::Header | Area::Fixed => !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'_'),
                Area::InfoKey | Area::InfoValue => matches!(byte, b';' | b'=' | b',' | b'|' | b'&'),
                Area::Format => byte == b':',
                Area::Sample => matches!(byte, b':' | b','),
            },
        }
    }
}
