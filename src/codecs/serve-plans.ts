import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PlanNode, Segment } from "../graph/plan";
import { MAX_PART_BYTES } from "../graph/plan";
import type { FromPlanner, PlannedSegment, PlanRequest, PreparedFile, ToPlanner } from "../graph/planning";
import { FileSource } from "../graph/source";
import { cpuSeconds, jobError, transferable } from "../kernels/pool-worker";
import type { Codec } from "./codec";

const port = self as unknown as {
  onmessage: (event: MessageEvent<ToPlanner>) => void;
  postMessage(message: FromPlanner, transfer?: ArrayBufferLike[]): void;
};

const ALIVE_EVERY_MS = 1000;
const HASH_CHUNK_BYTES = 1 << 20;

let credits = 0;
let onCredit: () => void = () => {};

/**
 * The worker's side of planning: runs a codec's `prepare` and `plan` away from the main thread, one file at a time.
 *
 * @param find the codec of a name
 */
export function servePlans(find: (name: string) => Codec | undefined): void {
  port.onmessage = ({ data: message }) => {
    credits = message.kind === "plan" ? message.credits : credits + 1;
    onCredit();
    if (message.kind === "plan") {
      run(message.plan, find(message.plan.codec)).catch((error) => {
        const { refusal, message: why } = jobError(error);
        port.postMessage({ kind: "failed", refusal, message: why });
      });
    }
  };
}

/** Tells the main thread that reading goes on. */
class WatchedSource extends FileSource {
  #told = performance.now();

  override readNow(offset: number, length: number): Uint8Array {
    const now = performance.now();
    if (now - this.#told > ALIVE_EVERY_MS) {
      this.#told = now;
      port.postMessage({ kind: "alive" });
    }
    return super.readNow(offset, length);
  }
}

async function run(plan: PlanRequest, codec: Codec | undefined): Promise<void> {
  const before = cpuSeconds();
  if (!codec) throw new Error(`there is no codec "${plan.codec}"`);
  const { file, carry } = await prepare(codec, plan);
  port.postMessage({ kind: "prepared", file });
  const source = new WatchedSource(file.path);
  try {
    for await (const segment of codec.plan(source, plan.request, carry)) await send(segment, source);
  } finally {
    source.close();
  }
  port.postMessage({ kind: "done", cpuSeconds: cpuSeconds() - before });
}

async function prepare(codec: Codec, plan: PlanRequest): Promise<{ file: PreparedFile; carry?: unknown }> {
  const upload = new WatchedSource(plan.path);
  try {
    const untouched = { path: plan.path, size: upload.size, lossless: true, report: {} };
    if (!codec.prepare || !plan.prepare) return { file: untouched };
    const prepared = await codec.prepare(upload, plan.request, scratch(plan.scratch));
    const { path, lossless, report = {}, carry } = prepared;
    if (path === undefined) return { file: { ...untouched, lossless, report }, carry };
    return { file: { path, ...fingerprint(path), lossless, report }, carry };
  } finally {
    upload.close();
  }
}

function scratch(directory: string) {
  mkdirSync(directory, { recursive: true });
  return { path: () => join(directory, crypto.randomUUID()) };
}

function fingerprint(path: string): { size: number; sha256: string } {
  const source = new WatchedSource(path);
  try {
    const hasher = new Bun.CryptoHasher("sha256");
    for (let at = 0; at < source.size; at += HASH_CHUNK_BYTES) hasher.update(source.readNow(at, HASH_CHUNK_BYTES));
    return { size: source.size, sha256: hasher.digest("hex") };
  } finally {
    source.close();
  }
}

async function send(segment: Segment, source: FileSource): Promise<void> {
  while (credits === 0) await new Promise<void>((resolve) => (onCredit = resolve));
  credits--;
  const transfer: ArrayBufferLike[] = [];
  const partHashes: string[] = [];
  const root = outgoing(segment.root, source, transfer, partHashes);
  const planned: PlannedSegment = { length: segment.length, root, partHashes };
  port.postMessage({ kind: "segment", segment: planned }, transfer);
}

/** A part goes to several threads: to be hashed, packed and verified. Sharing it spares a copy for each. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The plan with its derived bytes ready to be handed over, and its parts hashed. */
function outgoing(node: PlanNode, source: FileSource, transfer: ArrayBufferLike[], hashes: string[]): PlanNode {
  if (node.kind === "transform") {
    return { ...node, inputs: node.inputs.map((input) => outgoing(input, source, transfer, hashes)) };
  }
  if (node.kind === "part") {
    if (node.data.length > MAX_PART_BYTES) throw new Error(`a part of ${node.data.length} bytes is too large`);
    const bytes = node.data instanceof Uint8Array ? node.data : source.readNow(node.data.offset, node.data.length);
    hashes.push(new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
  }
  if (!(node.data instanceof Uint8Array)) return node;
  if (node.kind === "part") return { ...node, data: shared(node.data) };
  // A copy, because a codec may have cut several streams from one buffer and a buffer is handed over only whole.
  const data = transfer.includes(node.data.buffer) ? node.data.slice() : transferable(node.data);
  transfer.push(data.buffer);
  return { ...node, data };
}
