//! Suffix sorting by induction: Nong, Zhang and Chan, "Two efficient algorithms for linear time suffix array
//! construction" (IEEE Transactions on Computers 60, 2011), with the marks of Mori's implementation of it, by which every
//! suffix is looked up once in each direction.
//!
//! A suffix is small (S) or large (L) by how it compares with the one that begins a place later; the end of the text is
//! below every symbol. The leftmost of small ones in a row begin *pieces*. Their order gives that of all others.

/// A symbol of a text, below the size of its alphabet.
pub trait Symbol: Copy + Ord {
    fn rank(self) -> usize;
}

impl Symbol for u8 {
    #[inline(always)]
    fn rank(self) -> usize {
        self as usize
    }
}

/// What pieces are called.
impl Symbol for i32 {
    #[inline(always)]
    fn rank(self) -> usize {
        self as usize
    }
}

/// Where the suffixes of a text begin, the smallest first. Takes linear time, and memory for the result and half as much.
pub fn sort(text: &[u8]) -> Vec<i32> {
    let mut sorted = vec![0; text.len()];
    sort_into(text, 256, &mut sorted);
    sorted
}

/// `sorted` has the text's length and holds zeros.
fn sort_into<S: Symbol>(text: &[S], alphabet: usize, sorted: &mut [i32]) {
    if text.len() < 2 {
        return;
    }
    let mut buckets = Buckets::new(text, alphabet);
    let ends = buckets.ends();
    let pieces = Pieces::new(text);
    pieces.backwards().for_each(|piece| sorted[take_last(ends, text[piece])] = piece as i32);
    induce(text, &mut buckets, sorted);
    let count = sort_pieces(text, &pieces, sorted);
    sorted[count..].fill(0);
    let ends = buckets.ends();
    for index in (0..count).rev() {
        let piece = std::mem::take(&mut sorted[index]);
        sorted[take_last(ends, text[piece as usize])] = piece;
    }
    induce(text, &mut buckets, sorted);
}

/// Where pieces begin: a bit for each place.
struct Pieces(Vec<u64>);

impl Pieces {
    fn new<S: Symbol>(text: &[S]) -> Self {
        let mut marks = vec![0; text.len() / 64 + 1];
        let mut is_small = false;
        for at in (1..text.len()).rev() {
            let (before, here) = (text[at - 1], text[at]);
            let was_small = is_small;
            is_small = (before < here) | (before == here) & was_small;
            marks[at / 64] |= ((was_small & !is_small) as u64) << (at % 64);
        }
        Pieces(marks)
    }

    #[inline(always)]
    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 != 0
    }

    /// The last first.
    fn backwards(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().rev().flat_map(|(index, &marks)| {
            let mut rest = marks;
            std::iter::from_fn(move || {
                let highest = rest.checked_ilog2()?;
                rest ^= 1 << highest;
                Some(index * 64 + highest as usize)
            })
        })
    }
}

/// All suffixes that begin with a symbol stand in its bucket.
struct Buckets {
    counts: Vec<i32>,
    /// How far each bucket is filled, from its start or from its end.
    bounds: Vec<i32>,
}

impl Buckets {
    fn new<S: Symbol>(text: &[S], alphabet: usize) -> Self {
        let mut counts = vec![0; alphabet];
        text.iter().for_each(|symbol| counts[symbol.rank()] += 1);
        Buckets { counts, bounds: vec![0; alphabet] }
    }

    /// Where each bucket starts, to be filled from there.
    fn starts(&mut self) -> &mut [i32] {
        let mut sum = 0;
        for (bound, count) in self.bounds.iter_mut().zip(&self.counts) {
            *bound = sum;
            sum += count;
        }
        &mut self.bounds
    }

    /// Where each bucket ends, to be filled from there.
    fn ends(&mut self) -> &mut [i32] {
        let mut sum = 0;
        for (bound, count) in self.bounds.iter_mut().zip(&self.counts) {
            sum += count;
            *bound = sum;
        }
        &mut self.bounds
    }
}

/// The next place from the start of a symbol's bucket.
#[inline(always)]
fn take_first<S: Symbol>(starts: &mut [i32], symbol: S) -> usize {
    let start = &mut starts[symbol.rank()];
    *start += 1;
    *start as usize - 1
}

/// The next place from the end of a symbol's bucket.
#[inline(always)]
fn take_last<S: Symbol>(ends: &mut [i32], symbol: S) -> usize {
    let end = &mut ends[symbol.rank()];
    *end -= 1;
    *end as usize
}

/// Sorts all suffixes by the order of the pieces, which stand at the ends of their buckets among zeros: large ones from
/// below, then small ones from above, each when the suffix behind its first symbol is met.
///
/// A suffix is kept as its complement while the one before it is none of those that are sought.
fn induce<S: Symbol>(text: &[S], buckets: &mut Buckets, sorted: &mut [i32]) {
    let marked = |at: usize, is_mark: bool| if is_mark { !(at as i32) } else { at as i32 };
    let starts = buckets.starts();
    let mut put_large = |sorted: &mut [i32], at: usize| {
        let symbol = text[at];
        sorted[take_first(starts, symbol)] = marked(at, at > 0 && text[at - 1] < symbol);
    };
    put_large(sorted, text.len() - 1);
    for index in 0..sorted.len() {
        let at = sorted[index];
        sorted[index] = !at;
        if at > 0 {
            put_large(sorted, at as usize - 1);
        }
    }
    let ends = buckets.ends();
    for index in (0..sorted.len()).rev() {
        let at = sorted[index];
        if at <= 0 {
            sorted[index] = !at;
            continue;
        }
        let at = at as usize - 1;
        let symbol = text[at];
        sorted[take_last(ends, symbol)] = marked(at, at == 0 || text[at - 1] > symbol);
    }
}

/// Puts the pieces, sorted, at the front of `sorted`, which holds all suffixes by the pieces that they begin with. Tells
/// how many there are.
fn sort_pieces<S: Symbol>(text: &[S], pieces: &Pieces, sorted: &mut [i32]) -> usize {
    let count = gather(pieces, sorted);
    let names = name(text, pieces, sorted, count);
    if names < count {
        // All names in the order of the text are a text whose suffixes are sorted as the pieces are to be.
        let mut end = sorted.len();
        for index in (count..sorted.len()).rev() {
            if sorted[index] > 0 {
                end -= 1;
                sorted[end] = sorted[index] - 1;
            }
        }
        let (front, named) = sorted.split_at_mut(end);
        let order = &mut front[..count];
        order.fill(0);
        sort_into(named, names, order);
        named.iter_mut().rev().zip(pieces.backwards()).for_each(|(place, piece)| *place = piece as i32);
        order.iter_mut().for_each(|rank| *rank = named[*rank as usize]);
    }
    count
}

/// Moves the pieces among all suffixes to the front. Tells how many there are.
fn gather(pieces: &Pieces, sorted: &mut [i32]) -> usize {
    let mut count = 0;
    for index in 0..sorted.len() {
        let at = sorted[index];
        sorted[count] = at;
        count += pieces.has(at as usize) as usize;
    }
    count
}

/// Numbers the `count` pieces at the front of `sorted`, equal ones alike, from 1 up. A piece's number is put behind them,
/// at the half of its place: no two begin next to each other. Tells how many numbers there are.
fn name<S: Symbol>(text: &[S], pieces: &Pieces, sorted: &mut [i32], count: usize) -> usize {
    let (front, numbers) = sorted.split_at_mut(count);
    numbers.fill(0);
    // At first the lengths: a piece ends with the first symbol of the next one, the last with the end of the text.
    let mut end = text.len();
    for piece in pieces.backwards() {
        numbers[piece / 2] = (end - piece + 1) as i32;
        end = piece;
    }
    let mut names = 0;
    let mut last: &[S] = &[];
    for &piece in front.iter() {
        let number = &mut numbers[piece as usize / 2];
        // Nothing is like the piece that the end belongs to.
        let content = text.get(piece as usize..(piece + *number) as usize).unwrap_or(&[]);
        names += (content.is_empty() || content != last) as i32;
        *number = names;
        last = content;
    }
    names as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(text: &[u8]) -> Vec<i32> {
        let mut sorted: Vec<i32> = (0..text.len() as i32).collect();
        sorted.sort_by_key(|&at| &text[at as usize..]);
        sorted
    }

    #[test]
    fn suffixes_are_sorted() {
        let mut x = 1u32;
        let mut random = |bound: u32| {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            (x >> 16) % bound
        };
        for length in 0..400 {
            let alphabet = 1 + random(5);
            let text: Vec<u8> = (0..length).map(|_| random(alphabet) as u8 * 85).collect();
            assert_eq!(sort(&text), naive(&text), "{text:?}");
        }
    }

    #[test]
    fn repetitions_are_sorted() {
        let texts =
            [b"abracadabra".repeat(40), b"ab".repeat(300), b"aab".repeat(200), vec![0; 500], vec![255; 501]];
        for text in texts {
            assert_eq!(sort(&text), naive(&text));
        }
    }
}
