import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Refusal } from "../errors";
import { ByteWriter } from "./bytes";
import { MAX_SEGMENT_BYTES } from "./plan";
import { replay } from "./replay";
import { MAX_DEPTH, partsOf, readStored, type StoredNode, writeStored } from "./stored";

const NO_BYTES = new Uint8Array(0);
const stored = (bytes: Uint8Array): StoredNode => ({
  kind: "model",
  id: 0,
  version: 1,
  params: NO_BYTES,
  length: bytes.length,
  payload: bytes,
});
const concat = (...inputs: StoredNode[]): StoredNode => ({
  kind: "transform",
  id: 0,
  version: 1,
  params: NO_BYTES,
  inputs,
});
const text = (value: string) => stored(new TextEncoder().encode(value));

const { tree } = fc.letrec<{ tree: StoredNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.uint8Array({ maxLength: 20 }).map(stored),
    fc.nat(3).map((index): StoredNode => ({ kind: "part", index })),
    fc.array(tie("tree"), { maxLength: 4 }).map((inputs) => concat(...inputs)),
    fc.tuple(fc.uint8Array({ maxLength: 20 }), tie("tree")).map(([bytes, prior]) => ({ ...stored(bytes), prior })),
  ),
}));

const PARTS = new Map([0, 1, 2, 3].map((index) => [index, Uint8Array.of(index, index)]));

function flatten(node: StoredNode): number[] {
  if (node.kind === "model") return [...node.payload];
  return node.kind === "part" ? [...PARTS.get(node.index)!] : node.inputs.flatMap(flatten);
}

test("a tree comes back from its bytes and gives what it says", () => {
  fc.assert(
    fc.property(tree, (root) => {
      const expected = flatten(root);
      const back = readStored(writeStored(root), expected.length);
      expect([...replay(back, expected.length, PARTS)]).toEqual(expected);
    }),
  );
});

test("changed bytes are refused or give bytes of the stated length", () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.nat(255), (root, at, value) => {
      const bytes = writeStored(root);
      bytes[at % bytes.length] = value;
      try {
        const { length } = flatten(root);
        expect(replay(readStored(bytes, length), length, PARTS).length).toBe(length);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).kind).toBe("damaged");
      }
    }),
    { numRuns: 500 },
  );
});

test("parts are listed once", () => {
  const part = (index: number): StoredNode => ({ kind: "part", index });
  expect([...partsOf(concat(part(2), concat(part(0), part(2))))]).toEqual([2, 0]);
  expect([...partsOf({ ...text("x"), prior: concat(part(3)) } as StoredNode)]).toEqual([3]);
});

describe("hostile trees", () => {
  const refused = (root: StoredNode, length: number, why: string) =>
    expect(() => replay(root, length, new Map())).toThrow(why);

  test("too deep", () => {
    let root = text("x");
    for (let i = 0; i <= MAX_DEPTH; i++) root = concat(root);
    expect(() => readStored(writeStored(root), 1)).toThrow("levels");
  });

  test("more inputs than bytes", () => {
    const bytes = new ByteWriter().varint(2).varint(1).blob(NO_BYTES).varint(1_000_000).finish();
    expect(() => readStored(bytes, 1)).toThrow("damaged");
  });

  test("a leaf larger than any segment", () => {
    const bytes = writeStored(concat({ ...text("x"), id: 1, length: MAX_SEGMENT_BYTES + 1 } as StoredNode));
    expect(() => readStored(bytes, 1)).toThrow("larger than");
  });

  test("another length than the block's", () => refused(text("four"), 5, "gives 4 bytes instead of 5"));
  test("a part that is not there", () => refused({ kind: "part", index: 9 }, 1, "part 9"));
  test("a model of the future", () => refused({ ...text("x"), version: 99 } as StoredNode, 1, "a newer one may"));
  test("a transform of the future", () =>
    refused({ ...concat(), version: 99 } as StoredNode, 0, "a newer one may"));

  test("small leaves that grow large together", () => {
    const zeros = Bun.zstdCompressSync(new Uint8Array(MAX_SEGMENT_BYTES));
    const bomb: StoredNode = {
      kind: "model",
      id: 1,
      version: 1,
      params: NO_BYTES,
      length: MAX_SEGMENT_BYTES,
      payload: zeros,
    };
    const nothing: StoredNode = {
      kind: "transform",
      id: 2,
      version: 1,
      params: Uint8Array.of(1, 0, 0, 0),
      inputs: [bomb],
    };
    refused(concat(nothing, nothing), 2 * MAX_SEGMENT_BYTES, "bytes");
  });
});
