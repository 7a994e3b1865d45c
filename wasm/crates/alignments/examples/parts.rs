//! CPU time by part (temporary).
use alignments::{BitCoder, Header, Level, Part, Records};
use coding::ranges::{Decoder, Encoder};
use alignments::SymbolCoder;
use sequencing::shares::Shares;
use std::collections::BTreeMap;
#[inline(always)]
fn tsc() -> u64 { unsafe { core::arch::x86_64::_rdtsc() } }
struct Clock<C> { inner: C, ticks: Vec<u64>, bits: Vec<u64>, part: usize, last: u64 }
fn number_of(part: Part) -> usize {
    match part { Part::Layout => 0, Part::Place => 1, Part::Mates => 2, Part::Names => 3, Part::Cigars => 4, Part::Bases => 5, Part::Qualities => 6, Part::Templates => 7, Part::Field(column) => 8 + column }
}
impl<C: BitCoder> BitCoder for Clock<C> {
    #[inline(always)]
    fn code(&mut self, bit: u32, one: u32) -> u32 { self.bits[self.part] += 1; self.inner.code(bit, one) }
    fn enter(&mut self, part: Part) { let now = tsc(); self.ticks[self.part] += now - self.last; self.last = now; self.part = number_of(part); }
}
impl<C: SymbolCoder> SymbolCoder for Clock<C> {
    #[inline(always)]
    fn code_symbol(&mut self, symbol: usize, shares: &impl Shares) -> usize { self.bits[self.part] += 1; self.inner.code_symbol(symbol, shares) }
}
fn main() {
    let mut sums: BTreeMap<String, (f64, f64, u64)> = BTreeMap::new();
    let args: Vec<String> = std::env::args().collect();
    let level = Level::of(args[1].parse().unwrap()).unwrap();
    let t0 = std::time::Instant::now(); let c0 = tsc();
    while t0.elapsed().as_millis() < 100 {}
    let hz = (tsc() - c0) as f64 / t0.elapsed().as_secs_f64();
    for path in &args[2..] {
        let bytes = std::fs::read(path).unwrap();
        let header = Header::of(&bytes, level).unwrap();
        let mut records = Records::new(&header, bytes.len());
        let mut clock = Clock { inner: Encoder::new(Vec::new()), ticks: vec![0; 300], bits: vec![0; 300], part: 0, last: tsc() };
        let mut output = Vec::new();
        while output.len() < bytes.len() { records.code(&mut clock, Some(&bytes), &mut output, bytes.len()).unwrap(); }
        clock.enter(Part::Layout);
        let coded = clock.inner.finish();
        let mut records2 = Records::new(&header, bytes.len());
        let mut dec = Clock { inner: Decoder::new(&coded), ticks: vec![0; 300], bits: vec![0; 300], part: 0, last: tsc() };
        let mut back = Vec::new();
        while back.len() < bytes.len() { records2.code(&mut dec, None, &mut back, bytes.len()).unwrap(); }
        dec.enter(Part::Layout);
        assert!(back == bytes);
        let names = ["layout", "place", "mates", "names", "cigars", "bases", "qualities", "templates"];
        let name = |n: usize| match names.get(n) { Some(x) => x.to_string(), None => String::from_utf8_lossy(&records.tags().iter().find(|(_, c)| c + 8 == n).unwrap().0).to_string() };
        let mut parts: Vec<_> = (0..300).filter(|&i| clock.ticks[i] > 0).map(|i| (name(i), clock.ticks[i] as f64 / hz, dec.ticks[i] as f64 / hz, clock.bits[i])).collect();
        let (e, d): (f64, f64) = parts.iter().fold((0.0, 0.0), |s, p| (s.0 + p.1, s.1 + p.2));
        for p in &parts { let n = if names.contains(&&p.0[..]) { p.0.clone() } else { "fields".into() }; let s = sums.entry(n).or_default(); s.0 += p.1; s.1 += p.2; s.2 += p.3; }
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        print!("{} {} -> {} enc {e:.2} dec {d:.2}:", path.rsplit('/').next().unwrap(), bytes.len(), coded.len());
        parts.iter().take(14).for_each(|p| print!(" {} {:.3}/{:.3}({:.2}M)", p.0, p.1, p.2, p.3 as f64 / 1e6));
        println!();
    }
    let t = sums.values().fold((0.0, 0.0, 0), |s, p| (s.0 + p.0, s.1 + p.1, s.2 + p.2));
    println!("total {t:.2?} {sums:.2?}");
}
