use crate::Bam;
use abi::Model;

struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

/// What a record is made of; lengths follow from the parts.
struct Parts {
    head: [i32; 2],
    quality: u8,
    bin: u16,
    flag: u16,
    mate: [i32; 3],
    name: String,
    cigar: Vec<(u32, u8)>,
    bases: Vec<u8>,
    qualities: Vec<u8>,
    fields: Vec<u8>,
}

impl Parts {
    fn write(&self, output: &mut Vec<u8>) {
        let mut record = Vec::new();
        self.head.iter().for_each(|word| record.extend_from_slice(&word.to_le_bytes()));
        record.extend_from_slice(&[self.name.len() as u8 + 1, self.quality]);
        [self.bin, self.cigar.len() as u16, self.flag].iter().for_each(|half| record.extend_from_slice(&half.to_le_bytes()));
        record.extend_from_slice(&(self.bases.len() as u32).to_le_bytes());
        self.mate.iter().for_each(|word| record.extend_from_slice(&word.to_le_bytes()));
        record.extend_from_slice(self.name.as_bytes());
        record.push(0);
        self.cigar.iter().for_each(|(length, kind)| record.extend_from_slice(&(length << 4 | *kind as u32).to_le_bytes()));
        record.extend(self.bases.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)));
        record.extend_from_slice(&self.qualities);
        record.extend_from_slice(&self.fields);
        output.extend_from_slice(&(record.len() as u32).to_le_bytes());
        output.extend_from_slice(&record);
    }
}

/// Pairs of reads of one sequence, with all kinds of fields.
fn reads(count: usize, seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed);
    let genome: Vec<u8> = (0..3000).map(|_| 1 << noise.below(4)).collect();
    let mut output = Vec::new();
    for at in 0..count {
        let start = (at * 7 % 2800) as i32;
        let (other, back) = (start + 60, at % 2 == 1);
        let mut bases = genome[start as usize..start as usize + 75].to_vec();
        if noise.below(4) == 0 {
            bases[40] = 15;
        }
        let mut fields = b"NMC\x01XSf\x00\x00\x80\x3fRGZgroup\0".to_vec();
        match noise.below(4) {
            0 => fields.extend_from_slice(b"MDZ75\0"),
            1 => fields.extend_from_slice(b"MDZ10A20^AC44\0xxBS\x02\0\0\0abcd"),
            2 => fields.extend_from_slice(b"ZZHABCD\0XAAq"),
            _ => {
                fields.extend_from_slice(b"OQZ");
                fields.extend((0..75).map(|_| 60 + noise.below(8) as u8));
                fields.push(0);
            }
        }
        let cigar = match noise.below(5) {
            0 => vec![(5, 4), (30, 0), (2, 2), (40, 0)],
            1 => vec![(30, 0), (3, 1), (500, 3), (42, 0)],
            2 => vec![],
            _ => vec![(75, 0)],
        };
        Parts {
            head: [0, start],
            quality: 60,
            bin: 4681,
            flag: if back { 147 } else { 99 },
            mate: [0, if back { start - 60 } else { other }, if back { -135 } else { 135 }],
            name: format!("run:1:{}:{}", at / 2 * 13 % 977, at / 2),
            cigar,
            bases,
            qualities: (0..75).map(|_| if noise.below(3) == 0 { 30 } else { 37 }).collect(),
            fields,
        }
        .write(&mut output);
    }
    output
}

fn samples() -> Vec<Vec<u8>> {
    let odd = |fields: &[u8], qualities: Vec<u8>| {
        let mut output = reads(3, 5);
        let parts = Parts {
            head: [-1, -1],
            quality: 255,
            bin: 1,
            flag: 4,
            mate: [-1, -1, 0],
            name: "*".into(),
            cigar: vec![(u32::MAX >> 4, 0), (7, 9), (0, 0)],
            bases: vec![1; qualities.len()],
            qualities,
            fields: fields.to_vec(),
        };
        parts.write(&mut output);
        parts.write(&mut output);
        output
    };
    vec![
        vec![],
        reads(1, 1),
        reads(400, 2),
        odd(b"", vec![255; 9]),
        odd(b"", vec![200, 3, 255]),
        odd(b"", vec![]),
        odd(b"AAZno end", vec![1, 2]),
        odd(b"AAB?\x01\0\0\0a", vec![1, 2]),
        odd(b"AABi\xff\xff\xff\xff", vec![1, 2]),
        vec![4, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0],
    ]
}

#[test]
fn every_level_gives_records_back() {
    for input in samples() {
        for level in 0..3 {
            let coded = Bam::encode(&input, &[level]).unwrap();
            assert_eq!(Bam::decode(&coded, &[], input.len()).unwrap(), input);
        }
    }
}

#[test]
fn any_change_of_a_record_comes_back() {
    let input = reads(6, 9);
    let mut noise = Noise(3);
    for _ in 0..80 {
        let mut changed = input.clone();
        let at = noise.below(changed.len() as u64) as usize;
        changed[at] ^= 1 << noise.below(8);
        // Whatever is no chain of records is refused.
        for level in [1, 2] {
            if let Ok(coded) = Bam::encode(&changed, &[level]) {
                assert_eq!(Bam::decode(&coded, &[], changed.len()).unwrap(), changed);
            }
        }
    }
}

#[test]
fn what_is_cut_is_refused() {
    let input = reads(2, 4);
    assert!(Bam::encode(&input[..input.len() - 1], &[2]).is_err());
    assert!(Bam::encode(&input, &[3]).is_err());
}

#[test]
fn structure_is_used() {
    let input = reads(400, 2);
    for level in [1, 2] {
        let coded = Bam::encode(&input, &[level]).unwrap();
        assert!(coded.len() * 5 < input.len(), "{} of {}", coded.len(), input.len());
    }
}

#[test]
fn damage_is_told_or_gives_the_right_length() {
    let mut noise = Noise(77);
    for input in [reads(30, 2), reads(3, 5)] {
        let levels = [1, 2].map(|level| Bam::encode(&input, &[level]).unwrap());
        for round in 0..60 {
            let mut broken = levels[round % 2].clone();
            let at = noise.below(broken.len() as u64) as usize;
            broken[at] ^= 1 + noise.below(255) as u8;
            if round % 3 == 0 {
                broken.truncate(at);
            }
            if let Ok(output) = Bam::decode(&broken, &[], input.len()) {
                assert_eq!(output.len(), input.len());
            }
        }
    }
}
