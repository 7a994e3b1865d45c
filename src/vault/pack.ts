import { mkdir, rm } from "node:fs/promises";
import { ArchiveWriter, chunksOf } from "../archive/writer";
import type { Codec, CodecRequest } from "../codecs/codec";
import { holdsStreams } from "../codecs/general";
import type { EncodedSegment, Engine } from "../graph/engine";
import { blockBytes, generalSegments, type LentPart, type Level, type PartName, type Prior } from "../graph/plan";
import type { PlannedSegment, PreparedFile } from "../graph/planning";
import { FileSource } from "../graph/source";
import { borrowTexts, type Text } from "./excerpts";
import { type PackedPart, PartPacker } from "./parts";
import { primed } from "./priors";

/** Where shared parts go while packing. */
export interface PartBin {
  has(sha256: string): Promise<boolean>;
  /** Takes over the file at `archivePath`. */
  add(part: NewPart): Promise<void>;
  /** Absent: texts are not looked for in older parts, nor kept to be found. */
  readonly texts?: TextBin;
}

/** A part that was packed. */
export interface NewPart {
  readonly sha256: string;
  /** Of its content. */
  readonly bytes: number;
  readonly archivePath: string;
  readonly archiveBytes: number;
  /** SHA-256 of the part that it was coded after. */
  readonly prior?: string;
}

/** Texts within the parts of a space. */
export interface TextBin {
  /** Where texts of these hashes stand in parts that exist. */
  find(
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly sha256: string; readonly start: number }>>;
  /** A part that exists, decoded; undefined when it cannot be read. */
  content(sha256: string): Promise<LentPart | undefined>;
  /** The largest part of that many bytes with texts that needs no other; undefined where there is none. */
  largest(bounds: { readonly least: number; readonly most: number }): Promise<LentPart | undefined>;
  /** What those of these parts need that exist and need others, by SHA-256. */
  needs(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly PartName[]>>;
  /** Tells what stands in a part that is going to be added, unless it exists. */
  note(sha256: string, texts: readonly Text[]): void;
  /** Tells how many bytes of an older part this file takes. */
  borrow(sha256: string, bytes: number): void;
}

export interface PackRequest {
  /** The upload, on disk. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 of the upload, hex. */
  readonly sha256: string;
  /** The original file's name; empty when unknown. */
  readonly name: string;
  readonly codec: Codec;
  readonly request: CodecRequest;
  /** A directory for this job's temporary files. */
  readonly scratch: string;
  /** Where the archive is written; nothing is left there after a failure. */
  readonly out: string;
  /** Absent: shared parts are put into the archive, which is then self-contained. */
  readonly parts?: PartBin;
  /** What the texts of a part are coded after. */
  readonly prior?: Prior;
  readonly createdAt?: number;
  readonly labels?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** @param fraction 0 to 1 of the content */
  onProgress?(fraction: number): void;
}

export interface Packed {
  archiveBytes: number;
  contentBytes: number;
  contentSha256: string;
  lossless: boolean;
  report: Record<string, string | number | boolean>;
  /** SHA-256 of the shared parts that the archive refers to or holds. */
  usedParts: string[];
  /** Segments and plans that fell back to the general model. */
  fallbacks: number;
  /** CPU seconds of planning and encoding. */
  cpuSeconds: number;
  /** CPU seconds of decoding every block again and comparing. */
  verifySeconds: number;
}

/** A part is packed like any file, but exactly and without parts of its own; it may refer to one that exists. */
export type PackMode = "file" | "part";

/**
 * Compresses a file into an archive; every block is decoded again and compared before it is written. Memory is
 * bounded by the workers, not by the file.
 *
 * @throws Refusal what the codec refuses, `compression_failed`, `disk_full`, `aborted`, `busy`, `shutting_down`
 */
export async function pack(engine: Engine, request: PackRequest, mode: PackMode = "file"): Promise<Packed> {
  await mkdir(request.scratch, { recursive: true });
  // Stops what is still running for this file when any of it fails.
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const plan = await beginPlan(engine, request, mode, signal);
  try {
    return await new Packing(engine, request, mode, signal, plan).run();
  } catch (error) {
    stop.abort();
    throw error;
  } finally {
    plan.end();
    if (plan.file.path !== request.path) await rm(plan.file.path, { force: true });
  }
}

interface Plan {
  readonly file: PreparedFile;
  readonly segments: AsyncIterable<PlannedSegment> | Iterable<PlannedSegment>;
  /** What planning cost; known at the end. */
  cost(): { fallbacks: number; cpuSeconds: number };
  end(): void;
}

async function beginPlan(engine: Engine, request: PackRequest, mode: PackMode, signal: AbortSignal): Promise<Plan> {
  const { path, size, codec, scratch } = request;
  if (codec.name === "general" && !(await mayHoldStreams(path))) {
    // Nothing to find out, so no worker to start.
    const file = { path, size, lossless: true, report: {} };
    return {
      file,
      segments: plainSegments(size, request.request.level),
      cost: () => ({ fallbacks: 0, cpuSeconds: 0 }),
      end: () => {},
    };
  }
  const planner = await engine.plan(
    { codec: codec.name, path, size, request: request.request, scratch, prepare: mode === "file" },
    signal,
  );
  const end = () => engine.endPlan(planner);
  try {
    const file = await planner.prepared();
    return { file, segments: planner.segments(file.size), cost: () => planner, end };
  } catch (error) {
    end();
    throw error;
  }
}

async function mayHoldStreams(path: string): Promise<boolean> {
  const source = new FileSource(path);
  try {
    return await holdsStreams(source);
  } finally {
    source.close();
  }
}

function* plainSegments(size: number, level: Level): Generator<PlannedSegment> {
  for (const segment of generalSegments(0, size, blockBytes(level))) yield { ...segment, partHashes: [] };
}

/** A segment being encoded, and the parts that must be in the archive before it. */
interface Flight {
  readonly length: number;
  readonly parts: readonly Promise<PackedPart>[];
  readonly encoded: Promise<EncodedSegment>;
}

/** The way of one prepared file into its archive. */
class Packing {
  readonly #parts: PartPacker;
  readonly #flights: Flight[] = [];
  #writer!: ArchiveWriter;
  #written = 0;
  #fallbacks = 0;
  #cpuSeconds = 0;
  #verifySeconds = 0;

  constructor(
    readonly engine: Engine,
    readonly request: PackRequest,
    mode: PackMode,
    readonly signal: AbortSignal,
    readonly plan: Plan,
  ) {
    this.#parts = new PartPacker(engine, { request, mode, signal, path: plan.file.path });
  }

  async run(): Promise<Packed> {
    const { plan, request } = this;
    const { file } = plan;
    const contentSha256 = file.sha256 ?? request.sha256;
    this.#writer = await ArchiveWriter.create(request.out, this.#header());
    try {
      for await (const segment of plan.segments) {
        const texts = request.parts?.texts;
        this.#launch(texts ? await borrowTexts(segment, texts) : primed(segment, request.prior));
        if (this.#flights.length > this.engine.workers) await this.#land();
      }
      while (this.#flights.length > 0) await this.#land();
    } catch (error) {
      await this.#writer.discard();
      throw error;
    }
    return {
      archiveBytes: await this.#writer.finish(contentSha256),
      contentBytes: file.size,
      contentSha256,
      lossless: file.lossless,
      report: { ...file.report },
      usedParts: this.#parts.used(),
      fallbacks: this.#fallbacks + plan.cost().fallbacks,
      cpuSeconds: this.#cpuSeconds + plan.cost().cpuSeconds,
      verifySeconds: this.#verifySeconds,
    };
  }

  #header() {
    const { codec, request, name, createdAt, labels, sha256, size } = this.request;
    const { lossless } = this.plan.file;
    const format = codec.formats.find((candidate) => candidate.name === request.format) ?? codec.formats[0];
    return {
      codec: codec.name,
      codecVersion: codec.version,
      format: format.name,
      level: request.level,
      params: { ...request.params },
      name,
      mediaType: format.mediaType,
      lossless,
      createdAt,
      // Where nothing was lost, the content says what the upload was.
      labels: lossless || !labels ? labels : { ...labels, sha256, bytes: String(size) },
      report: { ...this.plan.file.report },
    };
  }

  #launch(segment: PlannedSegment): void {
    const offset = this.#written + this.#flights.reduce((sum, flight) => sum + flight.length, 0);
    const { root, contents, added } = this.#parts.resolve(segment);
    const source = { path: this.plan.file.path, offset, length: segment.length };
    const level = this.request.request.level;
    const encoded = this.engine.encode({ source, root, level, parts: contents }, this.signal);
    // Whoever lands the flight sees the failure; until then it is not an unhandled one.
    for (const pending of [encoded, ...added]) pending.catch(() => {});
    this.#flights.push({ length: segment.length, parts: added, encoded });
  }

  async #land(): Promise<void> {
    const { length, parts, encoded } = this.#flights[0]!;
    for (const part of parts) await this.#writePart(await part);
    const { stored, checksum, fellBack, cpuSeconds, verifySeconds } = await encoded;
    await this.#writer.block(length, checksum, stored);
    this.#flights.shift();
    this.#written += length;
    this.#fallbacks += fellBack ? 1 : 0;
    this.#cpuSeconds += cpuSeconds;
    this.#verifySeconds += verifySeconds;
    this.request.onProgress?.(this.#written / this.plan.file.size);
  }

  async #writePart(part: PackedPart): Promise<void> {
    this.#fallbacks += part.fallbacks;
    this.#cpuSeconds += part.cpuSeconds;
    this.#verifySeconds += part.verifySeconds;
    if (part.archivePath === undefined) {
      this.#writer.referToPart(part.sha256, part.bytes);
      return;
    }
    const archive = new FileSource(part.archivePath);
    try {
      await this.#writer.embedPart(part.sha256, part.bytes, chunksOf(archive), archive.size);
    } finally {
      archive.close();
      await rm(part.archivePath, { force: true });
    }
  }
}
