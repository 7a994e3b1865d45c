import { Type } from "@sinclair/typebox";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest, Prepared, Scratch } from "../codec";
import { FileWriter } from "../file-writer";
import type { Layout } from "./layout";
import { planWeights } from "./plan";
import { writeRounded } from "./rewrite";
import { safetensors, safetensorsLayout } from "./safetensors";
import { pt, torchLayout } from "./torch";

function layoutOf(source: Source, format: string): Promise<Layout> {
  return format === "pt" ? torchLayout(source) : safetensorsLayout(source);
}

/** Rounds the floating-point elements; same layout, same length, everything else byte for byte. */
async function prepare(source: Source, request: CodecRequest, scratch: Scratch): Promise<Prepared> {
  const dropBits = Number(request.params.drop_bits);
  if (dropBits === 0) return { lossless: true, report: { drop_bits: 0 } };
  const layout = await layoutOf(source, request.format);
  const path = scratch.path();
  const writer = new FileWriter(path);
  try {
    const { values, rounded } = await writeRounded(source, layout, dropBits, writer);
    const report = { tensors: layout.tensors, values, rounded, drop_bits: dropBits };
    return rounded === 0 ? { lossless: true, report } : { path, lossless: false, report };
  } finally {
    writer.finish();
  }
}

/** Weights of neural networks: `drop_bits` low mantissa bits of each floating-point value are rounded away. */
export const modelWeights: Codec = {
  name: "model-weights",
  version: 1,
  title: "Model weights",
  summary: "Safetensors and PyTorch checkpoints, with the noise at the end of the mantissas rounded away.",
  formats: [safetensors, pt],
  params: Type.Object({
    drop_bits: Type.Integer({
      minimum: 0,
      maximum: 4,
      default: 1,
      description: "Low mantissa bits of floating-point values to round away; 0 keeps every bit.",
    }),
  }),
  exactParams: { drop_bits: 0 },
  prepare,
  async *plan(source, request) {
    yield* planWeights(source, await layoutOf(source, request.format), request.level);
  },
};
