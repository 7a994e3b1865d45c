//! The codes of run lengths (ITU-T T.4, tables 2 and 3).

/// Codes of 0 to 63 pixels, then of 64, 128 up to 1728.
const WHITE: &str = "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 \
101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011 \
00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 \
00101101 00000100 00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 \
01011010 01011011 01001010 01001011 00110010 00110011 00110100 \
11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011 \
011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010 011000 \
010011011";
const BLACK: &str = "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 \
000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 \
00000011000 000011001010 000011001011 000011001100 000011001101 000001101000 000001101001 000001101010 000001101011 \
000011010010 000011010011 000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 \
000011011011 000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 000001010011 \
000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 000001011001 000000101011 000000101100 \
000001011010 000001100110 000001100111 \
0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101 \
0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100 0000001110101 \
0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 \
0000001100100 0000001100101";
/// Codes of both colours for 1792, 1856 up to 2560.
const LONG: &str =
    "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110 \
000000010111 000000011100 000000011101 000000011110 000000011111";

const LONGEST_CODE: u32 = 13;
const STEP: u32 = 64;
const LONGEST_RUN: u32 = 2560;

/// The codes of one colour.
pub struct RunCodes {
    /// Code and its length, by place in the tables above.
    codes: Vec<(u32, u32)>,
    /// By the next 13 bits: the place and the length; length 0: none.
    places: Vec<(u8, u8)>,
}

impl RunCodes {
    pub fn white() -> Self {
        RunCodes::new(WHITE)
    }

    pub fn black() -> Self {
        RunCodes::new(BLACK)
    }

    fn new(own: &str) -> Self {
        let code = |text: &str| {
            (text.bytes().fold(0, |code, digit| code << 1 | (digit == b'1') as u32), text.len() as u32)
        };
        let codes: Vec<(u32, u32)> = own.split_whitespace().chain(LONG.split_whitespace()).map(code).collect();
        let mut places = vec![(0, 0); 1 << LONGEST_CODE];
        for (place, &(code, length)) in codes.iter().enumerate() {
            let free = LONGEST_CODE - length;
            let first = (code << free) as usize;
            places[first..first + (1 << free)].fill((place as u8, length as u8));
        }
        RunCodes { codes, places }
    }

    /// Reads a whole run.
    pub fn read(&self, bits: &mut super::bits::Reader) -> Option<u32> {
        let mut run = 0u32;
        loop {
            let (place, length) = self.places[bits.peek(LONGEST_CODE) as usize];
            if length == 0 || !bits.skip(length as u32) {
                return None;
            }
            let place = place as u32;
            if place < STEP {
                return run.checked_add(place);
            }
            run = run.checked_add((place - STEP + 1) * STEP)?;
        }
    }

    pub fn write(&self, bits: &mut super::bits::Writer, run: u32) {
        self.each(run, |(code, length)| bits.put(code, length));
    }

    /// Bits of a run's codes.
    pub fn length(&self, run: u32) -> u32 {
        let mut sum = 0;
        self.each(run, |(_, length)| sum += length);
        sum
    }

    /// The codes that a run takes.
    fn each(&self, mut run: u32, mut take: impl FnMut((u32, u32))) {
        let mut put = |place: u32| take(self.codes[place as usize]);
        while run >= LONGEST_RUN + STEP {
            put(STEP + LONGEST_RUN / STEP - 1);
            run -= LONGEST_RUN;
        }
        if run >= STEP {
            put(STEP + run / STEP - 1);
        }
        put(run % STEP);
    }
}
