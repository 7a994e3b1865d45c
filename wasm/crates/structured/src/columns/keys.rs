//! Which column a variable belongs to, told from what stands before it in its record's shape: both ways read shapes
//! alike, so neither need say.

use super::shape::Style;

/// Deeper nesting is not told apart.
const DEEPEST: usize = 24;
/// Elements of an array behind these share a column.
const ELEMENTS: u64 = 8;

#[inline(always)]
pub fn mix(key: u64, value: u64) -> u64 {
    (key ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Start,
    /// Everything before counts.
    Prefix,
    /// The path counts.
    Json,
    /// The number of commas counts, and what stands behind the last one.
    Tuple,
}

#[derive(Clone, Copy, Default)]
struct Level {
    path: u64,
    member: u64,
    index: u64,
    is_object: bool,
}

/// How shapes are read, and what the records before have set: the table that rows belong to.
pub struct Setting {
    table: u64,
    /// What begins a new column besides commas and tabs.
    separator: u8,
    /// The nesting of the JSON that is being read. Records alone are read so, one after another.
    levels: [Level; DEEPEST],
}

impl Setting {
    pub fn new(style: Style) -> Self {
        let separator = if style == Style::Words { b' ' } else { b'\t' };
        Setting { table: 0, separator, levels: [Level::default(); DEEPEST] }
    }
}

pub struct Keys {
    mode: Mode,
    is_record: bool,
    base: u64,
    key: u64,
    /// Columns that lie before.
    index: u64,
    word: u64,
    depth: usize,
    in_string: bool,
    string: u64,
}

impl Keys {
    /// Starts a shape in the column `base`.
    pub fn new(base: u64, setting: &Setting, is_record: bool) -> Self {
        // Not the column of the shape itself.
        let base = if is_record { mix(base, setting.table) } else { mix(base, 1) };
        Keys {
            mode: if is_record { Mode::Start } else { Mode::Prefix },
            is_record,
            base,
            key: base,
            index: 0,
            word: 0,
            depth: 0,
            in_string: false,
            string: 0,
        }
    }

    /// The column of a variable that comes now.
    #[inline]
    pub fn column(&self, setting: &Setting) -> u64 {
        if self.mode == Mode::Json {
            let level = &setting.levels[self.depth];
            mix(mix(level.path, level.member), self.index)
        } else {
            self.key
        }
    }

    /// Reads the next byte of the shape.
    #[inline]
    pub fn read(&mut self, byte: u8, setting: &mut Setting) {
        match self.mode {
            Mode::Prefix => self.read_prefix(byte, setting),
            Mode::Json => self.read_json(byte, &mut setting.levels),
            Mode::Tuple if byte == b',' => {
                self.index += 1;
                self.key = mix(self.base, self.index);
            }
            Mode::Tuple => self.key = mix(self.key, byte as u64),
            Mode::Start => match byte {
                b'{' | b'[' => {
                    self.mode = Mode::Json;
                    setting.levels[0] = Level::default();
                    self.read_json(byte, &mut setting.levels);
                }
                b'(' => {
                    self.mode = Mode::Tuple;
                    self.key = self.base;
                }
                b' ' | b',' => self.key = mix(self.key, byte as u64),
                _ => {
                    self.mode = Mode::Prefix;
                    self.read_prefix(byte, setting);
                }
            },
        }
    }

    #[inline]
    fn read_prefix(&mut self, byte: u8, setting: &mut Setting) {
        self.key = mix(self.key, byte as u64);
        if byte == b'\t' || (byte == setting.separator && self.is_record) {
            self.index += 1;
            self.key = mix(self.base, self.index);
        } else if byte.is_ascii_alphabetic() {
            self.word = self.word << 8 | (byte | 0x20) as u64;
        } else if byte == b'(' && self.word & 0xffff_ffff_ffff == u64::from_be_bytes(*b"\0\0values") {
            setting.table = self.key;
            self.base = mix(0, self.key);
            self.mode = Mode::Tuple;
        } else if byte == b' ' && self.word == u64::from_be_bytes(*b"\0\0\0\0copy") {
            setting.table = 0;
            self.word = 0;
        }
    }

    fn read_json(&mut self, byte: u8, levels: &mut [Level; DEEPEST]) {
        if self.in_string {
            if byte == b'"' {
                self.in_string = false;
            } else {
                self.string = mix(self.string, byte as u64);
            }
            return;
        }
        let level = &mut levels[self.depth];
        match byte {
            b'"' => {
                self.in_string = true;
                self.string = 1;
            }
            b':' => {
                level.member = self.string;
                self.index = 0;
            }
            b',' => {
                self.index = 0;
                if !level.is_object {
                    level.index += 1;
                    level.member = level.index.min(ELEMENTS);
                }
            }
            b'{' | b'[' => {
                let path = mix(level.path, level.member);
                if self.depth + 1 < DEEPEST {
                    self.depth += 1;
                    levels[self.depth] = Level { path, is_object: byte == b'{', ..Level::default() };
                }
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            // What stands between the parts of one value.
            _ => self.index = mix(self.index, byte as u64),
        }
    }
}
