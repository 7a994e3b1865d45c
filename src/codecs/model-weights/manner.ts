import { general, type Level, type PlanBytes, type PlanNode } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { tensorParams } from "../../kernels/models/tensor-layout";
import { codedBytes } from "../trial";
import { ELEMENTS, type Region } from "./layout";

/**
 * How the elements of a tensor are coded: with care by the model `tensor`, quickly by `elements`, or as any bytes,
 * whole or taken apart into planes. The last two are for what is no noise: indices, tables, masks, quantised weights.
 */
export type Manner = "tensor" | "elements" | "general" | "planes";

/** What is modelled with care at the level balanced: tensors of up to so many bytes, of so many bytes together. */
const CAREFUL = { tensorBytes: 320 << 10, fileBytes: 4 << 20 };

/** Whether a tensor is noise is seen by few bytes from two places, and the best manner by more. */
const GLANCE_BYTES = 16 << 10;
const TRIAL_BYTES = 64 << 10;
/** Smaller tensors have little to gain. */
const LEAST_BYTES = 4 << 10;
/**
 * Tensors are worth a trial if a quick dictionary coder makes them so much shorter than their bytes, and than their
 * planes' entropy: counting integers repeat in other ways than such a coder sees.
 */
const SHORTENED = 0.95;
const COMPETITIVE = { integers: 1.05, others: 1 };
/** Another manner must save so much: a model that has seen other tensors does better than in a trial, most of all of floats. */
const CLEARLY_SMALLER = { careful: 0.8, others: 0.9 };
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
  const { width, exponent } = ELEMENTS[region.type];
  // What short floats repeat stands in other tensors, too, which the model `tensor` sees and a trial does not.
  const isShort = usual === "tensor" && exponent > 0 && width < 4;
  if (region.length < LEAST_BYTES || isShort) return usual;
  if (isNoise(await sampleOf(source, region, GLANCE_BYTES), region)) return usual;
  const sample = await sampleOf(source, region, TRIAL_BYTES);
  const manners: Manner[] = ["elements", "general"];
  if (mayTakeTime) manners.push("tensor");
  if (width > 1) manners.push("planes");
  const counts = [sample.length / width];
  const sizes = manners.map((manner) => codedBytes(mannerNode(manner, region, sample, counts), level));
  const smallest = Math.min(...sizes);
  const clearly = usual === "tensor" && exponent > 0 ? CLEARLY_SMALLER.careful : CLEARLY_SMALLER.others;
  const isClear = smallest < clearly * sizes[manners.indexOf(usual)]!;
  return isClear ? manners[sizes.indexOf(smallest)]! : usual;
}

function isNoise(bytes: Uint8Array, region: Region): boolean {
  const { width, exponent } = ELEMENTS[region.type];
  const shortest = Bun.zstdCompressSync(bytes, { level: 3 }).length;
  const share = width > 1 && exponent === 0 ? COMPETITIVE.integers : COMPETITIVE.others;
  return shortest > SHORTENED * bytes.length || shortest > share * planesBytes(bytes, region);
}

async function sampleOf(source: Source, { offset, length }: Region, bytes: number): Promise<Uint8Array> {
  if (length <= bytes) return source.read(offset, length);
  const half = bytes / 2;
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
