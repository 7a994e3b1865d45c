use abi::Model;
use sequencing::Fastq;

struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

struct Look {
    letters: &'static [u8],
    end: &'static str,
    repeats_name: bool,
    /// Quality characters from this one on, and how many.
    qualities: (u8, u64),
    longest: u64,
}

const USUAL: Look = Look { letters: b"ACGT", end: "\n", repeats_name: false, qualities: (33, 41), longest: 150 };

fn text(seed: u64, reads: usize, look: &Look) -> Vec<u8> {
    let mut noise = Noise(seed);
    let genome: Vec<u8> = (0..3000).map(|_| look.letters[noise.below(look.letters.len() as u64) as usize]).collect();
    let mut text = Vec::new();
    for read in 0..reads {
        let length = noise.below(look.longest + 1) as usize;
        let start = noise.below((genome.len() - length) as u64) as usize;
        let name = format!("RUN:7:{}:{} 1:N:0\tch={}", read * 3, noise.below(20000), noise.below(500));
        let plus = if look.repeats_name { &name[..] } else { "" };
        let (first, count) = look.qualities;
        let qualities: Vec<u8> = (0..length).map(|_| first + noise.below(count) as u8).collect();
        text.extend_from_slice(format!("@{name}{}", look.end).as_bytes());
        text.extend_from_slice(&genome[start..start + length]);
        text.extend_from_slice(format!("{}+{plus}{}", look.end, look.end).as_bytes());
        text.extend_from_slice(&qualities);
        text.extend_from_slice(look.end.as_bytes());
    }
    text
}

fn samples() -> Vec<Vec<u8>> {
    let usual = text(1, 60, &USUAL);
    let mut noise = Noise(5);
    let rubbish: Vec<u8> = (0..3000).map(|_| noise.below(256) as u8).collect();
    let mut damaged = usual.clone();
    damaged.splice(5000..5050, rubbish[..400].iter().copied());
    vec![
        vec![],
        b"@".to_vec(),
        b"@\n\n+\n\n".repeat(50),
        b"@a\nACGT\n+\nIII\n@b\nAC\nGT\n+\nII\nII\n;comment\n@c\nA\n+x\nI\n".to_vec(),
        b"@a\r\nACGT\n+\r\nIIII\r\n".to_vec(),
        usual[..usual.len() - 1].to_vec(),
        usual[..usual.len() - 40].to_vec(),
        damaged,
        rubbish,
        text(2, 60, &Look { end: "\r\n", ..USUAL }),
        text(3, 60, &Look { repeats_name: true, qualities: (64, 40), ..USUAL }),
        text(4, 60, &Look { letters: b"acgtnACGTNRYKMSWBDHV.-", ..USUAL }),
        text(5, 6, &Look { qualities: (33, 94), longest: 2500, ..USUAL }),
        text(6, 60, &Look { letters: b"0123", qualities: (40, 1), ..USUAL }),
        usual,
    ]
}

#[test]
fn every_text_comes_back_at_every_level() {
    for level in 0..3 {
        for (number, text) in samples().iter().enumerate() {
            let coded = Fastq::encode(text, &[level]).unwrap();
            assert!(Fastq::decode(&coded, &[], text.len()).unwrap() == *text, "sample {number} at {level}");
        }
    }
}

#[test]
fn reads_that_overlap_are_found() {
    let text = text(7, 600, &Look { qualities: (70, 1), ..USUAL });
    let size = |level| Fastq::encode(&text, &[level]).unwrap().len();
    assert!(size(2) * 12 < text.len(), "{} of {}", size(2), text.len());
}

#[test]
fn damage_is_told_or_gives_the_right_length() {
    for text in [text(9, 30, &USUAL), text(5, 3, &Look { qualities: (33, 94), longest: 2500, ..USUAL })] {
        for level in 0..3 {
            let coded = Fastq::encode(&text, &[level]).unwrap();
            let mut noise = Noise(level as u64);
            for round in 0..40 {
                let mut broken = coded.clone();
                // Headers are worth most blows.
                let reach = if round % 2 == 0 { 40 } else { broken.len() };
                let at = noise.below(reach.min(broken.len()) as u64) as usize;
                broken[at] ^= 1 << noise.below(8);
                if round % 3 == 0 {
                    broken.truncate(at);
                }
                if let Ok(output) = Fastq::decode(&broken, &[], text.len()) {
                    assert_eq!(output.len(), text.len());
                }
            }
        }
    }
}

#[test]
fn wrong_parameters_are_refused() {
    assert!(Fastq::encode(b"x", &[]).is_err() && Fastq::encode(b"x", &[3]).is_err());
    assert!(Fastq::decode(&[], &[], 1).is_err() && Fastq::decode(&[0; 9], &[1], 1).is_err());
    assert!(Fastq::decode(&[0; 9], &[], usize::MAX).is_err());
}
