//! Quantities that follow from others read shortly before: a time of day from seconds since 1970, an uptime from a time
//! of day, an end from a beginning and a duration. Each place knows how far its quantity was from each of the last ones,
//! and expects the distance that has varied least, or a sum or difference of two that came true.

use crate::quantities::{shift, shifted, Chain, Format, Quantity, Written, DAY, LONGEST_NUMBER};

/// Quantities looked back at.
const LAST: usize = 16;
/// Places that are told apart.
const PLACES: usize = 1 << 11;

/// The cost of a source whose distance is not known, of one whose distance was never tried, and the highest other one.
const UNKNOWN: u8 = 255;
const UNTRIED: u8 = 254;
const HIGHEST: u8 = 200;
/// What a new pair is supposed to cost; pairs that cost less are kept.
const HOPEFUL: u8 = 40;
/// The smallest quantities that a pair is made of; the first holds for what it gives, too.
const LEAST_SUMMANDS: [i64; 2] = [100, 2];

/// How a quantity follows from one of the last.
#[derive(Clone, Copy)]
struct Link {
    distance: i64,
    /// The power of ten that makes the source nearly as large.
    shift: i8,
    /// Eight times the bits of a miss, on average.
    cost: u8,
}

/// A sum or difference of two of the last quantities.
#[derive(Clone, Copy)]
struct Pair {
    sources: [u8; 2],
    subtracts: bool,
    cost: u8,
}

/// What is known of the quantity of a place.
#[derive(Clone)]
struct Target {
    place: u16,
    format: Format,
    links: [Link; LAST],
    pair: Pair,
}

impl Target {
    fn new(place: u16, format: Format) -> Self {
        let link = Link { distance: 0, shift: 0, cost: UNKNOWN };
        let pair = Pair { sources: [0; 2], subtracts: false, cost: UNKNOWN };
        Target { place, format, links: [link; LAST], pair }
    }
}

/// How what came compares with what was expected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Nothing is expected.
    Idle,
    Equal,
    Above,
    Below,
    Lost,
}

#[derive(Clone)]
pub struct Reckoner {
    targets: Vec<Option<Box<Target>>>,
    /// Latest first.
    last: [Quantity; LAST],
    chain: Chain,
    /// What is expected, and how much of it was read.
    text: Written,
    read: usize,
    cost: u8,
    course: Course,
}

impl Reckoner {
    pub fn new() -> Self {
        Reckoner {
            targets: vec![None; PLACES],
            last: [Quantity::default(); LAST],
            chain: Chain::default(),
            text: Written::default(),
            read: 0,
            cost: 0,
            course: Course::Idle,
        }
    }

    /// A token begins in a place.
    pub fn begin_token(&mut self, place: usize) {
        let within = self.read > 0
            && self.text.at(self.read).is_some()
            && !self.text.at(self.read - 1).is_some_and(|byte| byte.is_ascii_digit());
        if self.course != Course::Idle && within {
            return;
        }
        self.course = Course::Idle;
        let target = self.targets[place % PLACES].as_ref().filter(|target| target.place == place as u16);
        let Some((value, cost, format)) = target.and_then(|target| self.predict(target)) else { return };
        let Some(text) = format.written(value) else { return };
        (self.text, self.read, self.cost, self.course) = (text, 0, cost, Course::Equal);
    }

    /// The byte expected next, and how far it is to be trusted, below 64.
    #[inline]
    pub fn expected(&self) -> (Option<u8>, usize) {
        let Some(byte) = self.text.at(self.read).filter(|_| self.course == Course::Equal) else { return (None, 0) };
        let left = (self.text.length() - self.read).min(8) - 1;
        (Some(byte), ((self.cost / 6).min(7) as usize) << 3 | left)
    }

    /// What is expected here and behind, and how it went so far; 0 for nothing.
    #[inline]
    pub fn context(&self) -> u64 {
        let Some(byte) = self.text.at(self.read).filter(|_| self.course != Course::Idle) else { return 0 };
        let next = self.text.at(self.read + 1).unwrap_or(0);
        let left = (self.text.length() - self.read).min(15) as u64;
        let cost = (self.cost / 8).min(7) as u64;
        cost << 23 | left << 19 | (next as u64) << 11 | (byte as u64) << 3 | self.course as u64
    }

    #[inline]
    pub fn read(&mut self, byte: u8) {
        if self.course == Course::Idle {
            return;
        }
        let Some(expected) = self.text.at(self.read) else {
            self.course = Course::Idle;
            return;
        };
        self.read += 1;
        if self.course == Course::Equal && byte != expected {
            self.course = match byte.wrapping_sub(expected) {
                1 => Course::Above,
                u8::MAX => Course::Below,
                _ => Course::Lost,
            };
        }
    }

    /// The token of a place has ended with a delimiter.
    pub fn end_token(&mut self, place: usize, bytes: &[u8], delimiter: u8) {
        let is_number = (1..=LONGEST_NUMBER).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
        if !is_number || !self.chain.goes_on() {
            self.end_chain();
        }
        if !is_number {
            return;
        }
        if self.chain.is_empty() {
            self.chain = Chain::beginning(place as u16);
        }
        self.chain.add(bytes, delimiter);
        if !self.chain.goes_on() {
            self.end_chain();
        }
    }

    fn end_chain(&mut self) {
        let chain = std::mem::take(&mut self.chain);
        let Some((quantity, format)) = chain.quantity() else { return };
        self.learn(chain.place, quantity.value, format);
        self.push(quantity);
        if let Some(quantity) = chain.with_fraction_of_second() {
            self.push(quantity);
        }
    }

    fn push(&mut self, quantity: Quantity) {
        self.last.copy_within(0..LAST - 1, 1);
        self.last[0] = quantity;
    }

    /// The likeliest value, what it costs, and how it is written.
    fn predict(&self, target: &Target) -> Option<(i64, u8, Format)> {
        let (source, link) = target.links.iter().enumerate().min_by_key(|(_, link)| link.cost)?;
        let format = target.format;
        if target.pair.cost < link.cost {
            return Some((self.combined(target.pair), target.pair.cost, format));
        }
        if link.cost == UNKNOWN {
            return None;
        }
        let value = self.scaled(source, link.shift, format).wrapping_add(link.distance);
        Some(match format {
            Format::Clock { .. } => (value.rem_euclid(DAY), link.cost, format),
            Format::Decimal { .. } => (value, link.cost, format),
        })
    }

    fn combined(&self, pair: Pair) -> i64 {
        let [a, b] = pair.sources.map(|source| self.last[source as usize].value);
        if pair.subtracts {
            a - b
        } else {
            a + b
        }
    }

    /// A source in the unit of what follows from it.
    fn scaled(&self, source: usize, shift: i8, format: Format) -> i64 {
        match format {
            Format::Clock { .. } => self.last[source].whole() % DAY,
            Format::Decimal { .. } => shifted(self.last[source].value, shift),
        }
    }

    /// Takes in the quantity of a place, before it is one of the last.
    fn learn(&mut self, place: u16, value: i64, format: Format) {
        let slot = place as usize % PLACES;
        let mut target = self.targets[slot].take().unwrap_or_else(|| Box::new(Target::new(place, format)));
        if target.place != place || target.format != format {
            *target = Target::new(place, format);
        }
        for source in 0..LAST {
            target.links[source] = self.followed(source, target.links[source], value, format);
        }
        if matches!(format, Format::Decimal { .. }) {
            target.pair = self.paired(target.pair, value);
        }
        self.targets[slot] = Some(target);
    }

    /// A link after one more value.
    fn followed(&self, source: usize, link: Link, value: i64, format: Format) -> Link {
        let shift = match (link.cost, format) {
            (UNKNOWN, Format::Decimal { .. }) => shift(value, self.last[source].value),
            _ => link.shift,
        };
        let distance = value.wrapping_sub(self.scaled(source, shift, format));
        let miss = match format {
            Format::Clock { .. } => (distance - link.distance + DAY / 2).rem_euclid(DAY) - DAY / 2,
            Format::Decimal { .. } => distance.wrapping_sub(link.distance),
        };
        let cost = match link.cost {
            UNKNOWN => UNTRIED,
            // A distance that came true but once may have done so by chance.
            UNTRIED => cost(miss).saturating_add(16).min(HIGHEST),
            before => mean(before, cost(miss)),
        };
        Link { distance, shift, cost }
    }

    /// A pair after one more value: another one if this is worth little.
    fn paired(&self, pair: Pair, value: i64) -> Pair {
        let cost = if pair.cost == UNKNOWN { UNKNOWN } else { mean(pair.cost, cost(value - self.combined(pair))) };
        let pair = Pair { cost, ..pair };
        if cost < HOPEFUL {
            return pair;
        }
        self.find_pair(value).unwrap_or(pair)
    }

    /// Two of the last quantities whose sum or difference is a value, or one more or less.
    fn find_pair(&self, value: i64) -> Option<Pair> {
        let [least, least_other] = LEAST_SUMMANDS;
        if value < least {
            return None;
        }
        let sources = || self.last.iter().map(|quantity| quantity.value).enumerate();
        sources().filter(|(_, a)| *a >= least).find_map(|(i, a)| {
            let subtracts = a > value;
            let wanted = if subtracts { a - value } else { value - a };
            let other = sources().find(|(j, b)| *j != i && *b >= least_other && (b - wanted).abs() <= 1)?.0;
            Some(Pair { sources: [i as u8, other as u8], subtracts, cost: HOPEFUL })
        })
    }
}

/// Eight times the bits of a miss.
fn cost(miss: i64) -> u8 {
    let miss = miss.unsigned_abs().saturating_add(1);
    let bits = miss.ilog2();
    let eighths = if bits >= 3 { miss >> (bits - 3) & 7 } else { miss << (3 - bits) & 7 };
    (bits as u64 * 8 + eighths).min(HIGHEST as u64) as u8
}

fn mean(before: u8, cost: u8) -> u8 {
    ((before as u32 * 7 + cost as u32) / 8) as u8
}
