//! Which engines made the blocks of BGZF files: `cargo run --release --example measure -- PLAIN_AND_STREAM_FILES`, where
//! a file is, block by block, two lengths in four bytes each, what the block holds and its deflate stream.

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("a readable file");
        let mut counts = std::collections::BTreeMap::new();
        let mut at = 0;
        let mut blocks = 0;
        while at < bytes.len() {
            let length = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
            let (plain, stream) = (length(at), length(at + 4));
            at += 8;
            let plain = &bytes[at..at + plain];
            at += plain.len();
            let stream = &bytes[at..at + stream];
            at += stream.len();
            blocks += 1;
            for engine in 1..=3u8 {
                for level in 1..=12u8 {
                    if bgzf::deflate(plain, engine, level).is_some_and(|made| made == stream) {
                        *counts.entry((engine, level)).or_insert(0) += 1;
                    }
                }
            }
        }
        println!("{} {blocks} blocks {counts:?}", path.rsplit('/').next().unwrap_or(""));
    }
}
