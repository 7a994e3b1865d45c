import type { ByteReader } from "../graph/bytes";

/** The end of a name, and the end behind a point and the format's name (`.css`), which are left out. */
const END = "end";
const EXTENSION = "extension";

/**
 * The characters that have codes of 4, 5, ... 12 bits: a Huffman code (Proc. IRE 40, 1952) for the names of 47000 files,
 * digits and spaces weighed up, since what is uploaded bears versions and dates. Never to be changed.
 */
const BY_LENGTH: readonly (readonly string[])[] = [
  [..."eiost"],
  [EXTENSION, ..."-.1_acdlnpr"],
  [END, ..."023bgmuy"],
  [..." 4568Cfhkvx"],
  [..."79AEIMOPRSTjw"],
  [..."BDFGHLNUXqz"],
  [..."()KVW"],
  [..."+@JQYZ"],
  [..."!\"#$%&'*,:;<=>?[\\]^`{|}~"],
];
const SHORTEST = 4;

/** The code of each symbol: its bits, written as 0 and 1. No bits are left without a meaning. */
const CODES = canonicalCodes();
const SYMBOLS = new Map([...CODES].map(([symbol, code]) => [code, symbol]));

/** Codes of one length count up, and go on from one length to the next. */
function canonicalCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  let next = 0;
  for (const [index, symbols] of BY_LENGTH.entries()) {
    for (const symbol of symbols) codes.set(symbol, (next++).toString(2).padStart(SHORTEST + index, "0"));
    next *= 2;
  }
  return codes;
}

/** A name in few bits, whole bytes; undefined where a character has no code. */
export function packName(name: string, format: string): Uint8Array | undefined {
  const extension = `.${format}`;
  const short = name.endsWith(extension);
  const symbols = short ? [...name.slice(0, -extension.length), EXTENSION] : [...name, END];
  let bits = "";
  for (const symbol of symbols) {
    const code = CODES.get(symbol);
    if (code === undefined) return undefined;
    bits += code;
  }
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g)!;
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}

/** The inverse of {@link packName}; the reader stands behind the name's last byte then. @throws Refusal `damaged` */
export function unpackName(reader: ByteReader, format: string): string {
  let name = "";
  let code = "";
  for (;;) {
    const bits = reader.byte().toString(2).padStart(8, "0");
    for (const [place, bit] of [...bits].entries()) {
      code += bit;
      const symbol = SYMBOLS.get(code);
      if (symbol === undefined) continue;
      code = "";
      if (symbol !== END && symbol !== EXTENSION) {
        name += symbol;
        continue;
      }
      if (bits.includes("1", place + 1)) throw reader.damaged("a name has bits behind its end");
      return symbol === END ? name : `${name}.${format}`;
    }
  }
}
