//! What sort of bytes an input is, as the first bytes of a payload say it.

use crate::encode_as;

/// Records wider than this are not looked for.
const WIDEST: usize = 1024;
/// How much of an input is looked at, from its middle.
const SAMPLE: usize = 1 << 15;
/// How much of it is coded to compare two kinds.
const TRIAL: usize = 1 << 15;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Text by an engine that has read other text before.
    Text,
    /// Text by an engine that has read nothing.
    Fresh,
    /// Records of `width` bytes; 0 where there are none.
    Binary { width: usize },
    /// UTF-16 that is nearly all ASCII.
    Wide,
}

impl Kind {
    pub fn write(self) -> Vec<u8> {
        match self {
            Kind::Text => vec![0],
            Kind::Binary { width } => vec![1, width as u8, (width >> 8) as u8],
            Kind::Wide => vec![2],
            Kind::Fresh => vec![3],
        }
    }

    /// The kind and what follows it.
    pub fn read(payload: &[u8]) -> Option<(Kind, &[u8])> {
        match payload {
            [0, rest @ ..] => Some((Kind::Text, rest)),
            [1, low, high, rest @ ..] => {
                let width = *low as usize | (*high as usize) << 8;
                (width <= WIDEST).then_some((Kind::Binary { width }, rest))
            }
            [2, rest @ ..] => Some((Kind::Wide, rest)),
            [3, rest @ ..] => Some((Kind::Fresh, rest)),
            _ => None,
        }
    }
}

/// The kind that codes `input` best: by its look where that is clear, else by trial on a piece of it.
pub fn choose(input: &[u8]) -> Kind {
    let sample = middle(input, SAMPLE);
    if sample.len() > 64 && is_wide(sample) {
        return Kind::Wide;
    }
    text_or_binary(input, Kind::Text)
}

/// The kind that codes `input` best by an engine that has read nothing.
pub fn choose_fresh(input: &[u8]) -> Kind {
    text_or_binary(input, Kind::Fresh)
}

fn text_or_binary(input: &[u8], text: Kind) -> Kind {
    let sample = middle(input, SAMPLE);
    if is_text(sample) {
        return text;
    }
    let trial = middle(input, TRIAL);
    let binary = Kind::Binary { width: record_width(sample) };
    let [as_text, as_binary] = [text, binary].map(|kind| encode_as(kind, trial).len());
    if as_text <= as_binary {
        text
    } else {
        binary
    }
}

/// From an even place on, so that pairs of bytes stay pairs.
fn middle(input: &[u8], length: usize) -> &[u8] {
    let start = input.len().saturating_sub(length) / 2 & !1;
    &input[start..input.len().min(start + length)]
}

fn is_wide(sample: &[u8]) -> bool {
    let pairs = sample.len() / 2;
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    (second * 50 > pairs * 49 && first * 50 < pairs) || (first * 50 > pairs * 49 && second * 50 < pairs)
}

fn is_text(sample: &[u8]) -> bool {
    let odd = sample.iter().filter(|&&byte| byte < 32 && !matches!(byte, b'\n' | b'\r' | b'\t' | 27)).count();
    let high = sample.iter().filter(|&&byte| byte >= 128).count();
    odd * 200 <= sample.len() && high * 2 <= sample.len()
}

/// The distance at which bytes repeat clearly more often than at others, or 0.
fn record_width(sample: &[u8]) -> usize {
    let most = WIDEST.min(sample.len() / 8);
    let repeats: Vec<usize> =
        (1..=most).map(|width| sample.iter().zip(&sample[width..]).filter(|(a, b)| a == b).count()).collect();
    let Some(&best) = repeats.iter().max() else { return 0 };
    let mean = repeats.iter().sum::<usize>() / repeats.len();
    if best * 4 < mean * 5 + sample.len() / 64 {
        return 0;
    }
    // A multiple of the width repeats nearly as often as the width itself.
    1 + repeats.iter().position(|&count| count * 16 >= best * 15).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_look() {
        assert_eq!(choose(&b"plain words and lines\n".repeat(100)), Kind::Text);
        assert_eq!(choose(&b"w\0o\0r\0d\0 \0".repeat(100)), Kind::Wide);
        let records: Vec<u8> =
            (0..4000u32).flat_map(|i| [0, 1, 200, (i * 7) as u8, (i * i >> 3) as u8, 3, 5]).collect();
        assert_eq!(choose(&records), Kind::Binary { width: 7 });
    }

    #[test]
    fn kinds_are_written_and_read() {
        for kind in [Kind::Text, Kind::Fresh, Kind::Binary { width: 0 }, Kind::Binary { width: WIDEST }, Kind::Wide]
        {
            assert_eq!(Kind::read(&kind.write()), Some((kind, &[][..])));
        }
        for wrong in [&[][..], &[9], &[1, 0], &[1, 255, 255]] {
            assert_eq!(Kind::read(wrong), None);
        }
    }
}
