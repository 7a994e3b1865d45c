//! Says what each kind of text costs: `cost FILE...`
use general::Question;
use mailing::{Engine, Structure};

fn main() {
    let mut sum = 0.0;
    let mut totals = [(0usize, 0.0f64); 5];
    let start = cpu_seconds();
    let mut raw_total = 0;
    for path in std::env::args().skip(1) {
        let raw = std::fs::read(&path).expect("a readable file");
        let mut engine = Engine::<12, 32>::new(std::array::from_fn(|i| i), raw.len());
        let mut structure = Structure::new();
        let mut total = 0.0;
        for (at, &byte) in raw.iter().enumerate() {
            let mut cost = 0.0;
            engine.code(&raw[..at], |question: Question, one| {
                let answer = question.answer(byte);
                let p = one as f64 / 65536.0;
                cost -= if answer == 1 { p.log2() } else { (1.0 - p).log2() };
                answer
            });
            let t = &mut totals[structure.zone as usize];
            t.0 += 1;
            t.1 += cost / 8.0;
            total += cost / 8.0;
            structure.update(byte);
        }
        println!("{:>9} {total:>9.0} {path}", raw.len());
        sum += total;
        raw_total += raw.len();
    }
    let seconds = cpu_seconds() - start;
    for (name, t) in ["name", "value", "text", "tag", "encoded"].iter().zip(totals) {
        println!("{name:>8} {:>9} {:>9.0} {:.3}", t.0, t.1, t.1 * 8.0 / t.0 as f64);
    }
    println!("{sum:.0} in all, {:.2} MB/s", raw_total as f64 / 1e6 / seconds);
}

fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
