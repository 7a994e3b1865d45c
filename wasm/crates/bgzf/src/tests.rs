use crate::{deflate, MOST_PLAIN};

fn text(length: usize, alphabet: u64) -> Vec<u8> {
    let mut x = 7u64;
    let mut next = || {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (x >> 33) % alphabet
    };
    (0..length).map(|_| next() as u8).collect()
}

#[test]
fn streams_of_nothing_and_of_little_are_those_of_zlib() {
    assert_eq!(deflate(b"", 1, 6).unwrap(), [3, 0]);
    assert_eq!(deflate(b"a", 1, 6).unwrap(), [0x4b, 4, 0]);
    assert_eq!(deflate(b"aaaaaaaaaa", 1, 6).unwrap(), [0x4b, 0x4c, 0x84, 1, 0]);
}

#[test]
fn noise_is_stored() {
    let noise = text(1000, 256);
    for (engine, level) in [(1, 1), (1, 6), (2, 5), (3, 6)] {
        let stream = deflate(&noise, engine, level).unwrap();
        assert_eq!(stream[0] & 7, 1);
        assert_eq!(&stream[5..], noise);
    }
}

#[test]
fn every_engine_takes_what_a_block_may_hold() {
    for plain in [text(MOST_PLAIN, 3), text(MOST_PLAIN, 256), vec![0; MOST_PLAIN], text(65280, 40)] {
        for (engine, level) in (1..=9).map(|level| (1, level)).chain((2..=9).map(|level| (2, level))) {
            let stream = deflate(&plain, engine, level).unwrap();
            assert!(stream.len() <= MOST_PLAIN + 40, "{engine} {level}");
        }
    }
    assert!(deflate(&vec![0; MOST_PLAIN + 1], 1, 6).is_none());
    assert!(deflate(b"", 1, 10).is_none() && deflate(b"", 2, 1).is_none() && deflate(b"", 9, 1).is_none());
}
