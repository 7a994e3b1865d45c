import { createHash } from "node:crypto";
import type { Source } from "../../graph/source";
import { FLAC_BLOCK } from "../../graph/transforms/audio/flac-writer";
import { toIntegers } from "../../graph/transforms/audio/pcm";
import { type FlacFraming, flacFramesParams, frameFlac } from "../../graph/transforms/flac-frames";
import type { FileWriter } from "../file-writer";
import { viewOf } from "../sniff";
import type { Container } from "./container";
import { digestBytes, type FlacStream, type MetadataBlock, SEEKTABLE } from "./flac-stream";
import type { Recording } from "./recording";

const SEEK_POINT_BYTES = 18;
/** A seek point's sample number that says "unused". */
const PLACEHOLDER = 0xffffffffffffffffn;

interface SeekTable {
  readonly block: MetadataBlock;
  readonly content: Uint8Array;
}

/** Puts other samples into a FLAC file: new frames, and a header and seek table that fit them (RFC 9639, 8). */
export class FlacContainer implements Container {
  readonly recording: Recording;
  readonly headBytes: number;
  readonly #stream: FlacStream;
  readonly #seekTable: SeekTable | null;
  /** The offset of each block of samples that a seek point leads to, from the first frame on. */
  readonly #targets: Map<number, number>;
  readonly #digest = createHash("md5");
  #frame = 0;
  #bytes = 0;
  #smallest = 0xffffff;
  #largest = 0;

  private constructor(stream: FlacStream, seekTable: SeekTable | null) {
    this.recording = stream;
    this.headBytes = stream.framesOffset;
    this.#stream = stream;
    this.#seekTable = seekTable;
    this.#targets = new Map(seekTargets(seekTable?.content).map((block) => [block, 0]));
  }

  static async open(source: Source, stream: FlacStream): Promise<FlacContainer> {
    const block = stream.blocks.find(({ type }) => type === SEEKTABLE);
    if (!block) return new FlacContainer(stream, null);
    const content = (await source.read(block.offset, block.length)).slice();
    return new FlacContainer(stream, { block, content });
  }

  samplesEnd(): number {
    return this.#stream.framesEnd();
  }

  wrap(pcm: Uint8Array, first: number): { bytes: Uint8Array; flacParams: Uint8Array } {
    const { format, rate } = this.recording;
    const framing: FlacFraming = { format, rate, firstFrame: first / FLAC_BLOCK };
    this.#digest.update(digestBytes(toIntegers(pcm, format), format));
    const bytes = frameFlac(pcm, framing, (length) => this.#note(length));
    return { bytes, flacParams: flacFramesParams(framing, bytes.length) };
  }

  patchHead(writer: FileWriter): void {
    const info = new Uint8Array(10);
    const view = viewOf(info);
    view.setUint16(0, FLAC_BLOCK);
    view.setUint16(2, FLAC_BLOCK);
    view.setUint32(4, this.#smallest * 256 + (this.#largest >>> 16));
    view.setUint16(8, this.#largest & 0xffff);
    const header = this.#stream.blocks[0]!.offset;
    writer.patch(header, info);
    writer.patch(header + 18, this.#digest.digest());
    if (this.#seekTable) writer.patch(this.#seekTable.block.offset, this.#newSeekTable(this.#seekTable.content));
  }

  #note(length: number): void {
    if (this.#targets.has(this.#frame)) this.#targets.set(this.#frame, this.#bytes);
    this.#smallest = Math.min(this.#smallest, length);
    this.#largest = Math.max(this.#largest, length);
    this.#frame++;
    this.#bytes += length;
  }

  /** A point for each block that the old table leads to; places that are left over stay unused. */
  #newSeekTable(content: Uint8Array): Uint8Array {
    const table = content.slice();
    const view = viewOf(table);
    const points = [...this.#targets].filter(([block]) => block < this.#frame).sort(([a], [b]) => a - b);
    for (let index = 0; (index + 1) * SEEK_POINT_BYTES <= table.length; index++) {
      const [block, offset] = points[index] ?? [];
      const at = index * SEEK_POINT_BYTES;
      const sample = block === undefined ? PLACEHOLDER : BigInt(block * FLAC_BLOCK);
      const samples = block === undefined ? 0 : Math.min(FLAC_BLOCK, this.recording.frames - block * FLAC_BLOCK);
      view.setBigUint64(at, sample);
      view.setBigUint64(at + 8, BigInt(offset ?? 0));
      view.setUint16(at + 16, samples);
    }
    return table;
  }
}

/** The blocks of {@link FLAC_BLOCK} samples that the points of a seek table lie in. */
function seekTargets(content?: Uint8Array): number[] {
  if (!content) return [];
  const view = viewOf(content);
  const blocks: number[] = [];
  for (let at = 0; at + SEEK_POINT_BYTES <= content.length; at += SEEK_POINT_BYTES) {
    const sample = view.getBigUint64(at);
    if (sample !== PLACEHOLDER) blocks.push(Math.floor(Number(sample) / FLAC_BLOCK));
  }
  return blocks;
}
