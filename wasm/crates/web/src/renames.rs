//! What a newer version calls by another name: a minifier that hands out names anew renames the same thing in hundreds of
//! places, and a version number stands in several. A name that was replaced once is asked about wherever it comes again.

use std::collections::BTreeMap;
use std::ops::Range;

/// Longer names are not looked for.
const LONGEST: usize = 48;
/// Places remembered of each name.
const REMEMBERED: u32 = 5;

/// What a name became the last time, and where it did.
struct Fate {
    new: Vec<u8>,
    /// A one, then a bit for each of the last places: whether it was renamed there.
    history: u8,
}

impl Fate {
    fn note(&mut self, renamed: bool) {
        let grown = (self.history as usize) << 1 | renamed as usize;
        let oldest = 1 << REMEMBERED;
        self.history = if grown < 2 * oldest { grown } else { grown & (oldest - 1) | oldest } as u8;
    }
}

/// Names of the base that stood for others before.
#[derive(Default)]
pub struct Renames {
    known: BTreeMap<Vec<u8>, Fate>,
}

/// How many contexts [`Renames::context`] tells apart.
pub const CONTEXTS: usize = 4 << (REMEMBERED + 1);

/// How often names are renamed in such a context, in thousandths: a name that was renamed the last time mostly is again.
pub fn usual(context: usize) -> u32 {
    let history = context >> 2;
    match (context & 2 != 0, history & 3) {
        (true, _) => 200,
        (_, 3) => 940,
        (_, 1) => 700,
        (_, 2) => 150,
        _ => 60,
    }
}

impl Renames {
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What `old` became the last time, if it ever was renamed.
    pub fn of(&self, old: &[u8]) -> Option<&[u8]> {
        self.known.get(old).map(|fate| &fate.new[..])
    }

    /// How a known name fared before, and whether `base` has it as a property or a key at `place`.
    pub fn context(&self, base: &[u8], place: &Range<usize>) -> usize {
        let history = self.known.get(&base[place.clone()]).map_or(0, |fate| fate.history as usize);
        let is_property = place.start > 0 && base[place.start - 1] == b'.';
        let is_key = base.get(place.end) == Some(&b':');
        history << 2 | (is_property as usize) << 1 | is_key as usize
    }

    /// Notes whether a known name was renamed. @returns what it became
    pub fn note(&mut self, old: &[u8], renamed: bool) -> Option<&[u8]> {
        let fate = self.known.get_mut(old)?;
        fate.note(renamed);
        renamed.then_some(&fate.new)
    }

    /// Learns that `old` was replaced by `new`, if they are alike but for names.
    pub fn learn(&mut self, old: &[u8], new: &[u8]) {
        for (place, new) in pairs(old, new) {
            let fate = self.known.entry(old[place].to_vec()).or_insert(Fate { new: Vec::new(), history: 1 });
            fate.new = new.to_vec();
            fate.note(true);
        }
    }
}

/// Places of the names of `old` that differ in a text that has the same number of names, and the same between them, with
/// what they are there; nothing for other texts.
pub fn pairs<'a>(old: &[u8], new: &'a [u8]) -> Vec<(Range<usize>, &'a [u8])> {
    let mut found = Vec::new();
    let (mut left, mut right) = (0, 0);
    while left < old.len() && right < new.len() {
        match (name_at(old, left), name_at(new, right)) {
            (Some(a), Some(b)) => {
                if old[a.clone()] != new[b.clone()] {
                    if a.len() > LONGEST || b.len() > LONGEST {
                        return Vec::new();
                    }
                    found.push((a.clone(), &new[b.clone()]));
                }
                (left, right) = (a.end, b.end);
            }
            (None, None) if old[left] == new[right] => (left, right) = (left + 1, right + 1),
            _ => return Vec::new(),
        }
    }
    if left == old.len() && right == new.len() {
        found
    } else {
        Vec::new()
    }
}

/// The name that begins at a place.
pub fn name_at(text: &[u8], place: usize) -> Option<Range<usize>> {
    let begins = is_named(text, place) && (place == 0 || !is_named(text, place - 1));
    begins.then(|| place..place + after(text, place))
}

/// How many bytes of a name follow a place.
pub fn after(text: &[u8], place: usize) -> usize {
    (place..text.len()).take(LONGEST + 1).take_while(|&at| is_named(text, at)).count()
}

/// How many bytes of a name stand before a place.
pub fn before(text: &[u8], place: usize) -> usize {
    (0..place).rev().take(LONGEST + 1).take_while(|&at| is_named(text, at)).count()
}

/// Whether a byte belongs to a name: to a word, or to a number with points in it.
fn is_named(text: &[u8], at: usize) -> bool {
    let Some(&byte) = text.get(at) else { return false };
    let follows =
        |shift: usize, wanted: fn(u8) -> bool| text.get(at.wrapping_add(shift)).is_some_and(|&byte| wanted(byte));
    is_word(byte) || byte == b'.' && follows(usize::MAX, is_word) && follows(1, |byte| byte.is_ascii_digit())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(old: &str, new: &str) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        pairs(old.as_bytes(), new.as_bytes())
            .into_iter()
            .map(|(place, new)| (text(&old.as_bytes()[place]), text(new)))
            .collect()
    }

    fn both(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(old, new)| (old.to_string(), new.to_string())).collect()
    }

    #[test]
    fn names_that_differ_are_found_where_all_else_is_the_same() {
        assert_eq!(named("v5.3.2", "v5.3.3"), both(&[("v5.3.2", "v5.3.3")]));
        assert_eq!(named("a.b(c)", "x.b(de)"), both(&[("a", "x"), ("c", "de")]));
        assert_eq!(named("F)}m=(B", "B)}p=(F"), both(&[("F", "B"), ("m", "p"), ("B", "F")]));
        for [old, new] in [["a", ""], ["", "a"], ["a+b", "a-b"], ["a b", "ab"], ["a", "b;"], ["a", "a"]] {
            assert_eq!(named(old, new), both(&[]), "{old} {new}");
        }
        assert_eq!(named("a", &"b".repeat(LONGEST + 1)), both(&[]));
    }

    #[test]
    fn names_are_words_and_numbers_with_points() {
        let whole = |text: &str, at: usize| name_at(text.as_bytes(), at).map(|name| text[name].to_string());
        assert_eq!(whole("(v1.20.3)", 1).as_deref(), Some("v1.20.3"));
        assert_eq!(whole("a.b", 0).as_deref(), Some("a"));
        assert_eq!(whole("a.b", 2).as_deref(), Some("b"));
        assert_eq!(whole("ab", 1), None);
        assert_eq!(whole(".5", 0), None);
        assert_eq!((before(b"x.y12", 5), after(b"x.y12-", 3)), (3, 2));
    }

    #[test]
    fn a_name_keeps_what_it_became_last() {
        let mut renames = Renames::default();
        renames.learn(b"a", b"b");
        renames.learn(b"f(a)", b"f(c)");
        assert_eq!(renames.of(b"a"), Some(&b"c"[..]));
        assert_eq!(renames.of(b"f"), None);
        assert_eq!(renames.note(b"a", false), None);
        assert_eq!(renames.note(b"a", true), Some(&b"c"[..]));
    }

    #[test]
    fn contexts_tell_how_a_name_fared_and_stay_in_their_table() {
        let mut renames = Renames::default();
        let base = b"a=b.a,{a:1}";
        let context = |renames: &Renames, at: usize| renames.context(base, &(at..at + 1));
        renames.learn(b"a", b"c");
        assert_ne!(context(&renames, 0), context(&renames, 4));
        assert_ne!(context(&renames, 0), context(&renames, 7));
        let before = context(&renames, 0);
        renames.note(b"a", false);
        assert!(usual(context(&renames, 0)) < usual(before));
        for renamed in [true, true, true, true, true, true, true] {
            renames.note(b"a", renamed);
            assert!((0..11).all(|at| context(&renames, at.min(10)) < CONTEXTS));
        }
    }
}
