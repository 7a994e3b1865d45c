//! Where in a record the next byte stands: column, quoted string, JSON path, column of an SQL tuple.

use crate::engine::hash;

/// Deeper nesting is not told apart.
const DEEPEST: usize = 24;

/// How lines are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Lines of fields; JSON where a line opens so.
    Lines,
    /// SQL statements: single quotes span lines, tuples are rows.
    Sql,
}

/// A level of JSON or SQL nesting.
#[derive(Clone, Copy, Default)]
struct Level {
    /// What the level is: the path to it.
    path: u64,
    /// The key of the member, or the index of the element.
    member: u64,
    is_object: bool,
    /// Whether a key comes next.
    before_key: bool,
}

pub struct Layout {
    dialect: Dialect,
    json: bool,
    levels: [Level; DEEPEST],
    depth: usize,
    /// The quote that is open; 0 is none.
    quote: u8,
    escaped: bool,
    /// The string that was read last.
    string: u64,
    column: u64,
    /// Tokens and delimiters since the column began.
    part: u64,
    /// A word of SQL, and the table that the statement is about.
    word: u64,
    words: [u64; 2],
    table: u64,
    /// Bytes since the line began.
    line: usize,
    last: u8,
    /// The place of the next byte's token.
    pub place: u64,
    /// The record has just ended.
    pub ended: bool,
}

impl Layout {
    pub fn new(dialect: Dialect) -> Self {
        Layout {
            dialect,
            json: false,
            levels: [Level::default(); DEEPEST],
            depth: 0,
            quote: 0,
            escaped: false,
            string: 0,
            column: 0,
            part: 0,
            word: 0,
            words: [0; 2],
            table: 0,
            line: 0,
            last: 0,
            place: 0,
            ended: false,
        }
    }

    /// Whether places are JSON paths now.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Reads the next byte; `delimits` if it belongs to no token.
    #[inline]
    pub fn read(&mut self, byte: u8, delimits: bool) {
        self.ended = false;
        if byte == b'\n' && self.quote != b'\'' {
            self.end_line();
        } else {
            if self.line == 0 {
                self.begin_line(byte);
            }
            self.line += 1;
            match self.dialect {
                _ if self.json => self.read_json(byte),
                Dialect::Lines => self.read_line(byte),
                Dialect::Sql => self.read_sql(byte),
            }
        }
        if delimits {
            self.part += (self.part < 40) as u64;
        }
        self.last = byte;
        self.place = hash(self.path(), self.part << 16 | self.column << 3 | (self.quote & 3) as u64);
    }

    fn path(&self) -> u64 {
        let level = &self.levels[self.depth];
        if self.json {
            return hash(level.path, level.member) ^ level.before_key as u64;
        }
        if self.depth > 0 || self.dialect == Dialect::Sql {
            hash(self.table, self.depth as u64)
        } else {
            0
        }
    }

    fn begin_line(&mut self, byte: u8) {
        let opens = matches!(byte, b'{' | b'[');
        if self.dialect == Dialect::Lines && !self.json && opens {
            self.json = true;
            self.depth = 0;
            self.levels[0] = Level::default();
        }
    }

    fn end_line(&mut self) {
        self.line = 0;
        if self.json && self.depth > 0 {
            return;
        }
        self.json = false;
        self.quote = 0;
        self.escaped = false;
        self.column = 0;
        self.part = 0;
        self.ended = true;
        if self.dialect == Dialect::Lines {
            self.depth = 0;
        }
    }

    fn read_json(&mut self, byte: u8) {
        if self.quote != 0 {
            self.read_string(byte);
            return;
        }
        let level = &mut self.levels[self.depth];
        match byte {
            b'"' => {
                self.quote = byte;
                self.string = 0;
                if level.before_key {
                    self.string = 1;
                }
            }
            b':' if level.is_object && level.before_key => {
                level.member = self.string;
                level.before_key = false;
                self.part = 0;
            }
            b',' => {
                if level.is_object {
                    level.before_key = true;
                } else {
                    level.member = (level.member + 1).min(64);
                }
                self.part = 0;
            }
            b'{' | b'[' => {
                let path = hash(level.path, level.member);
                if self.depth + 1 < DEEPEST {
                    self.depth += 1;
                    let is_object = byte == b'{';
                    self.levels[self.depth] = Level { path, member: 0, is_object, before_key: is_object };
                }
                self.part = 0;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.part = 0;
                if self.depth == 0 {
                    self.ended = true;
                }
            }
            _ => {}
        }
    }

    #[inline]
    fn read_string(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == self.quote {
            self.quote = 0;
            return;
        }
        self.string = hash(self.string, byte as u64);
    }

    fn read_line(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.quote ^= byte;
                self.part = 0;
            }
            b' ' if self.quote != 0 => {
                self.part = (self.part | 15) + 1;
            }
            b'\t' => self.next_column(),
            b' ' if self.last != b' ' => self.next_column(),
            b',' | b';' | b'|' if self.quote == 0 => self.next_column(),
            _ => {}
        }
    }

    fn next_column(&mut self) {
        self.column = (self.column + 1).min(1000);
        self.part = 0;
    }

    fn read_sql(&mut self, byte: u8) {
        if self.quote != 0 {
            // A doubled quote closes and opens again; a backslash escapes in MySQL alone, and matters little.
            self.read_string(byte);
            return;
        }
        match byte {
            b'\'' | b'"' | b'`' => {
                self.quote = byte;
                self.string = 0;
                self.part = (self.part | 7) + 1;
            }
            b'(' => {
                self.depth = (self.depth + 1).min(8);
                if self.depth == 1 {
                    self.column = 0;
                }
                self.part = 0;
            }
            b')' => {
                self.depth = self.depth.saturating_sub(1);
                self.ended = self.depth == 0;
                self.part = 0;
            }
            b',' if self.depth <= 1 => self.next_column(),
            b'\t' => self.next_column(),
            b';' => {
                self.depth = 0;
                self.next_column();
            }
            _ => {}
        }
        self.read_word(byte);
    }

    /// Watches for the table that a statement names.
    fn read_word(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' {
            self.word = hash(self.word, (byte | 0x20) as u64);
        } else if self.word != 0 {
            self.words = [self.words[1], self.word];
            if names_table(self.words[0]) {
                self.table = self.word;
            }
            self.word = 0;
        }
    }
}

/// Whether a table follows this word.
fn names_table(word: u64) -> bool {
    const fn keyword(text: &[u8]) -> u64 {
        let mut word = 0u64;
        let mut i = 0;
        while i < text.len() {
            word = (word ^ (text[i] | 0x20) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            i += 1;
        }
        word
    }
    const INTO: u64 = keyword(b"into");
    const COPY: u64 = keyword(b"copy");
    const INSERT: u64 = keyword(b"insert");
    const TABLE: u64 = keyword(b"table");
    matches!(word, INTO | COPY | INSERT | TABLE)
}
