/** The parts of an MP4 file that tests ask about. */
export interface Mp4 {
  /** Types of the top-level boxes, in order. */
  readonly boxes: readonly string[];
  /** Sample entry types: `av01`, `mp4a`, `Opus`. */
  readonly codecs: readonly string[];
  readonly seconds: number;
  /** Pixel sizes of the visual sample entries. */
  readonly sizes: readonly [number, number][];
}

export function readMp4(bytes: Buffer): Mp4 {
  const top = [...children(bytes, 0, bytes.length)];
  const entries = find(bytes, ["moov", "trak", "mdia", "minf", "stbl", "stsd"]).map(({ start }) => {
    const entry = start + 8;
    return { type: bytes.toString("latin1", entry + 4, entry + 8), at: entry };
  });
  const [movie] = find(bytes, ["moov", "mvhd"]);
  const header = movie!.start;
  return {
    boxes: top.map(({ type }) => type),
    codecs: entries.map(({ type }) => type),
    seconds: bytes.readUInt32BE(header + 16) / bytes.readUInt32BE(header + 12),
    sizes: entries
      .filter(({ type }) => type === "av01")
      .map(({ at }) => [bytes.readUInt16BE(at + 32), bytes.readUInt16BE(at + 34)]),
  };
}

interface Range {
  type: string;
  start: number;
  end: number;
}

function* children(bytes: Buffer, from: number, to: number): Generator<Range> {
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at);
    yield { type: bytes.toString("latin1", at + 4, at + 8), start: at + 8, end: at + size };
    if (size < 8) throw new Error(`box of size ${size} at ${at}`);
    at += size;
  }
}

function find(bytes: Buffer, path: readonly string[]): Range[] {
  let found: Range[] = [{ type: "", start: 0, end: bytes.length }];
  for (const type of path) {
    found = found.flatMap(({ start, end }) => [...children(bytes, start, end)].filter((box) => box.type === type));
  }
  return found;
}
