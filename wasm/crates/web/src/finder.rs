//! Places of an older version that may go on as the new one does.

/// Copies of fewer bytes are not looked for.
const SHORTEST: usize = 4;
/// How far before and behind the place reached the base is searched byte by byte.
const BEFORE: usize = 64;
const BEHIND: usize = 320;
/// Elsewhere in the base so many bytes must agree.
const ANCHOR: usize = 20;
const ANCHOR_BITS: u32 = 18;
/// How many places of an anchor are tried, from the last on.
const TRIES: usize = 8;
/// Where the base goes on behind what is replaced and agrees so far, other places are not looked at.
const CONTENT: usize = 64;

pub struct Finder<'a> {
    base: &'a [u8],
    /// The last place of an anchor, plus one.
    heads: Vec<u32>,
    /// The place before of the same anchor, plus one.
    earlier: Vec<u32>,
}

impl<'a> Finder<'a> {
    pub fn new(base: &'a [u8]) -> Self {
        let mut heads = vec![0; 1 << ANCHOR_BITS];
        let mut earlier = vec![0; base.len()];
        for (at, anchor) in base.windows(ANCHOR).enumerate() {
            earlier[at] = std::mem::replace(&mut heads[slot(anchor)], at as u32 + 1);
        }
        Finder { base, heads, earlier }
    }

    /// Calls `found` with places of the base that go on as `rest` does, and for how many bytes. The last copy ended at
    /// `reached` of the base, and `spelt` bytes came since.
    pub fn each(&self, rest: &[u8], reached: usize, spelt: usize, mut found: impl FnMut(usize, usize)) {
        let Some(wanted) = rest.first_chunk::<SHORTEST>() else { return };
        let mut offer = |from: usize| {
            if self.base.get(from..).and_then(|bytes| bytes.first_chunk()) != Some(wanted) {
                return 0;
            }
            let length = agreeing(&self.base[from..], rest);
            found(from, length);
            length
        };
        if offer(reached + spelt) >= CONTENT {
            return;
        }
        let end = (reached + BEHIND).min(self.base.len());
        (reached.saturating_sub(BEFORE).min(end)..end).chain(self.anchored(rest)).for_each(|from| {
            offer(from);
        });
    }

    /// Places of the next anchor.
    fn anchored(&self, rest: &[u8]) -> impl Iterator<Item = usize> + '_ {
        let first = rest.get(..ANCHOR).map_or(0, |anchor| self.heads[slot(anchor)]);
        std::iter::successors(place(first), |&at| place(self.earlier[at])).take(TRIES)
    }
}

fn place(kept: u32) -> Option<usize> {
    (kept as usize).checked_sub(1)
}

fn slot(anchor: &[u8]) -> usize {
    let hash = anchor.iter().fold(0u64, |hash, &byte| (hash ^ byte as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (hash >> (64 - ANCHOR_BITS)) as usize
}

/// How many of the first bytes are the same.
fn agreeing(left: &[u8], right: &[u8]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}
