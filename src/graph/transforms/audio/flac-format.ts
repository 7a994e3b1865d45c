/** What FLAC's reader and writer share (RFC 9639). */

/** The frame header's codes of sampling rates in Hz (section 9.1.2); the code is the position. */
export const FLAC_RATES = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];

/** The frame header's codes of sample sizes in bits (section 9.1.4); 0 where there is none. */
export const FLAC_SAMPLE_SIZES = [0, 8, 12, 0, 16, 20, 24, 32];

/** Channel assignments beyond independent channels (section 9.1.3). */
export const LEFT_SIDE = 8;
export const SIDE_RIGHT = 9;
export const MID_SIDE = 10;

/** The polynomial predictors (section 9.2.5): weights of the previous samples, the latest first. */
export const FIXED_PREDICTORS = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]] as const;

const CRC8 = crcTable(8, 0x07);
const CRC16 = crcTable(16, 0x8005);

/** The header's checksum (section 9.1.8). */
export function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = CRC8[crc ^ bytes[i]!]!;
  return crc;
}

/** The frame's checksum (section 9.3). */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]!]!;
  return crc;
}

function crcTable(width: number, polynomial: number): Uint16Array {
  const top = 1 << (width - 1);
  const mask = 2 * top - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) crc = (crc & top ? (crc << 1) ^ polynomial : crc << 1) & mask;
    return crc;
  });
}
