//! Bytes by part for runs of BAM records: `cargo run --release --example measure -- [-LEVEL] FILES`.

use abi::{Level, Model};
use alignments::{Bam, Header, Part, PartCoder, Records};
use coding::arithmetic::Coder;
use coding::symbols::{Shares, SymbolCoder};
use std::collections::BTreeMap;

#[derive(Default)]
struct Meter {
    bits: Vec<f64>,
    part: usize,
}

fn number_of(part: Part) -> usize {
    match part {
        Part::Layout => 0,
        Part::Place => 1,
        Part::Mates => 2,
        Part::Names => 3,
        Part::Cigars => 4,
        Part::Bases => 5,
        Part::Qualities => 6,
        Part::Templates => 7,
        Part::Field(column) => 8 + column,
    }
}

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
        self.part = number_of(part);
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

fn main() {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    let mut level = Level::Max;
    let mut totals = (0, 0, 0.0, 0.0);
    for path in std::env::args().skip(1) {
        if path == "--code" {
            continue;
        }
        if let Some(number) = path.strip_prefix('-') {
            level = Level::of(number.parse().expect("a number")).expect("a level");
            continue;
        }
        let bytes = std::fs::read(&path).expect("a readable file");
        if std::env::args().any(|argument| argument == "--code") {
            let start = cpu_seconds();
            let coded = Bam::encode(&bytes, &[level as u8]).expect("codable");
            let middle = cpu_seconds();
            let back = Bam::decode(&coded, &[], bytes.len()).expect("decodable");
            assert!(back == bytes, "{path} does not come back");
            let (encoding, decoding) = (middle - start, cpu_seconds() - middle);
            println!("{path} {} -> {} in {encoding:.2} and {decoding:.2} s", bytes.len(), coded.len());
            totals = (totals.0 + bytes.len(), totals.1 + coded.len(), totals.2 + encoding, totals.3 + decoding);
            continue;
        }
        let started = std::time::Instant::now();
        let header = Header::of(&bytes, level).expect("records");
        let mut records = Records::new(&header, bytes.len());
        let mut meter = Meter { bits: vec![0.0; 300], part: 0 };
        let mut output = Vec::new();
        while output.len() < bytes.len() {
            records.code(&mut meter, Some(&bytes), &mut output, bytes.len()).expect("codable");
        }
        let seconds = started.elapsed().as_secs_f64();
        assert!(output == bytes, "{path}");
        let names = ["layout", "place", "mates", "names", "cigars", "bases", "qualities", "templates"];
        let name = |number: usize| match names.get(number) {
            Some(name) => name.to_string(),
            None => {
                let tag = records.tags().iter().find(|(_, column)| column + 8 == number).expect("a column").0;
                String::from_utf8_lossy(&tag).to_string()
            }
        };
        let mut parts: Vec<(String, f64)> =
            meter.bits.iter().enumerate().filter(|(_, &bits)| bits > 0.0).map(|(i, bits)| (name(i), bits / 8.0)).collect();
        let total: f64 = parts.iter().map(|part| part.1).sum();
        for (name, size) in &parts {
            let name = if names.contains(&&name[..]) { name.clone() } else { "fields".into() };
            *sums.entry(name).or_default() += size;
        }
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        print!("{} {} -> {total:.0}, {seconds:.2} s:", path.rsplit('/').next().unwrap_or(""), bytes.len());
        parts.iter().take(22).for_each(|(name, size)| print!(" {name} {size:.0}"));
        println!();
    }
    println!("{:.0} {sums:.0?} {totals:?}", sums.values().sum::<f64>());
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
