//! Bits by area of VCF texts.

use abi::Level;
use coding::arithmetic::Coder;
use coding::symbols::{Shares, SymbolCoder};
use std::collections::BTreeMap;
use variants::{at_level, Coding, TextModel};

struct Meter {
    bits: f64,
}

impl Coder for Meter {
    #[inline(always)]
    fn code(&mut self, bit: u32, one: u32) -> u32 {
        let chance = if bit != 0 { one } else { 65536 - one };
        self.bits -= (chance as f64 / 65536.0).log2();
        bit
    }
}

impl SymbolCoder for Meter {
    #[inline(always)]
    fn code_symbol(&mut self, symbol: usize, shares: &impl Shares) -> usize {
        let (start, end) = shares.of(symbol);
        self.bits -= ((end - start) as f64 / 65536.0).log2();
        symbol
    }
}

struct Measuring<'a>(&'a str, &'a [u8]);

impl Coding for Measuring<'_> {
    type Output = f64;

    fn run<E: TextModel>(self, mut engine: E) -> f64 {
        let Measuring(path, text) = self;
        let mut meter = Meter { bits: 0.0 };
        let mut by_place: BTreeMap<(u8, u32), (f64, usize, usize)> = BTreeMap::new();
        let start = cpu_seconds();
        let mut before = (0.0, 0);
        let mut at = 0;
        while at < text.len() {
            let (history, rest) = text.split_at(at);
            let length = engine.code(&mut meter, history, rest).len();
            at += length;
            let (area, key, spelt) = engine.place();
            let entry = by_place.entry((area, key)).or_default();
            entry.0 += meter.bits - before.0;
            entry.1 += length;
            entry.2 += spelt - before.1;
            before = (meter.bits, spelt);
        }
        let (bytes, length) = (meter.bits / 8.0, text.len() as f64);
        let speed = length / 1e6 / (cpu_seconds() - start);
        println!("{bytes:9.0} {length:9} spelt {:.1}% {speed:.2} MB/s {path}", 100.0 * before.1 as f64 / length);
        let mut places: Vec<_> = by_place.into_iter().collect();
        places.sort_by(|a, b| b.1 .0.total_cmp(&a.1 .0));
        for ((area, key), (bits, bytes, spelt)) in places.into_iter().take(10) {
            println!("    area {area} key {key:08x} {:9.0} bytes of {bytes}, spelt {spelt}", bits / 8.0);
        }
        bytes
    }
}

/// `measure-vcf LEVEL FILE...`
fn main() {
    let mut arguments = std::env::args().skip(1);
    let level = arguments.next().and_then(|number| Level::of(number.parse().ok()?)).expect("a level, 0 to 2");
    let measure = |path: String| {
        let text = std::fs::read(&path).expect("a readable file");
        at_level(level, text.len(), Measuring(&path, &text))
    };
    println!("{:.0} in all", arguments.map(measure).sum::<f64>());
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
