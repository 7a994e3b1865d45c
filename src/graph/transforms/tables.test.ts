import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { transformById, transformByName } from ".";
import { numberFormat } from "./number-format";
import { planes, planesParams, splitPlanes } from "./planes";
import { columnsOf, rows, rowsParams } from "./rows";
import { scaled, scaledParams } from "./scaled";
import type { Transform } from "./transform";
import { delta, deltaParams, undelta } from "./undelta";
import { type RunGroup, weave, weaveParams } from "./weave";

function run(transform: Transform, inputs: Uint8Array[], params: Uint8Array): Uint8Array {
  const length = transform.outputLength(
    inputs.map((input) => input.length),
    params,
  );
  return transform.apply(inputs, params, length);
}

const ALL = [planes, weave, scaled, undelta, rows];

test.each(ALL)("$name is found by name and by id", (transform) => {
  expect(transformByName(transform.name)).toBe(transform);
  expect(transformById(transform.id, transform.version)).toBe(transform);
});

test.each(ALL)("$name takes any parameters and inputs, or refuses them", (transform) => {
  const inputs = fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10 }), inputs, (params, given) => {
      let length: number;
      try {
        length = transform.outputLength(
          given.map((input) => input.length),
          params,
        );
      } catch {
        return;
      }
      if (length > 1000) return;
      try {
        expect(transform.apply(given, params, length).length).toBe(length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 2000 },
  );
});

describe("planes", () => {
  const options = fc.record({
    width: fc.integer({ min: 1, max: 16 }),
    bigEndian: fc.boolean(),
    rotate: fc.boolean(),
  });

  test("puts together what was split", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), options, (bytes, wanted) => {
        const whole = bytes.subarray(0, bytes.length - (bytes.length % wanted.width));
        expect(run(planes, splitPlanes(whole, wanted), planesParams(wanted))).toEqual(new Uint8Array(whole));
      }),
    );
  });

  test("a turned float has its exponent in one byte", () => {
    const bytes = new Uint8Array(new Float32Array([1, -1, 2]).buffer);
    expect(splitPlanes(bytes, { width: 4, rotate: true }).map((plane) => [...plane])).toEqual([
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
      [127, 127, 128],
    ]);
  });
});

describe("weave", () => {
  test("lays inputs into each other", () => {
    const groups: RunGroup[] = [
      {
        repeat: 2,
        runs: [
          { input: 1, length: 1 },
          { input: 0, length: 2 },
        ],
      },
      { repeat: 1, runs: [{ input: 0, length: 1 }] },
    ];
    expect([...run(weave, [Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(8, 9)], weaveParams(groups))]).toEqual([
      8, 1, 2, 9, 3, 4, 5,
    ]);
  });

  test.each<[string, RunGroup[]]>([
    ["leaves some over", [{ repeat: 1, runs: [{ input: 0, length: 2 }] }]],
    ["takes too much", [{ repeat: 4, runs: [{ input: 0, length: 1 }] }]],
    ["takes from nowhere", [{ repeat: 1, runs: [{ input: 1, length: 3 }] }]],
    ["takes nothing", [{ repeat: 2 ** 52, runs: [{ input: 0, length: 0 }] }]],
    ["never happens", [{ repeat: 0, runs: [{ input: 0, length: 3 }] }]],
  ])("refuses runs when one %s", (_, groups) => {
    expect(() => run(weave, [new Uint8Array(3)], weaveParams(groups))).toThrow();
  });
});

test("undelta sums up what delta took apart, for any numbers", () => {
  const numbers = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 50 });
  fc.assert(
    fc.property(
      numbers,
      fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      fc.integer({ min: 1, max: 60 }),
      (list, order, row) => {
        const folded = delta(Int32Array.from(list), { order, row });
        const again = run(undelta, [new Uint8Array(folded.buffer)], deltaParams({ order, row }));
        expect([...new Int32Array(again.buffer)]).toEqual(list);
      },
    ),
  );
});

test("rows sums up columns", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (bytes, width) => {
      const whole = bytes.slice(0, bytes.length - (bytes.length % width));
      expect(run(rows, [columnsOf(whole, width)], rowsParams(width))).toEqual(whole);
    }),
  );
  expect(run(rows, [new Uint8Array()], rowsParams(2 ** 50))).toEqual(new Uint8Array());
});

describe("scaled", () => {
  const step = (factor: number, exponent: number) => {
    const bytes = new Uint8Array(6);
    new DataView(bytes.buffer).setUint32(0, factor, true);
    new DataView(bytes.buffer).setInt16(4, exponent, true);
    return bytes;
  };
  const write = (code: number, counts: number[], factor: number, exponent: number, bigEndian = true) => {
    const integers = new Uint8Array(Int32Array.from(counts).buffer);
    const params = scaledParams({
      format: numberFormat(code)!,
      bigEndian,
      row: counts.length,
      window: counts.length,
    });
    return Buffer.from(run(scaled, [step(factor, exponent), integers], params)).toString("hex");
  };

  test.each<[number, number[], number, number, string]>([
    [1, [100, -100, 0, 1], 1, 0, "42640000c26400000000000041100000"],
    [1, [0xffffff, 0x1fffffff], 1, 0, "46ffffff48200000"],
    [1, [1], 1, 1000, "7fffffff"],
    [1, [1], 1, -280, "00000001"],
    [2, [-3], 5, 0, "fffffff1"],
    [3, [1, -1], 300, 0, "012cfed4"],
    [5, [3, -3], 1, -1, "3fc00000bfc00000"],
    [6, [1], 3, -1, "3ff8000000000000"],
    [7, [-2], 1, 0, "fffffe"],
    [8, [-2, 127], 1, 0, "fe7f"],
    [15, [0x123456], 1, 0, "123456"],
    [16, [255], 1, 0, "ff"],
  ])("format %d writes %p times %d * 2^%d", (code, counts, factor, exponent, wanted) => {
    expect(write(code, counts, factor, exponent)).toBe(wanted);
  });

  test("little-endian is the reverse", () => {
    expect(write(7, [0x123456], 1, 0, false)).toBe("563412");
    expect(write(1, [100], 1, 0, false)).toBe("00006442");
  });

  test("every normalised IBM word is read and written again", () => {
    const words = fc.tuple(
      fc.boolean(),
      fc.integer({ min: 0, max: 127 }),
      fc.integer({ min: 0x100000, max: 0xffffff }),
    );
    const view = new DataView(new ArrayBuffer(4));
    const ibm = numberFormat(1)!;
    fc.assert(
      fc.property(words, ([negative, characteristic, fraction]) => {
        const word = (negative ? 0x80000000 : 0) + characteristic * 2 ** 24 + fraction;
        view.setUint32(0, word);
        ibm.write(view, 0, ibm.read(view, 0, false), false);
        expect(view.getUint32(0)).toBe(word);
      }),
      { numRuns: 1000 },
    );
  });
});
