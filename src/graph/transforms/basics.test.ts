import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { transformById, transformByName } from ".";
import { type Base64Layout, base64, base64Params } from "./base64";
import { base64Runs, base64RunsParams } from "./base64-runs";
import { concat } from "./concat";
import { crlf, crlfParams } from "./crlf";
import { excerpts, excerptsParams } from "./excerpts";
import { shuffle, shuffleParams, unshuffle } from "./shuffle";
import { splice, spliceParams } from "./splice";
import type { Transform } from "./transform";

function run(transform: Transform, inputs: Uint8Array[], params: Uint8Array): Uint8Array {
  const length = transform.outputLength(
    inputs.map((input) => input.length),
    params,
  );
  const output = transform.apply(inputs, params, length);
  expect(output.length).toBe(length);
  return output;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const NO_PARAMS = new Uint8Array(0);

test.each([concat, base64, splice])("$name is found by name and by id", (transform) => {
  expect(transformByName(transform.name)).toBe(transform);
  expect(transformById(transform.id, transform.version)).toBe(transform);
});

test("concat joins", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (inputs) => {
      expect(Buffer.compare(run(concat, inputs, NO_PARAMS), Buffer.concat(inputs))).toBe(0);
    }),
  );
});

describe("base64", () => {
  const mail: Base64Layout = { lineLength: 8, lineEnd: "\r\n", lastLineEnds: true, padded: true };
  const encode = (text: string, layout: Partial<Base64Layout> = {}) =>
    latin1(run(base64, [Buffer.from(text)], base64Params({ ...mail, ...layout })));

  test("breaks lines as mail programs do", () => {
    expect(encode("hello world")).toBe("aGVsbG8g\r\nd29ybGQ=\r\n");
    expect(encode("hello world", { lastLineEnds: false, lineEnd: "\n" })).toBe("aGVsbG8g\nd29ybGQ=");
    expect(encode("hello world", { padded: false })).toBe("aGVsbG8g\r\nd29ybGQ\r\n");
    expect(encode("hello!", { lineLength: 8 })).toBe("aGVsbG8h\r\n");
    expect(encode("hello world", { lineLength: 0, lastLineEnds: false })).toBe("aGVsbG8gd29ybGQ=");
    expect(encode("")).toBe("");
  });

  test("holds the same characters as the platform's, whatever the layout", () => {
    const layouts = fc.record({
      lineLength: fc.nat(100),
      lineEnd: fc.constantFrom("\n" as const, "\r\n" as const),
      lastLineEnds: fc.boolean(),
      padded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), layouts, (bytes, layout) => {
        const lines = latin1(run(base64, [bytes], base64Params(layout)));
        const text = Buffer.from(bytes).toString("base64");
        expect(lines.replaceAll(layout.lineEnd, "")).toBe(layout.padded ? text : text.replaceAll("=", ""));
        expect(lines.endsWith(layout.lineEnd)).toBe(layout.lastLineEnds && bytes.length > 0);
        const longest = Math.max(...lines.split(layout.lineEnd).map((line) => line.length));
        if (layout.lineLength > 0) expect(longest).toBeLessThanOrEqual(layout.lineLength);
      }),
    );
  });

  test("senseless parameters are refused", () => {
    expect(() => base64.outputLength([3], Uint8Array.of(4, 8))).toThrow();
    expect(() => base64.outputLength([3], NO_PARAMS)).toThrow();
    expect(() => base64.outputLength([], base64Params(mail))).toThrow("one input");
  });
});

describe("splice", () => {
  test("replaces, inserts and removes", () => {
    const params = spliceParams([
      { offset: 0, removed: 0, inserted: Buffer.from(">") },
      { offset: 2, removed: 3, inserted: Buffer.from("X") },
      { offset: 8, removed: 0, inserted: Buffer.from("<") },
    ]);
    expect(latin1(run(splice, [Buffer.from("abcdefgh")], params))).toBe(">abXfgh<");
  });

  test("a place outside the input is refused", () => {
    const params = spliceParams([{ offset: 5, removed: 4, inserted: NO_PARAMS }]);
    expect(() => splice.outputLength([8], params)).toThrow("ends after");
  });
});

describe("base64-runs", () => {
  const layout: Base64Layout = { lineLength: 4, lineEnd: "\n", lastLineEnds: false, padded: true };

  test("encodes stretches in their place", () => {
    const params = base64RunsParams([
      { gap: 2, length: 3, layout },
      { gap: 1, length: 4, layout },
    ]);
    expect(latin1(run(base64Runs, [Buffer.from("ab123-4567z")], params))).toBe("abMTIz-NDU2\nNw==z");
    expect(latin1(run(base64Runs, [Buffer.from("ab")], NO_PARAMS))).toBe("ab");
  });

  test("refuses a run behind the end", () => {
    expect(() => base64Runs.outputLength([5], base64RunsParams([{ gap: 3, length: 3, layout }]))).toThrow();
  });
});

describe("excerpts", () => {
  const inputs = [Buffer.from("abcdef"), Buffer.from("XYZ")];

  test("takes pieces in any order", () => {
    const params = excerptsParams([
      { input: 1, start: 1, length: 2 },
      { input: 0, start: 0, length: 3 },
      { input: 0, start: 2, length: 4 },
    ]);
    expect(latin1(run(excerpts, inputs, params))).toBe("YZabccdef");
  });

  test("refuses what is not there", () => {
    for (const wrong of [
      { input: 2, start: 0, length: 1 },
      { input: 1, start: 2, length: 2 },
      { input: 0, start: 0, length: 0 },
    ]) {
      expect(() => excerpts.outputLength([6, 3], excerptsParams([wrong]))).toThrow();
    }
  });
});

describe("crlf", () => {
  test("puts carriage returns before all line feeds but those listed", () => {
    expect(latin1(run(crlf, [Buffer.from("a\nb\n\r\nc\n")], crlfParams(3, [1])))).toBe("a\r\nb\n\r\r\nc\r\n");
    expect(latin1(run(crlf, [Buffer.from("abc")], crlfParams(0, [])))).toBe("abc");
  });

  test("refuses line ends that are not there", () => {
    const apply = (text: string, params: Uint8Array) => crlf.apply([Buffer.from(text)], params, text.length + 1);
    expect(() => apply("a\nb\n", crlfParams(1, []))).toThrow();
    expect(() => apply("a\n", crlfParams(1, [1]))).toThrow();
    expect(() => crlf.outputLength([3], crlfParams(4, []))).toThrow();
  });
});

describe("shuffle", () => {
  test("lays the bytes of groups apart", () => {
    const params = shuffleParams({ width: 2, count: 3 });
    const output = run(shuffle, [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)], params);
    expect([...output]).toEqual([1, 3, 5, 2, 4, 6, 7, 9, 8, 10]);
  });

  test("is undone", () => {
    const numbers = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(numbers, numbers, fc.uint8Array({ maxLength: 200 }), (width, count, bytes) => {
        const whole = bytes.subarray(0, bytes.length - (bytes.length % width));
        const layout = { width, count };
        const output = run(shuffle, [unshuffle(whole, layout)], shuffleParams(layout));
        expect(Buffer.compare(output, whole)).toBe(0);
      }),
    );
  });

  test.each([
    [Uint8Array.of(0, 1)],
    [Uint8Array.of(1, 0)],
    [Uint8Array.of(17, 1)],
    [Uint8Array.of(2, 1)],
    [Uint8Array.of(1, 1, 1)],
  ])("refuses the parameters %j", (params) => {
    expect(() => run(shuffle, [new Uint8Array(3)], params)).toThrow();
  });
});
