use abi::Model;
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/schedstat").unwrap(); s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9 }
fn main() {
    let check = std::env::var_os("CHECK").is_some();
    let (mut a, mut b) = (0, 0);
    for file in std::env::args().skip(1) {
        let d = std::fs::read(&file).unwrap();
        let h: Vec<u32> = (0..6).map(|i| u32::from_le_bytes(d[4 * i..4 * i + 4].try_into().unwrap())).collect();
        let mut params = Vec::new();
        for mut v in [h[0], h[1], h[2], h[3]] {
            while v >= 128 { params.push(v as u8 | 128); v >>= 7; }
            params.push(v as u8);
        }
        params.push((h[4] - 1) as u8 | h[5] as u8);
        let mut wish = params.clone();
        wish.push(std::env::var("EFFORT").map_or(2, |e| e.parse().unwrap()));
        let t = cpu();
        let out = imaging::Image::encode(&d[24..], &wish).unwrap();
        let s = cpu() - t;
        println!("{:50} {:9} {:9} {:.3} MB/s", file.rsplit('/').next().unwrap(), d.len() - 24, out.len(), d.len() as f64 / s / 1e6);
        a += d.len() - 24; b += out.len();
        if check { assert!(imaging::Image::decode(&out, &params, d.len() - 24).unwrap() == d[24..]); }
    }
    println!("total {a} {b}");
}
