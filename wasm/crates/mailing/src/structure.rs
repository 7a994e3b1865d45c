//! Where a byte of a mailbox stands: in which header field, on what kind of line of a body, in which tag.

use general::hash;

/// What kind of text a byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    /// The name of a header field, or a line of a header that may yet turn out to have none.
    Name,
    /// The value of a header field, continuation lines included.
    Value,
    /// Text of a body.
    Text,
    /// A tag of HTML.
    Tag,
    /// Lines of letters that stand for bytes.
    Encoded,
}

pub const ZONES: usize = 5;

/// Tags longer than this are text with a lost angle bracket.
const LONGEST_TAG: usize = 1500;
/// Lines of base64 are at least so long, the last one left out (RFC 2045, section 6.8, allows 76; mailers vary).
const ENCODED_LINE: usize = 57;

/// Follows the structure of messages (RFC 5322, RFC 2045) and of mailboxes (RFC 4155) as they go by.
pub struct Structure {
    pub zone: Zone,
    in_header: bool,
    /// The current header field's name; in a body 0.
    pub field: u64,
    /// The field before.
    pub last_field: u64,
    /// How many fields of the same name in a row.
    pub occurrence: u64,
    /// Bytes since the line began.
    pub column: usize,
    /// The line so far while it may be a field's name or a boundary.
    start: u64,
    /// `>` at the line's beginning.
    pub depth: usize,
    leading: bool,
    pub tag: u64,
    pub attribute: u64,
    tag_length: usize,
    tag_word: u64,
    after_blank: bool,
    boundary: bool,
    letters: usize,
    encoded_lines: usize,
    /// Length of the line before.
    pub last_length: usize,
    last: u8,
}

impl Structure {
    pub fn new() -> Self {
        Structure {
            zone: Zone::Name,
            in_header: true,
            field: 0,
            last_field: 0,
            occurrence: 0,
            column: 0,
            start: 0,
            depth: 0,
            leading: true,
            tag: 0,
            attribute: 0,
            tag_length: 0,
            tag_word: 0,
            after_blank: true,
            boundary: false,
            letters: 0,
            encoded_lines: 0,
            last_length: 0,
            last: b'\n',
        }
    }

    /// Takes in the next byte.
    pub fn update(&mut self, byte: u8) {
        if byte == b'\n' {
            self.end_line();
        } else {
            self.continue_line(byte);
        }
        self.last = byte;
    }

    fn end_line(&mut self) {
        let length = self.column - (self.last == b'\r') as usize;
        let blank = length == 0;
        if self.in_header && (blank || self.zone == Zone::Name) {
            self.in_header = blank && self.after_blank && self.field == 0;
            self.field = 0;
        }
        if self.boundary && !(self.last == b'-' && self.column > 4) {
            self.in_header = true;
            self.field = 1;
        }
        self.encoded_lines =
            if self.letters >= ENCODED_LINE && self.letters == length { self.encoded_lines + 1 } else { 0 };
        if blank || self.in_header {
            self.tag = 0;
        }
        self.zone = if self.in_header {
            Zone::Name
        } else if self.encoded_lines > 0 {
            Zone::Encoded
        } else if self.tag != 0 {
            Zone::Tag
        } else {
            Zone::Text
        };
        self.after_blank = blank;
        self.last_length = length;
        (self.column, self.start, self.depth, self.letters) = (0, 0, 0, 0);
        (self.leading, self.boundary) = (true, false);
    }

    fn continue_line(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/' || byte == b'=' {
            self.letters += 1;
        }
        if self.in_header {
            self.read_header(byte);
        } else {
            self.read_body(byte);
        }
        self.column += 1;
    }

    fn read_header(&mut self, byte: u8) {
        if self.zone == Zone::Value {
            return;
        }
        if self.column == 0 && (byte == b' ' || byte == b'\t') {
            self.zone = Zone::Value;
        } else if byte == b':' || byte == b' ' && self.column == 4 && self.start == FROM {
            let name = hash(self.start, 1);
            self.occurrence = if name == self.field { self.occurrence + 1 } else { 0 };
            self.last_field = self.field;
            self.field = name;
            self.zone = Zone::Value;
        } else if byte > b' ' && byte < 127 && self.column < 60 {
            self.start = self.start << 7 ^ self.start >> 41 ^ (byte | 0x20) as u64;
        } else if byte != b'\r' {
            self.in_header = false;
            self.field = 0;
            self.zone = Zone::Text;
        }
    }

    fn read_body(&mut self, byte: u8) {
        if self.column < 5 {
            self.start = self.start << 7 ^ byte as u64;
            if self.after_blank && self.column == 4 && self.start == FROM_SPACE {
                self.in_header = true;
                self.zone = Zone::Value;
                self.last_field = 0;
                self.field = hash(FROM, 1);
                self.occurrence = 0;
                self.tag = 0;
                return;
            }
            self.boundary =
                self.column == 2 && self.start >> 7 == DASHES && byte > b' ' || self.boundary && self.column > 2;
        }
        if self.leading {
            if byte == b'>' {
                self.depth += 1;
            } else if byte != b' ' {
                self.leading = false;
            }
        }
        if self.zone == Zone::Encoded && !is_letter_of_base64(byte) {
            self.zone = Zone::Text;
        }
        if self.zone != Zone::Encoded {
            self.read_tag(byte);
        }
    }

    fn read_tag(&mut self, byte: u8) {
        if self.zone == Zone::Tag {
            self.tag_length += 1;
            if byte == b'>' || self.tag_length > LONGEST_TAG {
                self.zone = Zone::Text;
                self.attribute = 0;
            } else if byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'!' || byte == b'-' {
                self.tag_word = hash(self.tag_word, (byte | 0x20) as u64);
            } else {
                if self.tag == 1 {
                    self.tag = self.tag_word | 2;
                } else if byte == b'=' {
                    self.attribute = self.tag_word;
                }
                self.tag_word = 0;
            }
        } else if self.last == b'<' && (byte.is_ascii_alphabetic() || byte == b'/' || byte == b'!') {
            self.zone = Zone::Tag;
            self.tag = 1;
            self.tag_length = 0;
            self.tag_word = hash(0, (byte | 0x20) as u64);
            self.attribute = 0;
        }
    }
}

fn is_letter_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r')
}

/// How the start of a line is kept in mind: seven bits a letter, a longer one folded.
const fn start_of(text: &[u8]) -> u64 {
    let mut value = 0u64;
    let mut at = 0;
    while at < text.len() {
        value = value << 7 ^ text[at] as u64;
        at += 1;
    }
    value
}

const FROM: u64 = start_of(b"from");
const FROM_SPACE: u64 = start_of(b"From ");
const DASHES: u64 = start_of(b"--");
