//! Models of web assets: JavaScript, CSS and HTML by context mixing, with engines that know the languages from
//! dictionaries. `docs/format/web.md` says what payloads and parameters are.

mod ahead;
mod code;
mod delta;
mod edits;
mod finder;
mod full;
mod guesses;
mod guide;
mod lean;
mod matcher;
mod primed;
mod renames;
mod script;
mod shortcut;
mod speller;
mod suggestion;
mod words;

use abi::{Fault, Model};
use delta::Delta;
use full::FullEngine;
use lean::Lean;
use primed::{Primable, Primed};
use std::marker::PhantomData;

/// The longest input, and the longest base of one.
pub const LONGEST: usize = 32 << 20;

/// Level max.
pub type Web = Primary<FullEngine>;
/// Level balanced.
pub type WebLight = Primary<Lean>;

/// An asset on its own. Parameters: the number of the dictionary.
pub struct Primary<E>(PhantomData<E>);

impl<E: Primable> Model for Primary<E> {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let &[dictionary] = params else { return Err(Fault::Unsupported) };
        Ok(primed::<E>(dictionary, input.len()).ok_or(Fault::Unsupported)?.encode(input))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let &[dictionary] = params else { return Err(Fault::Damaged) };
        let primed = primed::<E>(dictionary, length).ok_or(Fault::Damaged)?;
        primed.decode(payload, length).ok_or(Fault::Damaged)
    }
}

/// An asset behind an older version of it. Parameters: the number of the dictionary, with [`STUDIED`] where the engine
/// learns from the older version, and that.
pub struct WebDelta;

/// Learning makes deltas of some hundred bytes and more 3 to 8 % smaller, and takes as long as the base on its own.
pub const STUDIED: u8 = 128;

impl Model for WebDelta {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(delta(params, input.len()).ok_or(Fault::Unsupported)?.encode(input))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let delta = delta(params, length).ok_or(Fault::Damaged)?;
        delta.decode(payload, length).ok_or(Fault::Damaged)
    }
}

fn delta(params: &[u8], length: usize) -> Option<Delta> {
    let (&flags, base) = params.split_first()?;
    if base.len() > LONGEST {
        return None;
    }
    let mut primed = primed::<FullEngine>(flags & !STUDIED, length)?;
    primed.read(base, flags & STUDIED != 0);
    Some(Delta::new(primed, base))
}

/// An engine for `length` bytes, if there may be so many.
fn primed<E: Primable>(dictionary: u8, length: usize) -> Option<Primed<E>> {
    if length > LONGEST {
        return None;
    }
    Primed::new(dictionary as usize, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &[u8] = b"function add(a, b) { return a + b; }\nexport default add;\n";
    const STYLE: &[u8] = b".button { color: #fff; background-color: transparent; }\n";

    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 33) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    fn samples() -> Vec<Vec<u8>> {
        let nested = [b"({[".repeat(500), b"]})".repeat(700), b"\"'`\\\n".repeat(90)].concat();
        vec![vec![], vec![0], SCRIPT.to_vec(), STYLE.repeat(20), nested, noise(1, 3000), vec![0xff; 4000]]
    }

    fn comes_back<M: Model>(input: &[u8], params: &[u8]) -> usize {
        let coded = M::encode(input, params).unwrap();
        assert!(M::decode(&coded, params, input.len()).unwrap() == input);
        coded.len()
    }

    #[test]
    fn everything_comes_back_with_every_dictionary() {
        for dictionary in 0..4 {
            for input in samples() {
                comes_back::<Web>(&input, &[dictionary]);
                comes_back::<WebLight>(&input, &[dictionary]);
            }
        }
    }

    #[test]
    fn dictionaries_help_their_language() {
        for (dictionary, input) in [(1, SCRIPT), (2, STYLE)] {
            let [without, with] = [0, dictionary].map(|number| comes_back::<WebLight>(input, &[number]));
            assert!(with * 3 < without * 2, "{with} {without}");
        }
    }

    #[test]
    fn what_a_base_holds_costs_nearly_nothing() {
        let base = noise(7, 20_000);
        let mut input = base.clone();
        input.splice(10_000..10_000, *b"inserted");
        for flags in [1, 1 | STUDIED] {
            let size = comes_back::<WebDelta>(&input, &[&[flags], &base[..]].concat());
            assert!(size < 24, "{size}");
        }
    }

    #[test]
    fn a_base_may_be_empty_unlike_or_longer() {
        let bases = samples();
        for input in samples() {
            for base in &bases {
                comes_back::<WebDelta>(&input, &[&[1], &base[..]].concat());
            }
        }
    }

    /// Minified code with these names for its variables.
    fn minified(functions: usize, names: [&str; 3]) -> Vec<u8> {
        let [a, b, c] = names;
        let body = |i: usize| {
            format!("function f{i}({a},{b}){{var {c}={a}.{b}+{i};return g{i}({c},{b})?{c}:{{{a}:{b}}}}}")
        };
        (0..functions).map(|i| body(i * 7919 % 1000)).collect::<String>().into_bytes()
    }

    #[test]
    fn a_name_that_is_renamed_again_costs_next_to_nothing() {
        let base = minified(200, ["a", "b", "c"]);
        let params = [&[1], &base[..]].concat();
        let once =
            comes_back::<WebDelta>(&String::from_utf8_lossy(&base).replacen("(a,", "(x,", 1).into_bytes(), &params);
        let always = comes_back::<WebDelta>(&minified(200, ["x", "yy", "c"]), &params);
        assert!(always < once + 60, "{once} {always}");
        let swapped = comes_back::<WebDelta>(&minified(200, ["b", "a", "c"]), &params);
        assert!(swapped < once + 60, "{once} {swapped}");
    }

    #[test]
    fn names_that_are_renamed_in_some_places_come_back() {
        let base = minified(200, ["a", "b", "c"]);
        let text = String::from_utf8(base.clone()).unwrap();
        let params = [&[1], &base[..]].concat();
        for from in (0..text.len()).step_by(text.len() / 3) {
            for [old, new] in [["a", "xy"], ["b", "a"], ["c=a", "a=c"], ["return", "r"], ["}", ""]] {
                let input = format!("{}{}", &text[..from], text[from..].replacen(old, new, 1 + from % 13));
                comes_back::<WebDelta>(input.as_bytes(), &params);
                comes_back::<WebDelta>(&input.as_bytes()[..input.len() - from % 97], &params);
            }
        }
    }

    #[test]
    fn a_damaged_delta_is_told_or_gives_the_right_length() {
        let base = [SCRIPT.repeat(8), minified(6, ["a", "b", "c"])].concat();
        let input = [&base[..400], STYLE, &minified(6, ["x", "a", "c"]), SCRIPT].concat();
        let params = [&[1], &base[..]].concat();
        let coded = WebDelta::encode(&input, &params).unwrap();
        for (at, mask) in (0..coded.len()).flat_map(|at| [1, 128].map(|mask| (at, mask))) {
            let mut broken = coded.clone();
            broken[at] ^= mask;
            for length in [input.len(), 3, 2000] {
                if let Ok(out) = WebDelta::decode(&broken, &params, length) {
                    assert_eq!(out.len(), length);
                }
            }
        }
        assert_eq!(WebDelta::decode(&[&coded[..], &[0; 9]].concat(), &params, input.len()), Err(Fault::Damaged));
    }

    #[test]
    fn wrong_parameters_are_refused() {
        for params in [&[][..], &[4], &[1, 2]] {
            assert_eq!(Web::encode(SCRIPT, params), Err(Fault::Unsupported));
            assert_eq!(Web::decode(&[1, 2, 3], params, 9), Err(Fault::Damaged));
        }
        assert_eq!(WebDelta::decode(&[1, 2, 3], &[], 9), Err(Fault::Damaged));
        assert_eq!(Web::decode(&[], &[1], LONGEST + 1), Err(Fault::Damaged));
    }

    #[test]
    fn damage_is_told_or_gives_the_right_length() {
        for input in samples() {
            let coded = WebLight::encode(&input, &[1]).unwrap();
            if coded.is_empty() {
                continue;
            }
            for round in 0..20u64 {
                let mut broken = coded.clone();
                let hits = noise(round, 4);
                let at = (hits[0] as usize * 256 + hits[1] as usize) % broken.len();
                broken[at] ^= hits[2] | 1;
                if round % 3 == 0 {
                    broken.truncate(at);
                }
                if let Ok(output) = WebLight::decode(&broken, &[1], input.len()) {
                    assert_eq!(output.len(), input.len());
                }
            }
        }
    }
}
