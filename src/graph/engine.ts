import { availableParallelism } from "node:os";
import { Refusal } from "../errors";
import type { ContentCheck } from "../kernels/checksum";
import { JobFailure, type PoolStats, WorkerPool } from "../kernels/pool";
import { workerUrl } from "../kernels/worker-url";
import type { CodingJob, CodingResult, FileRange } from "./coding";
import type { CodingNode } from "./encode";
import { general, type Level, type PlanBytes } from "./plan";
import type { Planner } from "./planner";
import { PlannerPool } from "./planner-pool";
import type { PlanRequest } from "./planning";

export interface EngineOptions {
  /** Coder workers; at least 2, since one checks the work of another. Default: the cores of the machine. */
  readonly workers?: number;
  /** Jobs that may wait. */
  readonly queueLimit?: number;
  /** The longest that one segment may take, encoding or decoding. */
  readonly jobLimitMs?: number;
  /** The longest that a planner may go without a sign of progress. */
  readonly stallLimitMs?: number;
  /** Starts a coder or a planner worker; tests put their own here. */
  readonly spawnCoder?: () => Worker;
  readonly spawnPlanner?: () => Worker;
}

export interface SegmentToEncode {
  /** The bytes that the segment must give back; plan ranges refer to the same file. */
  readonly source: FileRange;
  readonly root: CodingNode;
  readonly level: Level;
  /** Contents of the parts that the plan refers to, by their place in the archive's table. */
  readonly parts: ReadonlyMap<number, PlanBytes>;
}

export interface EncodedSegment {
  /** Block content as `docs/format/archive.md` has it. */
  readonly stored: Uint8Array;
  /** Of the bytes that the segment gives back, see `kernels/checksum.ts`. */
  readonly checksum: number;
  /** Whether the general model had to step in. */
  readonly fellBack: boolean;
  /** CPU seconds of encoding. */
  readonly cpuSeconds: number;
  /** CPU seconds of decoding it again and comparing. */
  readonly verifySeconds: number;
}

export interface BlockToDecode {
  readonly stored: Uint8Array;
  readonly length: number;
  readonly check: ContentCheck;
  readonly parts: ReadonlyMap<number, Uint8Array>;
}

export interface EngineStats extends PoolStats {
  /** Segments that the general model took over, and files that a planner gave up. */
  fallbacks: number;
}

/** What coding may add to bytes that nothing makes smaller: the head of one node. */
const MAX_OVERHEAD_BYTES = 32;

/** Executes plans: owns the workers that plan, encode, verify and decode. */
export class Engine {
  readonly workers: number;
  readonly #pool: WorkerPool<CodingJob, CodingResult>;
  readonly #planners: PlannerPool;
  #fallbacks = 0;

  constructor(readonly options: EngineOptions = {}) {
    this.workers = Math.max(2, options.workers ?? availableParallelism());
    this.#pool = new WorkerPool({
      spawn: options.spawnCoder ?? (() => new Worker(workerUrl("graph/worker"))),
      workers: this.workers,
      queueLimit: options.queueLimit ?? 4096,
      jobLimitMs: options.jobLimitMs ?? 300_000,
    });
    this.#planners = new PlannerPool({
      spawn: options.spawnPlanner ?? (() => new Worker(workerUrl("codecs/worker"))),
      lanes: this.workers,
      stallLimitMs: options.stallLimitMs ?? 300_000,
    });
  }

  /**
   * Encodes a segment and proves in another worker that it comes back. When the planned way fails, for whatever
   * reason, the general model takes the whole range.
   * @throws Refusal `compression_failed`, `aborted`, `busy`, `shutting_down`
   */
  async encode(segment: SegmentToEncode, signal?: AbortSignal): Promise<EncodedSegment> {
    const { source } = segment;
    const planned = await this.#attempt(segment, signal);
    if (planned && planned.stored.length <= source.length + MAX_OVERHEAD_BYTES)
      return { ...planned, fellBack: false };
    const whole = { ...segment, root: general(source), parts: new Map() };
    // Should even the general model fail at its best, the plainest one has the last word.
    const plain =
      (await this.#attempt(whole, signal)) ?? (await this.#attempt({ ...whole, level: "fast" }, signal));
    if (!plain) {
      throw new Refusal("compression_failed", `The bytes from ${source.offset} on could not be stored exactly.`);
    }
    // A plan that works but does not pay is no failure.
    const fellBack = planned === undefined;
    this.#fallbacks += fellBack ? 1 : 0;
    return { ...plain, fellBack };
  }

  /**
   * Decodes a block and checks it.
   * @throws Refusal `damaged`, `aborted`, `busy`, `shutting_down`
   */
  async decode(block: BlockToDecode, signal?: AbortSignal): Promise<Uint8Array> {
    const job = { kind: "decode", ...block } as const;
    try {
      return (await this.#decodeOnce(job, signal)).bytes;
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      if (error.reason === "threw") throw undecodable(error);
    }
    // A worker may die of what earlier jobs left in it: a second one decides.
    try {
      return (await this.#decodeOnce(job, signal)).bytes;
    } catch (error) {
      throw error instanceof JobFailure ? undecodable(error) : error;
    }
  }

  /** Starts planning a file; the caller ends it with {@link Engine.endPlan}. @throws Refusal `aborted` */
  plan(plan: PlanRequest & { readonly size: number }, signal?: AbortSignal): Promise<Planner> {
    return this.#planners.begin(plan, signal);
  }

  /** Takes the planner's worker back; safe to call twice. */
  endPlan(planner: Planner): void {
    this.#planners.end(planner);
  }

  stats(): EngineStats {
    return { ...this.#pool.stats, fallbacks: this.#fallbacks + this.#planners.fallbacks };
  }

  /** Ends all workers; whatever runs fails as `shutting_down`. */
  close(): void {
    this.#planners.close();
    this.#pool.close();
  }

  /** Encodes and verifies; undefined when either fails. */
  async #attempt(
    segment: SegmentToEncode,
    signal?: AbortSignal,
  ): Promise<Omit<EncodedSegment, "fellBack"> | undefined> {
    try {
      return await this.#encodeOnce(segment, signal);
    } catch (error) {
      // Any refusal but that of the replay is about the work as a whole: stopped, too busy.
      if (error instanceof Refusal && error.kind !== "damaged") throw error;
      return undefined;
    }
  }

  async #encodeOnce(segment: SegmentToEncode, signal?: AbortSignal): Promise<Omit<EncodedSegment, "fellBack">> {
    const { source, root, level, parts } = segment;
    const encoded = await this.#pool.run(
      { kind: "encode", source, root, level },
      { signal, transfer: derivedBuffers(root) },
    );
    const { bytes: stored } = encoded.result;
    const verified = await this.#pool.run(
      { kind: "verify", stored, source, parts },
      { signal, transfer: [stored.buffer], not: encoded.worker, urgent: true },
    );
    return {
      stored: verified.result.bytes,
      checksum: verified.result.checksum,
      cpuSeconds: encoded.cpuSeconds,
      verifySeconds: verified.cpuSeconds,
    };
  }

  async #decodeOnce(job: CodingJob & { kind: "decode" }, signal?: AbortSignal): Promise<CodingResult> {
    return (await this.#pool.run(job, { signal, urgent: true })).result;
  }
}

/** Streams that a codec derived are handed over to the worker; fallback and verification do without them. */
function derivedBuffers(node: CodingNode): ArrayBufferLike[] {
  if (node.kind === "transform") return node.inputs.flatMap(derivedBuffers);
  if (node.kind === "part" || !(node.data instanceof Uint8Array)) return [];
  // What is shared needs no handing over, and cannot be.
  return node.data.buffer instanceof ArrayBuffer ? [node.data.buffer] : [];
}

function undecodable(failure: JobFailure): Refusal {
  return new Refusal("damaged", `The block cannot be decoded: ${failure.message}.`);
}
