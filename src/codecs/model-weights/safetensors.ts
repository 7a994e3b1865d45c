import type { Source } from "../../graph/source";
import { type Format, no, yes } from "../codec";
import { hasMagic, viewOf } from "../sniff";
import { type Claim, ELEMENTS, isElementType, isFloat, type Layout, NO_LAYOUT, regionsOf } from "./layout";

/** The loader's own limit (safetensors README, "Format"). */
const MAX_HEADER_BYTES = 100_000_000;

/** Longer headers are not parsed, so that memory stays bounded: the file is kept exactly. */
const MAX_PARSED_HEADER_BYTES = 16 << 20;

export const safetensors: Format = {
  name: "safetensors",
  title: "Safetensors",
  extensions: ["safetensors"],
  mediaType: "application/octet-stream",
  sniff({ head, size }) {
    const length = headerLength(head);
    if (length === undefined) return no("no safetensors header: a length of 8 bytes and a JSON object");
    if (length > MAX_HEADER_BYTES || 8 + length > size) {
      return no(`no safetensors header: its ${length} bytes do not fit into a file of ${size} bytes`);
    }
    const text = new TextDecoder().decode(head.subarray(8, 8 + length));
    const named = /"(dtype|data_offsets|__metadata__)"\s*:/.test(text) || /^\{\s*\}\s*$/.test(text);
    if (named) return yes(0.95);
    return text.length < length ? yes(0.4) : no("the JSON header names no tensors (`dtype`, `data_offsets`)");
  },
};

/** Length of the JSON header, or undefined when none can begin here. */
function headerLength(head: Uint8Array): number | undefined {
  if (head.length < 10 || !hasMagic(head, "{", 8)) return undefined;
  const length = viewOf(head).getBigUint64(0, true);
  return length >= 2n && length < 1n << 53n ? Number(length) : undefined;
}

/** Finds the tensors of a safetensors file; one with a header that cannot be read has none. */
export async function safetensorsLayout(source: Source): Promise<Layout> {
  const length = headerLength(await source.read(0, 16));
  if (length === undefined || length > MAX_PARSED_HEADER_BYTES || 8 + length > source.size) return NO_LAYOUT;
  const header = parseHeader(await source.read(8, length));
  if (!header) return NO_LAYOUT;
  const start = 8 + length;
  const claims: Claim[] = [];
  for (const [name, tensor] of Object.entries(header)) {
    if (name !== "__metadata__") claims.push(claimOf(tensor, start, source.size));
  }
  const regions = regionsOf(claims);
  return { tensors: claims.filter(({ type }) => isFloat(type)).length, regions, checksums: [] };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof header === "object" && header !== null ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a header entry says of the file; a claim of no type or no length where it contradicts itself. */
function claimOf(tensor: unknown, start: number, size: number): Claim {
  const { dtype, shape, data_offsets: range } = (tensor ?? {}) as Record<string, unknown>;
  if (!isCounts(range) || range.length !== 2 || range[1]! < range[0]!) return { offset: start, length: 0 };
  const offset = start + range[0]!;
  const length = range[1]! - range[0]!;
  const elements = isCounts(shape) ? shape.reduce((product, count) => product * count, 1) : Number.NaN;
  const type = isElementType(dtype) ? dtype : undefined;
  const holds = type && offset + length <= size && length === elements * ELEMENTS[type].width;
  return { offset, length, bigEndian: false, type: holds ? type : undefined };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
