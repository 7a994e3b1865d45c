//! The encoder of Intel's zlib (its `deflate_medium.c` and `match.c`, 2013) as the Genomics Kernel Library has it: a match
//! is weighed against the one behind it, which may take over its end.

use crate::blocks::Blocks;
use crate::classic::{deflate_fast, deflate_slow, flush, EFFORTS, MOST_SYMBOLS};
use crate::window::{Hash, Window, MAX_DISTANCE, MIN_LOOKAHEAD, MIN_MATCH};

/// A match of three bytes is not worth it from farther away.
const TOO_FAR: usize = 12000;

#[derive(Clone, Copy, Default)]
struct Match {
    from: usize,
    length: usize,
    start: usize,
    /// Strings before this are entered already.
    origin: usize,
}

/// The deflate stream of Intel's zlib at a level from 2 to 9.
pub fn deflate(input: &[u8], level: usize) -> Vec<u8> {
    let hash = if level >= 6 { Hash::Crc3 } else { Hash::Crc4 };
    let mut window = Window::new(input, hash, EFFORTS[level]);
    window.is_impatient = level < 6;
    match level {
        0..=3 => deflate_fast(window, EFFORTS[level].lazy),
        4..=6 => deflate_medium(window, EFFORTS[level].lazy),
        _ => deflate_slow(window, EFFORTS[level].lazy),
    }
}

fn deflate_medium(mut window: Window, longest_inserted: usize) -> Vec<u8> {
    let mut blocks = Blocks::new(MOST_SYMBOLS);
    let mut next = Match::default();
    loop {
        if window.lookahead < MIN_LOOKAHEAD {
            window.fill();
            if window.lookahead == 0 {
                break;
            }
            next.length = 0;
        }
        window.previous_length = MIN_MATCH - 1;
        let mut current = if next.length > 0 {
            core::mem::take(&mut next)
        } else {
            let head = if window.lookahead >= MIN_MATCH { window.insert(window.start) } else { 0 };
            find(&mut window, head)
        };
        insert(&mut window, current, longest_inserted);
        if window.lookahead > MIN_LOOKAHEAD {
            window.start = current.start + current.length;
            let head = window.insert(window.start);
            next = find(&mut window, head);
            if next.length >= MIN_MATCH {
                shift(&window, &mut current, &mut next);
            }
            if next.length == MIN_MATCH && next.start - next.from > TOO_FAR {
                next.length = 1;
            }
            window.start = current.start;
        } else {
            next.length = 0;
        }
        if emit(&mut window, &mut blocks, current) {
            window.start += current.length;
            flush(&mut window, &mut blocks, false);
        } else {
            window.start += current.length;
        }
    }
    flush(&mut window, &mut blocks, true);
    blocks.finish()
}

/// The match at the start of the window; of length 1 if there is none.
fn find(window: &mut Window, head: usize) -> Match {
    let start = window.start;
    let mut found = Match { from: 0, length: 1, start, origin: start };
    if head != 0 && start - head <= MAX_DISTANCE {
        let length = window.longest_match(head);
        if length >= MIN_MATCH && window.match_start < start {
            found = Match { from: window.match_start, length, ..found };
        }
    }
    found
}

/// Enters the strings that begin within a match.
fn insert(window: &mut Window, found: Match, longest_inserted: usize) {
    let Match { length, start, origin, .. } = found;
    if window.lookahead <= length + MIN_MATCH {
        return;
    }
    if length < MIN_MATCH {
        for at in start + 1..start + length {
            if at >= origin {
                window.insert(at);
            }
        }
        return;
    }
    if length <= 16 * longest_inserted && window.lookahead >= MIN_MATCH {
        for at in start + 1..start + length {
            if at >= origin {
                window.insert(at);
            }
        }
    }
}

/// Lets the next match begin earlier, if that leaves nothing of the current one.
fn shift(window: &Window, current: &mut Match, next: &mut Match) {
    if current.length <= 1 || (next.from + 1) < current.length {
        return;
    }
    let back = current.length - 1;
    if window.byte(next.from - back) != window.byte(next.start - back) {
        return;
    }
    if next.from + next.length >= current.start {
        return;
    }
    let (mut c, mut n) = (*current, *next);
    let limit = next.start.saturating_sub(MAX_DISTANCE);
    let mut changed = false;
    while n.from >= 1 && window.byte(n.from - 1) == window.byte(n.start - 1) {
        if c.length < 1 || n.start <= limit || n.length >= 256 {
            break;
        }
        n.start -= 1;
        n.from -= 1;
        n.length += 1;
        c.length -= 1;
        changed = true;
    }
    if changed && c.length <= 1 && n.length != 2 {
        n.origin += 1;
        *current = c;
        *next = n;
    }
}

/// Whether the block is full.
fn emit(window: &mut Window, blocks: &mut Blocks, found: Match) -> bool {
    let mut full = false;
    if found.length < MIN_MATCH {
        for at in found.start..found.start + found.length {
            full |= blocks.literal(window.byte(at));
        }
    } else {
        full = blocks.repeat(found.start - found.from, found.length);
    }
    window.lookahead -= found.length;
    full
}
