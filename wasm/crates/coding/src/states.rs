//! Bit-history states: what happened to a context so far, in one byte.
//!
//! Up to three bits a state is the exact history; then it is the two counts and the last bit. Counts are bounded so
//! that 255 states suffice, and a bit that contradicts a long run makes most of the run forgotten: recent bits say
//! more. The idea is Mahoney's nonstationary state machine (PAQ6 and the ZPAQ specification); the table is our own.
//! States are numbered by the count of bits, so a higher number is worth more to keep.

/// Counts of zeros and ones, and the last bits: all three while there are at most three, then only the last.
#[derive(Clone, Copy, PartialEq)]
struct History {
    counts: [u8; 2],
    last: u8,
}

const EMPTY: History = History { counts: [0, 0], last: 0 };

/// The largest count beside a smaller one of 0, 1, 2...
const BOUNDS: [u8; 6] = [43, 20, 12, 9, 7, 6];
/// What stays of a count of 0, 1, 2... when the other bit comes.
const KEPT: [u8; 16] = [0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6];
const KEPT_OF_MANY: u8 = 7;
const EXACT_BITS: u8 = 3;

struct Table {
    next: [[u8; 2]; 256],
    counts: [[u8; 2]; 256],
    #[cfg(test)]
    used: usize,
}

static TABLE: Table = build();

/// The state after one more bit.
#[inline(always)]
pub fn next(state: u8, bit: u32) -> u8 {
    TABLE.next[state as usize][(bit & 1) as usize]
}

/// The states after a 0 and after a 1, by the state before: for tables that differ in some.
pub const fn transitions() -> [[u8; 2]; 256] {
    build().next
}

/// How many zeros and ones a state stands for.
pub fn counts(state: u8) -> [u8; 2] {
    TABLE.counts[state as usize]
}

/// The state of a history of at most `bits` bits whose share of ones is that of `state`; the rarer bit came first.
pub fn weakened(state: u8, bits: u8) -> u8 {
    let [zeros, ones] = counts(state).map(u32::from);
    let (total, bits) = (zeros + ones, bits as u32);
    if total <= bits {
        return state;
    }
    let kept = [zeros, ones].map(|count| (count * bits * 2 + total) / (total * 2));
    let rare = (kept[1] < kept[0]) as u32;
    let few = kept[rare as usize].min(bits / 2);
    (0..bits).fold(0, |state, at| next(state, if at < few { rare } else { 1 - rare }))
}

/// A first guess at the probability of 1 after `state`, in 16 bits.
pub fn guess(state: u8) -> u32 {
    let [zeros, ones] = counts(state).map(u32::from);
    (ones * 20 + 8) * 65535 / ((zeros + ones) * 20 + 16)
}

const fn build() -> Table {
    let mut all = [EMPTY; 256];
    let mut used = 0;
    let mut total = 0;
    while total <= BOUNDS[0] {
        let mut zeros = 0;
        while zeros <= total {
            let counts = [zeros, total - zeros];
            let mut last = 0;
            while last < 8 {
                let history = History { counts, last };
                if is_canonical(history) {
                    all[used] = history;
                    used += 1;
                }
                last += 1;
            }
            zeros += 1;
        }
        total += 1;
    }
    let mut table = Table {
        next: [[0; 2]; 256],
        counts: [[0; 2]; 256],
        #[cfg(test)]
        used,
    };
    let mut i = 0;
    while i < used {
        table.counts[i] = all[i].counts;
        table.next[i] = [find(&all, used, follow(all[i], 0)), find(&all, used, follow(all[i], 1))];
        i += 1;
    }
    table
}

const fn is_canonical(history: History) -> bool {
    let [zeros, ones] = history.counts;
    let total = zeros + ones;
    if total <= EXACT_BITS {
        return history.last < 1 << total && history.last.count_ones() as u8 == ones;
    }
    let alone = if ones == 0 {
        Some(0)
    } else if zeros == 0 {
        Some(1)
    } else {
        None
    };
    let last_fits = match alone {
        Some(bit) => history.last == bit,
        None => history.last < 2,
    };
    last_fits && fits(history.counts)
}

const fn fits(counts: [u8; 2]) -> bool {
    let (small, large) = if counts[0] < counts[1] { (counts[0], counts[1]) } else { (counts[1], counts[0]) };
    (small as usize) < BOUNDS.len() && large <= BOUNDS[small as usize]
}

const fn follow(history: History, bit: u8) -> History {
    let mut counts = history.counts;
    let (same, other) = (bit as usize, 1 - bit as usize);
    let many = counts[other] as usize >= KEPT.len();
    counts[other] = if many { KEPT_OF_MANY } else { KEPT[counts[other] as usize] };
    counts[same] += 1;
    if !fits(counts) {
        counts[same] -= 1;
    }
    let exact = counts[0] + counts[1] <= EXACT_BITS;
    let last = if exact { history.last << 1 & 7 | bit } else { bit };
    History { counts, last }
}

const fn find(all: &[History; 256], used: usize, wanted: History) -> u8 {
    let mut i = 0;
    while i < used {
        let h = all[i];
        if h.counts[0] == wanted.counts[0] && h.counts[1] == wanted.counts[1] && h.last == wanted.last {
            return i as u8;
        }
        i += 1;
    }
    panic!("a history leads to one that has no state");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bits: &[u32]) -> u8 {
        bits.iter().fold(0, |state, &bit| next(state, bit))
    }

    #[test]
    fn short_histories_are_exact() {
        assert_ne!(after(&[0, 1, 1]), after(&[1, 0, 1]));
        assert_eq!(counts(after(&[0, 1, 1])), [1, 2]);
    }

    #[test]
    fn runs_are_counted_and_forgotten() {
        let run = after(&[1; 100]);
        assert_eq!(counts(run), [0, 43]);
        assert_eq!(counts(next(run, 0)), [1, 7]);
    }

    #[test]
    fn every_state_is_in_use_and_later_ones_know_more() {
        assert!(TABLE.used <= 256);
        let sums: Vec<u8> = (0..TABLE.used).map(|s| TABLE.counts[s][0] + TABLE.counts[s][1]).collect();
        assert!(sums.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn guesses_lean_the_right_way() {
        assert_eq!(guess(0), 32767);
        assert!(guess(after(&[1; 9])) > 62000 && guess(after(&[0; 9])) < 3500);
    }
}
