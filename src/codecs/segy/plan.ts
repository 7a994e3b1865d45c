import {
  general,
  generalSegments,
  type Level,
  type ModelLeaf,
  type PlanNode,
  type Segment,
} from "../../graph/plan";
import type { Source } from "../../graph/source";
import { numberFormat } from "../../graph/transforms/number-format";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { columnsOf, rowsParams } from "../../graph/transforms/rows";
import { STEP_BYTES, type Step, scaledParams } from "../../graph/transforms/scaled";
import { type DeltaOptions, delta, deltaParams } from "../../graph/transforms/undelta";
import { type Run, type RunGroup, weaveParams } from "../../graph/transforms/weave";
import { floatsParams, isFloatsSound } from "../../kernels/models/floats-layout";
import { isSound, rasterNode } from "../raster";
import { viewOf } from "../sniff";
import { smallestOf } from "../trial";
import type { SegyHeader } from "./header";
import { windowsAsMultiples } from "./lattice";
import { BATCH_BYTES, readLayout, type SegyLayout, type TraceBatch, traceBatches } from "./layout";
import { windowOf } from "./quality";
import type { SampleFormat } from "./samples";

/** Cuts a SEG-Y file into its headers, batches of traces, and whatever follows. */
export async function* planSegy(source: Source, level: Level): AsyncGenerator<Segment> {
  const layout = await readLayout(source);
  let at = 0;
  if (layout) {
    yield* generalSegments(0, layout.start);
    at = layout.start;
    for await (const batches of batchesTogether(traceBatches(source, layout))) {
      const length = bytesOf(batches);
      yield { length, root: tracesNode(batches, layout, level) };
      at += length;
    }
  }
  yield* generalSegments(at, source.size - at);
}

/** Batches of traces of other lengths that follow each other, as far as they are no more than one batch may be. */
async function* batchesTogether(batches: AsyncIterable<TraceBatch>): AsyncGenerator<TraceBatch[]> {
  let together: TraceBatch[] = [];
  for await (const batch of batches) {
    if (together.length > 0 && bytesOf(together) + batch.bytes.length > BATCH_BYTES) {
      yield together;
      together = [];
    }
    together.push(batch);
  }
  if (together.length > 0) yield together;
}

function bytesOf(batches: readonly TraceBatch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Trace headers by columns; samples of traces of one length together. */
function tracesNode(batches: readonly TraceBatch[], { header }: SegyLayout, level: Level): PlanNode {
  const { traceHeaderBytes } = header;
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const headers = new Columns(count * traceHeaderBytes);
  const kindOf = lengthKinds(batches);
  const kinds = new Map(
    [...Map.groupBy(batches, kindOf)].map(([kind, alike]) => [
      kind,
      new Traces(alike, header, kind !== ODD_LENGTH),
    ]),
  );
  const inputOf = new Map([...kinds.keys()].map((kind, i) => [kind, 1 + 2 * i]));
  const groups = new Groups();
  for (const batch of batches) {
    const traces = kinds.get(kindOf(batch))!;
    const input = inputOf.get(kindOf(batch))!;
    for (let at = 0; at < batch.bytes.length; at += batch.traceBytes) {
      const samples = batch.bytes.subarray(at + traceHeaderBytes, at + batch.traceBytes);
      headers.add(batch.bytes.subarray(at, at + traceHeaderBytes));
      groups.add([
        { input: 0, length: traceHeaderBytes },
        { input: input + (traces.add(samples) ? 0 : 1), length: samples.length },
      ]);
    }
  }
  const inputs = [
    transform("rows", rowsParams(traceHeaderBytes), [general(columnsOf(headers.bytes, traceHeaderBytes))]),
    ...[...kinds.values()].flatMap((traces) => traces.nodes(level)),
  ];
  return transform("weave", weaveParams(groups.list), inputs);
}

/** The kind of traces whose lengths few others have. */
const ODD_LENGTH = 0;
/** So many traces of one length are rows worth a model of their own. */
const LEAST_ALIKE = 8;

/** What tells kinds of traces apart: their length, unless it is odd. */
function lengthKinds(batches: readonly TraceBatch[]): (batch: TraceBatch) => number {
  const counts = new Map<number, number>();
  for (const { samples, count } of batches) counts.set(samples, (counts.get(samples) ?? 0) + count);
  return ({ samples }) => (counts.size === 1 || counts.get(samples)! >= LEAST_ALIKE ? samples : ODD_LENGTH);
}

/** Traces of one length: samples as integers on a lattice where a trace has one, else as they are. Others are one row. */
class Traces {
  readonly #rest: Columns;
  readonly #lattice?: LatticeRows;
  readonly #row: number;

  constructor(
    alike: readonly TraceBatch[],
    readonly header: SegyHeader,
    areOfOneLength: boolean,
  ) {
    const count = alike.reduce((sum, batch) => sum + batch.count, 0);
    const samples = alike.reduce((sum, batch) => sum + batch.count * batch.samples, 0);
    const format = areOfOneLength ? numberFormat(header.formatCode) : undefined;
    this.#row = areOfOneLength ? samples / count : samples;
    this.#rest = new Columns(samples * header.sampleBytes);
    if (format) this.#lattice = new LatticeRows({ format, bigEndian: header.bigEndian }, count, this.#row);
  }

  /** Takes the samples of a trace. @returns whether they lie on a lattice */
  add(samples: Uint8Array): boolean {
    if (this.#lattice?.add(samples)) return true;
    this.#rest.add(samples);
    return false;
  }

  /** What gives back the traces on a lattice, and the others. */
  nodes(level: Level): PlanNode[] {
    return [
      this.#lattice?.node() ?? general(new Uint8Array()),
      samplesNode(this.#rest.bytes, this.#row, this.header, level),
    ];
  }
}

function transform(name: string, params: Uint8Array, inputs: PlanNode[]): PlanNode {
  return { kind: "transform", transform: name, params, inputs };
}

/** Traces side by side are rows that continue each other; some recorders' samples do better byte by byte. */
function samplesNode(bytes: Uint8Array, row: number, header: SegyHeader, level: Level): PlanNode {
  const trial = bytes.subarray(0, TRIAL_ROWS * row * header.sampleBytes);
  const rowsNode = (level === "max" && floatsNode(trial, row, header) && floatsNode) || imageNode;
  const rows = rowsNode(trial, row, header);
  if (!rows) return planesNode(bytes, header);
  // Trying costs more than it may gain where speed counts.
  const chosen = level === "fast" ? 0 : smallestOf([rows, planesNode(trial, header)], level);
  return chosen === 0 ? rowsNode(bytes, row, header)! : planesNode(bytes, header);
}

/** Traces that are coded both ways. */
const TRIAL_ROWS = 192;

/** Undefined for samples that are no image. */
function imageNode(bytes: Uint8Array, row: number, header: SegyHeader): PlanNode | undefined {
  const { sampleBytes, bigEndian, formatCode } = header;
  const shape = { width: row, height: bytes.length / sampleBytes / row, channels: 1, frames: 1, planar: false };
  const raster = { ...shape, sampleBytes, bigEndian, signed: true, floating: FLOATING_FORMATS.has(formatCode) };
  return isSound(raster) ? rasterNode(raster, bytes) : undefined;
}

/** Undefined for samples of other formats. */
function floatsNode(bytes: Uint8Array, width: number, header: SegyHeader): PlanNode | undefined {
  const { sampleBytes, bigEndian, formatCode } = header;
  if (formatCode !== IBM_FORMAT && formatCode !== IEEE_FORMAT) return undefined;
  const layout = { ibm: formatCode === IBM_FORMAT, bigEndian, width, height: bytes.length / sampleBytes / width };
  if (!isFloatsSound(layout)) return undefined;
  return { kind: "model", model: "floats", params: floatsParams(layout), data: bytes };
}

const IBM_FORMAT = 1;
const IEEE_FORMAT = 5;

function planesNode(bytes: Uint8Array, { sampleBytes, bigEndian, formatCode }: SegyHeader): PlanNode {
  const options = { width: sampleBytes, bigEndian, rotate: IEEE_FORMATS.has(formatCode) };
  return transform("planes", planesParams(options), splitPlanes(bytes, options).map(general));
}

/** Sample formats with a sign and a magnitude: IBM and IEEE. */
const FLOATING_FORMATS: ReadonlySet<number> = new Set([1, 5, 6]);
const IEEE_FORMATS: ReadonlySet<number> = new Set([5, 6]);

/** Bytes laid one after the other into memory that was reserved at once. */
class Columns {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

/** Joins equal groups that follow each other. */
class Groups {
  readonly list: RunGroup[] = [];

  add(runs: readonly Run[]): void {
    const last = this.list.at(-1);
    const repeats = last?.runs.every(
      ({ input, length }, i) => input === runs[i]!.input && length === runs[i]!.length,
    );
    if (last && repeats) this.list[this.list.length - 1] = { runs, repeat: last.repeat + 1 };
    else this.list.push({ runs, repeat: 1 });
  }
}

/** Traces whose samples are integers times a step of their own, or of each of their windows. */
class LatticeRows {
  readonly #integers: Int32Array;
  readonly #steps: Step[] = [];
  readonly #window: number;
  #count = 0;

  /** @param row samples of a trace */
  constructor(
    readonly sample: SampleFormat,
    count: number,
    readonly row: number,
  ) {
    this.#integers = new Int32Array(count * row);
    this.#window = windowOf(row);
  }

  /** Takes a trace; false when its samples lie on no lattice that would pay. */
  add(samples: Uint8Array): boolean {
    const { row } = this;
    const counts = this.#integers.subarray(this.#count * row, (this.#count + 1) * row);
    const windows = Math.ceil(row / this.#window);
    const before = this.#count > 0 ? this.#steps.slice(-windows) : [];
    const steps = windowsAsMultiples(samples, this.sample, this.#window, counts, before);
    if (!steps) return false;
    this.#steps.push(...steps);
    this.#count++;
    return true;
  }

  #stepBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#steps.length * STEP_BYTES);
    const view = viewOf(bytes);
    for (const [i, { factor, exponent }] of this.#steps.entries()) {
      view.setUint32(i * STEP_BYTES, factor, true);
      view.setInt16(i * STEP_BYTES + 4, exponent, true);
    }
    return bytes;
  }

  node(): PlanNode {
    const { format, bigEndian } = this.sample;
    const { row } = this;
    const integers = this.#integers.subarray(0, this.#count * row);
    const window = this.#window;
    const stepsNode = transform("rows", rowsParams(STEP_BYTES), [
      general(columnsOf(this.#stepBytes(), STEP_BYTES)),
    ]);
    const inputs = [stepsNode, integersNode(integers, row)];
    return transform("scaled", scaledParams({ format, bigEndian, row, window }), inputs);
  }
}

/** An image where the numbers are small enough; else differences of the order that leaves the fewest bits. */
function integersNode(integers: Int32Array, row: number): PlanNode {
  const height = integers.length / row;
  const shape = { width: row, height, channels: 1, frames: 1, sampleBytes: 2, planar: false };
  const raster = { ...shape, bigEndian: false, signed: true, floating: false };
  if (isSound(raster) && integers.every((number) => number === (number << 16) >> 16)) {
    return transform("widened", new Uint8Array(), [
      rasterNode(raster, new Uint8Array(Int16Array.from(integers).buffer)),
    ]);
  }
  const orders: DeltaOptions["order"][] = [0, 1, 2];
  const tried = orders.map((order) => ({
    order,
    costs: bitsOf(delta(integers.subarray(0, SAMPLE_ROWS * row), { order, row })),
  }));
  const { order } = tried.reduce((best, next) => (next.costs < best.costs ? next : best));
  const folded = delta(integers, { order, row });
  const leaves: ModelLeaf[] = splitPlanes(new Uint8Array(folded.buffer), { width: 4 }).map(general);
  return transform("undelta", deltaParams({ order, row }), [
    transform("planes", planesParams({ width: 4 }), leaves),
  ]);
}

/** Traces on which the order of differences is tried. */
const SAMPLE_ROWS = 64;

function bitsOf(numbers: Uint32Array): number {
  let bits = 0;
  for (const number of numbers) bits += 32 - Math.clz32(number);
  return bits;
}
