/** A coder worker that fails on models named after the failure; everything else it does as it should. */
import { type Reply, serveJobs } from "../kernels/pool-worker";
import { code } from "./coder";
import type { CodingJob, CodingResult } from "./coding";
import { writeStored } from "./stored";

const NO_BYTES = new Uint8Array(0);

serveJobs<CodingJob, CodingResult>((job) => {
  const model = job.kind === "encode" && job.root.kind === "model" ? job.root.model : "";
  return model.startsWith("test-") ? misbehave(model) : code(job);
});

function misbehave(model: string): Reply<CodingResult> {
  if (model === "test-exit") process.exit(1);
  for (; model === "test-hang"; );
  if (model === "test-lie") return replyWith(Buffer.from("not what it was"));
  if (model === "test-garbage") return { result: { bytes: Uint8Array.of(3, 3, 3), checksum: 0 }, transfer: [] };
  if (model === "test-trap") trap();
  throw new Error(`told to fail by ${model}`);
}

function replyWith(content: Uint8Array): Reply<CodingResult> {
  const bytes = writeStored({
    kind: "model",
    id: 0,
    version: 1,
    params: NO_BYTES,
    length: content.length,
    payload: content,
  });
  return { result: { bytes, checksum: 0 }, transfer: [] };
}

/** Runs a WebAssembly function that is nothing but `unreachable`. */
function trap(): void {
  const module = Buffer.from("0061736d0100000001040160000003020100070501016600000a05010300000b", "hex");
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  (f as () => void)();
}
