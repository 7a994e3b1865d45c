import { general, type Level, type PlanBytes, type PlanNode } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { tensorParams } from "../../kernels/models/tensor-layout";
import { smallestOf } from "../trial";
import { ELEMENTS, type Region } from "./layout";

/**
 * How the elements of a tensor are coded: with care by the model `tensor`, quickly by `elements`, or as any bytes,
 * whole or taken apart into planes. The last two are for what is no noise: indices, tables, masks, quantised weights.
 */
export type Manner = "tensor" | "elements" | "general" | "planes";

/** What is modelled with care at the level balanced: tensors of up to so many bytes, of so many bytes together. */
const CAREFUL = { tensorBytes: 320 << 10, fileBytes: 4 << 20 };

/** Whether a tensor is noise is seen by so many bytes from two places. */
const SAMPLE_BYTES = 64 << 10;
/** Smaller tensors have little to gain. */
const LEAST_BYTES = 2 << 10;
/** Tensors are worth a trial if a quick dictionary coder comes this near to their planes' entropy. */
const COMPETITIVE = 1.1;
/** What coding a plane costs besides. */
const PLANE_BYTES = 64;

/** How each tensor is coded. Small ones are many but hold little of a model of gigabytes: care costs little there. */
export async function chooseManners(
  source: Source,
  regions: readonly Region[],
  level: Level,
): Promise<ReadonlyMap<Region, Manner>> {
  const manners = new Map<Region, Manner>();
  let careful = level === "max" ? source.size : level === "balanced" ? CAREFUL.fileBytes : 0;
  const most = level === "max" ? source.size : CAREFUL.tensorBytes;
  for (const region of regions) {
    const usual = region.length <= Math.min(most, careful) ? "tensor" : "elements";
    const manner = await chooseManner(source, region, level, usual, region.length <= careful);
    manners.set(region, manner);
    if (manner === "tensor") careful -= region.length;
  }
  return manners;
}

async function chooseManner(
  source: Source,
  region: Region,
  level: Level,
  usual: Manner,
  mayTakeTime: boolean,
): Promise<Manner> {
  if (region.length < LEAST_BYTES) return usual;
  const sample = await sampleOf(source, region);
  if (Bun.zstdCompressSync(sample, { level: 3 }).length > COMPETITIVE * planesBytes(sample, region)) return usual;
  const manners: Manner[] = ["elements", "general", ...(mayTakeTime ? (["tensor"] as const) : [])];
  if (ELEMENTS[region.type].width > 1) manners.push("planes");
  const count = sample.length / ELEMENTS[region.type].width;
  return manners[
    smallestOf(
      manners.map((manner) => mannerNode(manner, region, sample, [count])),
      level,
    )
  ]!;
}

async function sampleOf(source: Source, { offset, length }: Region): Promise<Uint8Array> {
  if (length <= SAMPLE_BYTES) return source.read(offset, length);
  const half = SAMPLE_BYTES / 2;
  const quarter = (length >> 2) & -16;
  const parts = [
    await source.read(offset + quarter, half),
    await source.read(offset + length - quarter - half, half),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** About what the planes of elements take when each byte is coded by how frequent it is. */
function planesBytes(bytes: Uint8Array, region: Region): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const plane of splitPlanes(bytes, planeOptions(region))) {
    counts.fill(0);
    for (const byte of plane) counts[byte]!++;
    let bits = 0;
    for (const count of counts) if (count > 0) bits += count * Math.log2(plane.length / count);
    total += bits / 8 + PLANE_BYTES;
  }
  return total;
}

function planeOptions({ type, bigEndian }: Region) {
  const { width, exponent } = ELEMENTS[type];
  return { width, bigEndian, rotate: exponent > 0 && width > 1 };
}

/** @param counts elements of each tensor in `data` */
export function mannerNode(manner: Manner, region: Region, data: PlanBytes, counts: readonly number[]): PlanNode {
  if (manner === "general") return general(data);
  const options = planeOptions(region);
  if (manner === "elements") return { kind: "model", model: "elements", params: planesParams(options), data };
  if (manner === "planes") {
    if (!(data instanceof Uint8Array)) throw new Error("planes are cut from bytes in memory");
    const inputs = splitPlanes(data, options).map(general);
    return { kind: "transform", transform: "planes", params: planesParams(options), inputs };
  }
  const { width, exponent, signed } = ELEMENTS[region.type];
  const params = tensorParams({ width, exponent, signed, bigEndian: region.bigEndian, counts });
  return { kind: "model", model: "tensor", params, data };
}
