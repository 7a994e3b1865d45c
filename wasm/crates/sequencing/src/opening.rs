//! How payloads of reads begin, wherever the reads are stored: flags, how many bases there are, and which quality values
//! occur how often.

/// More values than Illumina's instruments tell apart: those of single molecules, where bases say much of the quality.
const MANY_VALUES: usize = 43;
const LONG_READ: usize = 1000;

/// Of reads whose quality values are below `VALUES`.
pub struct Opening<const VALUES: usize> {
    /// Their meaning is the owner's.
    pub flags: u8,
    /// How many bases there are.
    pub bases: usize,
    pub weights: Weights<VALUES>,
}

impl<const VALUES: usize> Opening<VALUES> {
    /// A byte of flags, the count of bases in four bytes, then the weights: runs of zeros as a 0 and their length.
    pub fn write(&self, output: &mut Vec<u8>) {
        output.push(self.flags);
        output.extend_from_slice(&(self.bases as u32).to_le_bytes());
        self.weights.write(output);
    }

    /// What stands at the start of a payload, and how long it is. `length`: of all that the payload gives back.
    pub fn read(payload: &[u8], length: usize) -> Option<(Self, usize)> {
        let (&[flags, b0, b1, b2, b3], behind) = payload.split_first_chunk()?;
        let bases = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
        if bases > length {
            return None;
        }
        let (weights, rest) = Weights::read(behind)?;
        Some((Opening { flags, bases, weights }, payload.len() - rest.len()))
    }
}

/// The weight of each quality value, 0 for those that do not occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights<const VALUES: usize>([u8; VALUES]);

impl<const VALUES: usize> Weights<VALUES> {
    /// From `VALUES` counts; at least 1 for what occurs.
    pub fn of(counts: &[u32]) -> Self {
        let most = counts.iter().copied().max().unwrap_or(1).max(1) as u64;
        Weights(core::array::from_fn(|value| match counts[value] {
            0 => 0,
            count => (count as u64 * 255 / most).max(1) as u8,
        }))
    }

    /// The values that occur, with their weights.
    pub fn values(&self) -> (Vec<u8>, Vec<u8>) {
        (0..VALUES as u8).zip(self.0).filter(|&(_, weight)| weight > 0).unzip()
    }

    fn write(&self, output: &mut Vec<u8>) {
        let mut at = 0;
        while at < VALUES {
            let zeros = self.0[at..].iter().take_while(|&&weight| weight == 0).count();
            if zeros > 0 {
                output.extend_from_slice(&[0, zeros as u8]);
            } else {
                output.push(self.0[at]);
            }
            at += zeros.max(1);
        }
    }

    /// The weights, and what is behind them.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut weights = [0; VALUES];
        let (mut at, mut rest) = (0, bytes.iter());
        while at < VALUES {
            let weight = *rest.next()?;
            if weight > 0 {
                weights[at] = weight;
                at += 1;
            } else {
                at += (*rest.next()? as usize).max(1);
            }
        }
        (at == VALUES).then_some((Weights(weights), rest.as_slice()))
    }
}

/// Whether bases are worth knowing before the qualities of a read, given how often each quality value occurs.
pub fn bases_come_first(counts: &[u32], bases: usize, reads: usize) -> bool {
    let used = counts.iter().filter(|&&count| count > 0).count();
    used > MANY_VALUES || bases > reads * LONG_READ
}
