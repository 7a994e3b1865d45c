//! What is left of a GeoJSON text when the numbers of its positions are taken out.
//!
//! A position is an array of two or three JSON numbers inside the value of a member that holds coordinates. Its numbers
//! become [`NUMBER`]s. Positions that follow it, each with the same bytes around its numbers, vanish altogether: the
//! first of them is one [`MORE`].

mod whole;

pub use whole::{put_together, Numbers};

/// Stands for a number.
pub const NUMBER: u8 = 1;
/// Stands for the numbers of all further positions of a run, with what is between them.
pub const MORE: u8 = 2;
/// Precedes a byte of the text that would be taken for one of these three.
pub const ESCAPE: u8 = 3;

/// Longer numbers are left in the text.
const LONGEST_NUMBER: usize = 40;
/// Bytes between numbers of a position, or of one and the next, that are looked over.
const LONGEST_GAP: usize = 200;
pub const DIMENSIONS: std::ops::RangeInclusive<usize> = 2..=3;

/// Members whose arrays hold positions: of GeoJSON, of TopoJSON, of Esri JSON.
const MEMBERS: [&[u8]; 5] = [b"coordinates", b"arcs", b"rings", b"paths", b"points"];

/// Where a number's text is.
#[derive(Clone, Copy)]
pub struct Span {
    start: u32,
    length: u8,
}

impl Span {
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.start as usize + self.length as usize]
    }

    fn end(self) -> usize {
        self.start as usize + self.length as usize
    }
}

/// Positions that follow each other with the same bytes between their numbers.
pub struct Run {
    pub dimensions: usize,
    /// How many positions.
    pub count: usize,
}

/// A text taken apart.
pub struct Parts {
    pub skeleton: Vec<u8>,
    pub runs: Vec<Run>,
    /// The numbers of all runs.
    pub spans: Vec<Span>,
}

/// Takes a text apart; shorter than 4 GiB.
pub fn take_apart(text: &[u8]) -> Parts {
    let mut parts = Parts { skeleton: Vec::with_capacity(text.len() / 2), runs: Vec::new(), spans: Vec::new() };
    // A segment may begin anywhere in a long geometry.
    let mut inside = true;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                let end = string_end(text, at);
                inside = is_member(text, at, end);
                put(&text[at..end], &mut parts.skeleton);
                at = end;
            }
            b'[' if inside => {
                parts.skeleton.push(b'[');
                at = take_run(text, at + 1, &mut parts);
            }
            byte => {
                put(&[byte], &mut parts.skeleton);
                at += 1;
            }
        }
    }
    parts
}

fn put(bytes: &[u8], skeleton: &mut Vec<u8>) {
    for &byte in bytes {
        if matches!(byte, NUMBER | MORE | ESCAPE) {
            skeleton.push(ESCAPE);
        }
        skeleton.push(byte);
    }
}

/// Behind the closing quote of the string that opens at `at`, or the end of the text.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != b'"' {
        end += 1 + (text[end] == b'\\') as usize;
    }
    (end + 1).min(text.len())
}

fn is_member(text: &[u8], at: usize, end: usize) -> bool {
    let name = &text[at + 1..(end - 1).max(at + 1)];
    MEMBERS.contains(&name) && text.get(skip_space(text, end)) == Some(&b':')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

fn skip_space(text: &[u8], at: usize) -> usize {
    let most = (at + LONGEST_GAP).min(text.len());
    (at..most).find(|&place| !is_space(text[place])).unwrap_or(most)
}

/// Takes the run whose first position may begin at `at`, behind its bracket; gives the place behind it.
fn take_run(text: &[u8], at: usize, parts: &mut Parts) -> usize {
    let Some((dimensions, mut spans)) = find_position(text, at) else { return at };
    let mut count = 1;
    let mut from = at;
    for span in &spans[..dimensions] {
        parts.skeleton.extend_from_slice(&text[from..span.start as usize]);
        parts.skeleton.push(NUMBER);
        parts.spans.push(*span);
        from = span.end();
    }
    let mut end = from;
    if let (Some(gap), Some(join)) = (gap(text, &spans[..dimensions]), find_join(text, end)) {
        while let Some(next) = follow(text, end, join, gap, dimensions, &mut spans) {
            if count == 1 {
                parts.skeleton.extend_from_slice(join);
                parts.skeleton.push(MORE);
            }
            parts.spans.extend_from_slice(&spans[..dimensions]);
            count += 1;
            end = next;
        }
    }
    parts.runs.push(Run { dimensions, count });
    end
}

/// What lies between the numbers of a position, if that is the same for all of them.
fn gap<'a>(text: &'a [u8], spans: &[Span]) -> Option<&'a [u8]> {
    let mut gaps = spans.windows(2).map(|pair| &text[pair[0].end()..pair[1].start as usize]);
    let first = gaps.next()?;
    gaps.all(|gap| gap == first).then_some(first)
}

/// The numbers of a position that begins, behind its bracket, at `at`.
fn find_position(text: &[u8], at: usize) -> Option<(usize, [Span; 3])> {
    let mut spans = [Span { start: 0, length: 0 }; 3];
    let mut place = at;
    for dimensions in 1..=3 {
        place = skip_space(text, place);
        let end = number_end(text, place)?;
        spans[dimensions - 1] = Span { start: place as u32, length: (end - place) as u8 };
        place = skip_space(text, end);
        match text.get(place)? {
            b']' => return DIMENSIONS.contains(&dimensions).then_some((dimensions, spans)),
            b',' => place += 1,
            _ => return None,
        }
    }
    None
}

/// Behind the number at `at`; it is one of JSON, and something follows it.
fn number_end(text: &[u8], at: usize) -> Option<usize> {
    let most = (at + LONGEST_NUMBER + 1).min(text.len());
    let digits = |from: usize| (from..most).find(|&place| !text[place].is_ascii_digit()).unwrap_or(most);
    let start = at + (text.get(at) == Some(&b'-')) as usize;
    let mut end = digits(start);
    if end == start {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        let point = end + 1;
        end = digits(point);
        if end == point {
            return None;
        }
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + matches!(text.get(end + 1), Some(b'+' | b'-')) as usize;
        end = digits(signed);
        if end == signed {
            return None;
        }
    }
    (end < most && end - at <= LONGEST_NUMBER).then_some(end)
}

/// What lies between the last number of a position and the first of the next.
fn find_join(text: &[u8], end: usize) -> Option<&[u8]> {
    let mut place = end;
    for mark in [b']', b',', b'['] {
        place = skip_space(text, place);
        if text.get(place) != Some(&mark) {
            return None;
        }
        place += 1;
    }
    Some(&text[end..skip_space(text, place)])
}

/// The next position of a run and where its last number ends. Its bracket closes as the others do, or the run is over.
fn follow(text: &[u8], end: usize, join: &[u8], gap: &[u8], dimensions: usize, spans: &mut [Span; 3]) -> Option<usize> {
    let mut place = end;
    for (axis, span) in spans[..dimensions].iter_mut().enumerate() {
        let before = if axis == 0 { join } else { gap };
        if !text.get(place..)?.starts_with(before) {
            return None;
        }
        place += before.len();
        let end = number_end(text, place)?;
        *span = Span { start: place as u32, length: (end - place) as u8 };
        place = end;
    }
    (text.get(skip_space(text, place)) == Some(&b']')).then_some(place)
}
