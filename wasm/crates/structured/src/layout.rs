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

/// The end of a quotation that quotes may stand in.
#[derive(Clone, Copy)]
enum Terminator {
    None,
    /// Oracle's `q'[It's]'`: this byte and a quote.
    Bracket(u8),
    /// PostgreSQL's `$tag$`, while the tag is being read.
    Tag(u64),
    /// The same behind it; `read` is what stands behind the last dollar.
    Dollar {
        tag: u64,
        read: u64,
    },
}

/// No tag.
const UNREAD: u64 = 1;

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

#[derive(Clone)]
pub struct Layout {
    dialect: Dialect,
    json: bool,
    levels: [Level; DEEPEST],
    depth: usize,
    /// The quote that is open; 0 is none.
    quote: u8,
    escaped: bool,
    /// What ends the open quote, where that is more than the quote itself.
    terminator: Terminator,
    /// What is called with the open string, as `TO_DATE` is, or stands before it, as `N` does.
    prefix: u64,
    /// The string that was read last.
    string: u64,
    column: u64,
    /// Tokens and delimiters since the column began.
    part: u64,
    /// A word of SQL, and the table that the statement is about.
    word: u64,
    words: [u64; 2],
    table: u64,
    /// Rows of `COPY ... FROM stdin` go by, in which quotes mean nothing.
    copying: bool,
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
            terminator: Terminator::None,
            prefix: 0,
            string: 0,
            column: 0,
            part: 0,
            word: 0,
            words: [0; 2],
            table: 0,
            copying: false,
            line: 0,
            last: 0,
            place: 0,
            ended: false,
        }
    }

    /// Whether no column of the record has ended.
    pub fn is_first_column(&self) -> bool {
        self.column == 0
    }

    /// Whether places are JSON paths now.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Reads the next byte; `delimits` if it belongs to no token.
    #[inline]
    pub fn read(&mut self, byte: u8, delimits: bool) {
        self.ended = false;
        if byte == b'\n' && !matches!(self.quote, b'\'' | b'$') {
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
            let prefix = if self.quote == 0 { 0 } else { self.prefix };
            hash(self.table ^ prefix, self.depth as u64)
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
            self.read_quoted(byte);
            return;
        }
        if self.copying {
            self.read_copied(byte);
            return;
        }
        match byte {
            b'\'' | b'"' | b'`' => {
                self.open_quote(byte);
                if byte == b'\'' && matches!(self.word, Q | NQ) {
                    self.terminator = Terminator::Bracket(0);
                }
            }
            b'$' if matches!(self.last, b' ' | b'\n' | b'\t' | b'(' | b',' | b'=') => {
                self.open_quote(byte);
                self.terminator = Terminator::Tag(0);
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
                self.copying = [self.words[1], self.word] == [FROM, STDIN];
                self.next_column();
            }
            _ => {}
        }
        self.read_word(byte);
    }

    fn read_copied(&mut self, byte: u8) {
        match byte {
            b'\t' => self.next_column(),
            b'.' if self.last == b'\\' && self.line == 2 => self.copying = false,
            _ => {}
        }
    }

    fn open_quote(&mut self, byte: u8) {
        self.quote = byte;
        self.string = 0;
        self.part = (self.part | 7) + 1;
        self.prefix = match self.last {
            b'(' => self.words[1],
            _ => self.word,
        };
    }

    fn read_quoted(&mut self, byte: u8) {
        match self.terminator {
            // A doubled quote closes and opens again; a backslash escapes in MySQL alone, and matters little.
            Terminator::None => self.read_string(byte),
            Terminator::Bracket(0) => self.terminator = Terminator::Bracket(closing(byte)),
            Terminator::Bracket(end) => {
                if byte == b'\'' && self.last == end {
                    self.close_quote();
                }
            }
            Terminator::Tag(tag) => match byte {
                b'$' => self.terminator = Terminator::Dollar { tag, read: UNREAD },
                _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128 => {
                    self.terminator = Terminator::Tag(hash(tag, byte as u64));
                }
                _ => self.close_quote(),
            },
            Terminator::Dollar { tag, read } => match byte {
                b'$' if read == tag => self.close_quote(),
                b'$' => self.terminator = Terminator::Dollar { tag, read: 0 },
                _ => self.terminator = Terminator::Dollar { tag, read: hash(read, byte as u64) },
            },
        }
    }

    fn close_quote(&mut self) {
        (self.quote, self.terminator) = (0, Terminator::None);
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

/// The byte that closes what `opening` opens in Oracle's quotations.
fn closing(opening: u8) -> u8 {
    match opening {
        b'[' => b']',
        b'{' => b'}',
        b'(' => b')',
        b'<' => b'>',
        other => other,
    }
}

/// A word as [`Layout::read_word`] reads it.
const fn keyword(text: &[u8]) -> u64 {
    let mut word = 0u64;
    let mut i = 0;
    while i < text.len() {
        word = (word ^ (text[i] | 0x20) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        i += 1;
    }
    word
}

const Q: u64 = keyword(b"q");
const NQ: u64 = keyword(b"nq");
const FROM: u64 = keyword(b"from");
const STDIN: u64 = keyword(b"stdin");

/// Whether a table follows this word.
fn names_table(word: u64) -> bool {
    const INTO: u64 = keyword(b"into");
    const COPY: u64 = keyword(b"copy");
    const INSERT: u64 = keyword(b"insert");
    const TABLE: u64 = keyword(b"table");
    matches!(word, INTO | COPY | INSERT | TABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a quote is open behind the text, and the place there.
    fn read(text: &[u8]) -> (bool, u64) {
        let mut layout = Layout::new(Dialect::Sql);
        for &byte in text {
            layout.read(byte, !byte.is_ascii_alphanumeric());
        }
        (layout.quote != 0, layout.place)
    }

    #[test]
    fn quotations_end_where_their_dialect_says() {
        for (text, open) in [
            ("VALUES ('a", true),
            ("VALUES ('a'", false),
            ("VALUES ('It''s'", false),
            ("VALUES (q'[It's", true),
            ("VALUES (q'[It's]'", false),
            ("VALUES (nq'!a'b!'", false),
            ("VALUES (Q'{a'b]'", true),
            ("AS $$ it's\n$1 ", true),
            ("AS $$ it's\n$1 $$", false),
            ("AS $fn$ a $$ b ", true),
            ("AS $fn$ a $$ b $f$ $fn$", false),
            ("SELECT $1 + a$b$c", false),
            ("COPY t FROM stdin;\nit's\t$$\n", false),
            ("COPY t FROM stdin;\nit's\n\\N\n\\.\n'", true),
        ] {
            assert_eq!(read(text.as_bytes()).0, open, "{text}");
        }
    }

    #[test]
    fn what_a_string_is_given_to_says_what_it_is() {
        let place = |text: &str| read(text.as_bytes()).1;
        assert_ne!(place("INSERT INTO t VALUES (UNISTR('"), place("INSERT INTO t VALUES (TO_DATE('"));
        assert_ne!(place("INSERT INTO t VALUES (N'"), place("INSERT INTO t VALUES (X'"));
        assert_eq!(place("INSERT INTO t VALUES (1, TO_DATE('"), place("INSERT INTO t VALUES (9, TO_DATE('"));
    }
}
