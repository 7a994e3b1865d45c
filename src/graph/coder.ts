import { Refusal } from "../errors";
import { checksum, passes } from "../kernels/checksum";
import { type Reply, transferable } from "../kernels/pool-worker";
import type { CodingJob, CodingResult, DecodeJob, EncodeJob, VerifyJob } from "./coding";
import { encode, readPlanBytes } from "./encode";
import { replay } from "./replay";
import { FileSource } from "./source";
import { readStored, writeStored } from "./stored";

/** Bytes of content after which a worker gives memory back before it waits for the next job. */
const LARGE_BYTES = 1 << 20;

/** Does one job of a coder worker: encodes, verifies or decodes a segment. */
export function code(job: CodingJob): Reply<CodingResult> {
  const reply = run(job);
  if (contentLength(job) > LARGE_BYTES) Bun.gc(true);
  return reply;
}

function contentLength(job: CodingJob): number {
  return job.kind === "decode" ? job.length : job.source.length;
}

function run(job: CodingJob): Reply<CodingResult> {
  if (job.kind === "encode") return runEncode(job);
  if (job.kind === "verify") return runVerify(job);
  return runDecode(job);
}

function runEncode({ source: { path }, root, level }: EncodeJob): Reply<CodingResult> {
  return withSource(path, (source) => answer(writeStored(encode(root, source, level)), 0));
}

function runVerify({ stored, source, parts }: VerifyJob): Reply<CodingResult> {
  return withSource(source.path, (file) => {
    const contents = new Map([...parts].map(([index, data]) => [index, readPlanBytes(data, file)]));
    const original = readPlanBytes(source, file);
    const replayed = replay(readStored(stored, source.length), source.length, contents);
    if (Buffer.compare(original, replayed) !== 0) throw new Error("the segment does not come back as it was");
    return answer(stored, checksum(original));
  });
}

function runDecode({ stored, length, check, parts }: DecodeJob): Reply<CodingResult> {
  const content = replay(readStored(stored, length), length, parts);
  if (!passes(content, check)) {
    const sum = "sha256" in check ? "SHA-256" : "checksum";
    throw new Refusal("damaged", `The block decodes to bytes that do not match their ${sum}.`);
  }
  return answer(content, 0);
}

function withSource<T>(path: string, work: (source: FileSource) => T): T {
  const source = new FileSource(path);
  try {
    return work(source);
  } finally {
    source.close();
  }
}

function answer(bytes: Uint8Array, sum: number): Reply<CodingResult> {
  const own = transferable(bytes);
  return { result: { bytes: own, checksum: sum }, transfer: [own.buffer] };
}
