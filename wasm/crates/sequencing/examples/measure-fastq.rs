//! Bits by part for each file named: `cargo run --release --example measure -- FILES`.
use abi::Level;
use coding::arithmetic::Coder;
use coding::symbols::{Shares, SymbolCoder};
use sequencing::{Header, Items, Part, PartCoder, Reads};
extern "C" { fn clock() -> i64; }
fn now() -> f64 { unsafe { clock() as f64 / 1e6 } }

struct Meter { bits: [f64; 4], part: usize, cpu: [f64; 4], since: f64 }
impl Coder for Meter {
    #[inline(always)]
    fn code(&mut self, bit: u32, one: u32) -> u32 {
        let p = if bit != 0 { one } else { 65536 - one };
        self.bits[self.part] -= (p as f64 / 65536.0).log2();
        bit
    }
}

impl PartCoder for Meter {
    fn enter(&mut self, part: Part) {
        let t = now();
        self.cpu[self.part] += t - self.since;
        self.since = t;
        self.part = number_of(part)
    }
}

impl SymbolCoder for Meter {
    #[inline(always)]
    fn code_symbol(&mut self, symbol: usize, shares: &impl Shares) -> usize {
        let (start, end) = shares.of(symbol);
        self.bits[self.part] -= ((end - start) as f64 / 65536.0).log2();
        symbol
    }
}

fn number_of(part: Part) -> usize {
    match part {
        Part::Names => 1,
        Part::Bases => 2,
        Part::Qualities => 3,
        _ => 0,
    }
}

fn main() {
    let mut total = [0f64; 4];
    for path in std::env::args().skip(1) {
        let text = std::fs::read(&path).unwrap();
        let level = Level::of(std::env::var("LEVEL").map_or(2, |v| v.parse().unwrap())).unwrap();
        let started = now();
        let header = Header::of(&text, level);
        let mut reads = Reads::new(&header);
        let mut meter = Meter { bits: [0.0; 4], part: 0, cpu: [0.0; 4], since: now() };
        let mut out = Vec::new();
        for item in Items::new(&text, header.carriage_returns) {
            reads.code(&mut meter, &text, Some(&item), &mut out, text.len()).unwrap();
        }
        assert!(out == text);
        let s = now() - started; meter.enter(Part::Layout);
        let b: Vec<f64> = meter.bits.iter().map(|b| b / 8.0).collect();
        let n = header.bases as f64 / 1e9;
        for i in 0..4 { total[i] += b[i]; }
        println!("{:28} {:9.0}  layout {:7.0} names {:7.0} bases {:7.0} ({:.3}) quals {:7.0} ({:.3})  {:.2} MB/s  A={} bf={} ns/base {:.0} ns/qual {:.0} names {:.2}s",
            path.rsplit('/').next().unwrap(), b.iter().sum::<f64>(), b[0], b[1], b[2], b[2]*8.0/header.bases as f64, b[3], b[3]*8.0/header.bases as f64,
            text.len() as f64 / s / 1e6, header.values().0.len(), header.bases_first, meter.cpu[2]/n, meter.cpu[3]/n, meter.cpu[1]);
    }
    println!("total {:.0} {:.0?}", total.iter().sum::<f64>(), total);
}
