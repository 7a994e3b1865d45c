use lidar::coder::Coder;
use lidar::layout::Layout;
use lidar::point::Lattice;
use lidar::walk::{Plan, Walk};
use lidar::fields::*;

struct Meter { bits: f64 }
impl Coder for Meter {
    fn code(&mut self, bit: u32, one: u32) -> u32 {
        let p = one as f64 / 65536.0;
        self.bits -= if bit != 0 { p } else { 1.0 - p }.log2();
        bit
    }
}
const KN: usize = 3; const KI: usize = 8; const KR: bool = false;
fn main() {
    let mut all = 0.0;
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path).unwrap();
        if &file[..4] != b"LASF" { continue }
        let off = u32::from_le_bytes(file[96..100].try_into().unwrap()) as usize;
        let rl = u16::from_le_bytes(file[105..107].try_into().unwrap()) as usize;
        let mut n = u32::from_le_bytes(file[107..111].try_into().unwrap()) as usize;
        if n == 0 && file[25] >= 4 { n = u64::from_le_bytes(file[247..255].try_into().unwrap()) as usize; }
        let n = n.min((file.len() - off) / rl);
        let layout = Layout::new(file[104], rl).unwrap();
        let records = &file[off..off + n * rl];
        let t0 = cpu();
        let (lattice, plan) = lidar::survey(records, &layout);
        let first = lattice.read(records, &layout);
        let mut walk: Walk<KN, KI, KR> = Walk::new(layout, plan, first, &records[..rl], n);
        let mut meter = Meter { bits: 0.0 };
        let mut record = vec![0; rl];
        for r in records.chunks_exact(rl) {
            let p = lattice.read(r, &layout);
            record.copy_from_slice(r);
            let q = walk.point(&mut meter, &p, &mut record);
            lattice.write(&q, &mut record, &layout);
            assert!(record == r);
        }
        all += meter.bits / 8.0;
        let s = cpu() - t0;
        print!("{:28} {:8} {:8.0} {:.2}MB/s {:?} {:?} |", path.rsplit('/').next().unwrap(), n * rl, meter.bits / 8.0, (n * rl) as f64 / 1e6 / s, lattice.clock, plan.shift);
        println!();
    }
    println!("all {all:.0}");
}

fn cpu() -> f64 { std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9 }
