use abi::Model;
use variants::Vcf;

struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

fn text(seed: u64, lines: usize, end: &str) -> Vec<u8> {
    let mut noise = Noise(seed);
    let samples = noise.below(6);
    let mut text = format!("##fileformat=VCFv4.2{end}##INFO=<ID=DP,Number=1>{end}#CHROM\tPOS\tID\tREF\tALT{end}");
    let mut place = 1000;
    for _ in 0..lines {
        place += noise.below(90);
        let (depth, base) = (noise.below(60), ["A", "C", "GT"][noise.below(3) as usize]);
        text += &format!("chr1\t{place}\trs{place}\t{base}\tT\t{}.{}\tPASS\tAC={};DB;DP={depth};END={}", depth * 3, depth % 10, noise.below(9), place + 3);
        if samples > 0 {
            text += "\tGT:AD:DP";
        }
        for _ in 0..samples {
            let (a, b) = (noise.below(30), noise.below(3));
            text += &format!("\t{}/{}:{a},{b}:{}", b.min(1), noise.below(2), a + b);
        }
        text += end;
    }
    text.into_bytes()
}

fn samples() -> Vec<Vec<u8>> {
    let mut noise = Noise(5);
    let mut cut = text(3, 80, "\n");
    cut.truncate(cut.len() - 17);
    let rubbish: Vec<u8> = (0..3000).map(|_| noise.below(256) as u8).collect();
    let mut mixed = text(4, 50, "\n");
    mixed.splice(2000..2100, rubbish[..300].iter().copied());
    vec![
        vec![],
        b"#".to_vec(),
        b"\t\t\t\n:,;=\n".repeat(40),
        text(1, 150, "\n"),
        text(2, 150, "\r\n"),
        cut,
        mixed,
        rubbish,
        vec![b'\t'; 5000],
        b"1\t2\t.\tA\tC\t.\t.\tEND=999999999999999999999;AC=99999999\tGT:DP:AD\t1|1:5:2,3,99999999999999999\n".repeat(30),
    ]
}

#[test]
fn every_text_comes_back_at_every_level() {
    for level in 0..3 {
        for text in samples() {
            let coded = Vcf::encode(&text, &[level]).unwrap();
            assert!(Vcf::decode(&coded, &[], text.len()).unwrap() == text);
        }
    }
}

#[test]
fn columns_are_used() {
    let text = text(7, 1000, "\n");
    let size = |level| Vcf::encode(&text, &[level]).unwrap().len();
    assert!(size(2) * 8 < text.len(), "{} of {}", size(2), text.len());
    assert!(size(0) * 7 < text.len(), "{} of {}", size(0), text.len());
}

#[test]
fn identifiers_that_follow_positions_cost_next_to_nothing() {
    let mut noise = Noise(11);
    let (mut with, mut without, mut place) = (String::new(), String::new(), 1000);
    for _ in 0..3000 {
        place += noise.below(200);
        with += &format!("IV\t{place}\ts04-{}\tA\tC\n", place - 7);
        without += &format!("IV\t{place}\ts04-9\tA\tC\n");
    }
    for level in 0..3 {
        let size = |text: &str| Vcf::encode(text.as_bytes(), &[level]).unwrap().len();
        let (with, without) = (size(&with), size(&without));
        assert!(with < without + 300, "{with} {without} at level {level}");
        // A gap below 200 is 7.6 bits.
        assert!(without < 3000 * 8 / 8 + 100, "{without} at level {level}");
    }
}

#[test]
fn haplotypes_foretell_genotypes() {
    let mut noise = Noise(13);
    let founders: Vec<Vec<u64>> = (0..4).map(|_| (0..400).map(|_| noise.below(2)).collect()).collect();
    let samples: Vec<[usize; 2]> = (0..60).map(|_| [0; 2].map(|_| noise.below(4) as usize)).collect();
    let mut text = String::new();
    for row in 0..400 {
        text += &format!("1\t{}\t.\tA\tC\t.\t.\t.\tGT", row * 10);
        for &[a, b] in &samples {
            text += &format!("\t{}|{}", founders[a][row], founders[b][row]);
        }
        text += "\n";
    }
    let size = |level| Vcf::encode(text.as_bytes(), &[level]).unwrap().len();
    assert!(size(1) * 2 < size(0) && size(2) * 2 < size(0), "{} {} {}", size(0), size(1), size(2));
}

#[test]
fn damage_is_told_or_gives_the_right_length() {
    let text = text(9, 40, "\n");
    for level in 0..3 {
        let coded = Vcf::encode(&text, &[level]).unwrap();
        let mut noise = Noise(level as u64);
        for round in 0..40 {
            let mut broken = coded.clone();
            let at = noise.below(broken.len() as u64) as usize;
            broken[at] ^= 1 << noise.below(8);
            if round % 3 == 0 {
                broken.truncate(at);
            }
            if let Ok(output) = Vcf::decode(&broken, &[], text.len()) {
                assert_eq!(output.len(), text.len());
            }
        }
    }
}

#[test]
fn wrong_parameters_are_refused() {
    assert!(Vcf::encode(b"x", &[]).is_err() && Vcf::encode(b"x", &[3]).is_err());
    assert!(Vcf::decode(&[], &[], 1).is_err() && Vcf::decode(&[3, 1], &[], 1).is_err());
    assert!(Vcf::decode(&[2, 1], &[1], 1).is_err() && Vcf::decode(&[2, 1], &[], usize::MAX).is_err());
}
