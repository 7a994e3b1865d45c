//! zlib's encoder (`deflate.c`, 1.2 and 1.3) at its levels 1 to 9.

use crate::blocks::Blocks;
use crate::window::{Effort, Hash, Window, MAX_DISTANCE, MIN_LOOKAHEAD, MIN_MATCH};

/// What zlib's memory level 8 allows.
pub const MOST_SYMBOLS: usize = (1 << 14) - 1;
/// Matches of three bytes are not worth it from farther away.
const TOO_FAR: usize = 4096;

pub const EFFORTS: [Effort; 10] = [
    Effort { good: 0, lazy: 0, nice: 0, chain: 0 },
    Effort { good: 4, lazy: 4, nice: 8, chain: 4 },
    Effort { good: 4, lazy: 5, nice: 16, chain: 8 },
    Effort { good: 4, lazy: 6, nice: 32, chain: 32 },
    Effort { good: 4, lazy: 4, nice: 16, chain: 16 },
    Effort { good: 8, lazy: 16, nice: 32, chain: 32 },
    Effort { good: 8, lazy: 16, nice: 128, chain: 128 },
    Effort { good: 8, lazy: 32, nice: 128, chain: 256 },
    Effort { good: 32, lazy: 128, nice: 258, chain: 1024 },
    Effort { good: 32, lazy: 258, nice: 258, chain: 4096 },
];

/// The deflate stream of zlib at a level from 1 to 9.
pub fn deflate(input: &[u8], level: usize) -> Vec<u8> {
    let window = Window::new(input, Hash::Rolling, EFFORTS[level]);
    if level <= 3 { deflate_fast(window, EFFORTS[level].lazy) } else { deflate_slow(window, EFFORTS[level].lazy) }
}

/// The deflate stream of zlib at a level from 1 to 9 that was given pieces of so many bytes and told after each to
/// bring out what it had (`Z_PARTIAL_FLUSH`).
pub fn deflate_in_pieces(input: &[u8], level: usize, piece: usize) -> Vec<u8> {
    let mut window = Window::new(input, Hash::Rolling, EFFORTS[level]);
    let mut blocks = Blocks::new(MOST_SYMBOLS);
    window.restrict(piece);
    loop {
        if level <= 3 {
            run_fast(&mut window, &mut blocks, EFFORTS[level].lazy);
        } else {
            run_slow(&mut window, &mut blocks, EFFORTS[level].lazy);
        }
        if !blocks.is_empty() {
            flush(&mut window, &mut blocks, false);
        }
        blocks.mark();
        if window.is_complete() {
            break;
        }
        window.extend(piece);
    }
    flush(&mut window, &mut blocks, true);
    blocks.finish()
}

/// Ends a block with what stands before `start`.
pub fn flush(window: &mut Window, blocks: &mut Blocks, is_last: bool) {
    let (plain, length) = window.block();
    blocks.flush(plain, length, is_last);
    window.block_start = window.start as isize;
}

/// Takes every match at once.
pub fn deflate_fast(mut window: Window, longest_inserted: usize) -> Vec<u8> {
    let mut blocks = Blocks::new(MOST_SYMBOLS);
    run_fast(&mut window, &mut blocks, longest_inserted);
    flush(&mut window, &mut blocks, true);
    blocks.finish()
}

/// Up to the end of the known input.
fn run_fast(window: &mut Window, blocks: &mut Blocks, longest_inserted: usize) {
    let mut length = MIN_MATCH - 1;
    loop {
        if window.lookahead < MIN_LOOKAHEAD {
            window.fill();
            if window.lookahead == 0 {
                break;
            }
        }
        let head = if window.lookahead >= MIN_MATCH { window.insert(window.start) } else { 0 };
        if head != 0 && window.start - head <= MAX_DISTANCE {
            length = window.longest_match(head);
        }
        let full = if length >= MIN_MATCH {
            let full = blocks.repeat(window.start - window.match_start, length);
            window.lookahead -= length;
            if length <= longest_inserted && window.lookahead >= MIN_MATCH {
                for _ in 1..length {
                    window.start += 1;
                    window.insert(window.start);
                }
                window.start += 1;
            } else {
                window.start += length;
                window.restart_hash(window.start);
            }
            length = 0;
            full
        } else {
            let full = blocks.literal(window.byte(window.start));
            window.lookahead -= 1;
            window.start += 1;
            full
        };
        if full {
            flush(window, blocks, false);
        }
    }
}

/// Takes a match only if the next byte does not begin a longer one.
pub fn deflate_slow(mut window: Window, lazy: usize) -> Vec<u8> {
    let mut blocks = Blocks::new(MOST_SYMBOLS);
    run_slow(&mut window, &mut blocks, lazy);
    flush(&mut window, &mut blocks, true);
    blocks.finish()
}

/// Up to the end of the known input.
fn run_slow(window: &mut Window, blocks: &mut Blocks, lazy: usize) {
    let mut length = MIN_MATCH - 1;
    let mut is_available = false;
    loop {
        if window.lookahead < MIN_LOOKAHEAD {
            window.fill();
            if window.lookahead == 0 {
                break;
            }
        }
        let head = if window.lookahead >= MIN_MATCH { window.insert(window.start) } else { 0 };
        window.previous_length = length;
        let previous_match = window.match_start;
        length = MIN_MATCH - 1;
        if head != 0 && window.previous_length < lazy && window.start - head <= MAX_DISTANCE {
            length = window.longest_match(head);
            if length == MIN_MATCH && window.start.wrapping_sub(window.match_start) > TOO_FAR {
                length = MIN_MATCH - 1;
            }
        }
        let previous = window.previous_length;
        if previous >= MIN_MATCH && length <= previous {
            let last_insert = (window.start + window.lookahead).wrapping_sub(MIN_MATCH);
            let full = blocks.repeat((window.start - 1).wrapping_sub(previous_match), previous);
            window.lookahead -= previous - 1;
            for _ in 0..previous - 2 {
                window.start += 1;
                if window.start <= last_insert {
                    window.insert(window.start);
                }
            }
            is_available = false;
            length = MIN_MATCH - 1;
            window.start += 1;
            if full {
                flush(window, blocks, false);
            }
            continue;
        }
        if is_available && blocks.literal(window.byte(window.start - 1)) {
            flush(window, blocks, false);
        }
        is_available = true;
        window.start += 1;
        window.lookahead -= 1;
    }
    if is_available {
        blocks.literal(window.byte(window.start - 1));
    }
}
