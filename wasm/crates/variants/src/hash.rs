//! Hashes of contexts.

/// Mixes a value into a context.
#[inline(always)]
pub fn hash(context: u64, value: u64) -> u64 {
    (context ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The number of a key, nearly its own: FNV-1a (Fowler, Noll, Vo).
pub const fn small_hash(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5u32;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}
