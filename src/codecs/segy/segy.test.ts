import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { numberFormat } from "../../graph/transforms/number-format";
import { through } from "../preparing.fixture";
import { segy } from "./index";
import { makeSegy, type TestSurvey, WIDTHS, wave } from "./making.fixture";

// Properties run files through hundreds of times; busy machines need longer than usual.
setDefaultTimeout(60_000);

const QUALITIES = { archive: [60, 54], balanced: [40, 34], streaming: [28, 22] } as const;
type Quality = keyof typeof QUALITIES;

const run = (bytes: Uint8Array, quality: string) => through(segy, bytes, { format: "segy", params: { quality } });

/** Samples of every trace, read as plainly as can be. */
function samplesOf(bytes: Uint8Array, survey: TestSurvey): number[][] {
  const { code, littleEndian = false, extendedTexts = 0 } = survey;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 3600 + 3200 * extendedTexts;
  return survey.traces.map((trace) => {
    at += 240;
    const values = trace.map((_, i) => plainNumber(view, at + i * WIDTHS[code]!, code, littleEndian));
    at += trace.length * WIDTHS[code]!;
    return values;
  });
}

function plainNumber(view: DataView, at: number, code: number, little: boolean): number {
  if (code === 5) return view.getFloat32(at, little);
  if (code === 6) return view.getFloat64(at, little);
  if (code !== 1) return numberFormat(code)!.read(view, at, little);
  const word = view.getUint32(at, little);
  return (word >>> 31 ? -1 : 1) * (word & 0xffffff) * 2 ** -24 * 16 ** (((word >>> 24) & 127) - 64);
}

/** All bytes but the samples. */
function headersOf(bytes: Uint8Array, survey: TestSurvey): Buffer {
  const pieces: Uint8Array[] = [];
  let at = 0;
  let end = 3600 + 3200 * (survey.extendedTexts ?? 0);
  for (const trace of survey.traces) {
    pieces.push(bytes.subarray(at, end + 240));
    at = end + 240 + trace.length * WIDTHS[survey.code]!;
    end = at;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}

function decibels(before: number[], after: number[]): number {
  const signal = before.reduce((sum, value) => sum + value * value, 0);
  const error = before.reduce((sum, value, i) => sum + (value - after[i]!) ** 2, 0);
  return error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
}

async function keepsItsPromise(survey: TestSurvey, quality: Quality) {
  const bytes = makeSegy(survey);
  const { content, prepared } = await run(bytes, quality);
  const [file, trace] = QUALITIES[quality];
  expect(content.length).toBe(bytes.length);
  expect(headersOf(content, survey).equals(headersOf(bytes, survey))).toBe(true);
  const before = samplesOf(bytes, survey);
  const after = samplesOf(content, survey);
  expect(decibels(before.flat(), after.flat())).toBeGreaterThanOrEqual(file);
  for (const [i, values] of before.entries()) expect(decibels(values, after[i]!)).toBeGreaterThanOrEqual(trace);
  return { bytes, content, prepared, before, after };
}

const FORMATS = [1, 2, 3, 5, 6, 7, 8, 10, 11, 15, 16];

function survey(code: number, more: Partial<TestSurvey> = {}): TestSurvey {
  const range = numberFormat(code)?.integer;
  const middle = range?.min === 0 ? range.max / 2 : 0;
  const amplitude = range ? 0.9 * (range.max - middle) : 1234.5;
  const traces = Array.from({ length: 12 }, (_, i) =>
    wave(80, amplitude / (i + 1), i).map((value) => value + middle),
  );
  return { code, traces, ...more };
}

describe.each(Object.keys(QUALITIES) as Quality[])("%s", (quality) => {
  test.each(FORMATS)("keeps its promise in format %d, both byte orders", async (code) => {
    for (const littleEndian of [false, true]) {
      const { prepared } = await keepsItsPromise(survey(code, { littleEndian }), quality);
      if (quality === "streaming") expect(prepared.lossless).toBe(false);
    }
  });

  test("and in any survey", async () => {
    const sample = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: -200, max: 200 }),
      fc.constant(0),
    );
    const trace = fc.array(sample, { minLength: 1, maxLength: 40 });
    const lengths = fc.constantFrom<TestSurvey["lengths"]>("each");
    const any = fc.record({
      code: fc.constantFrom(...FORMATS),
      littleEndian: fc.boolean(),
      traces: fc.array(trace, { minLength: 1, maxLength: 8 }),
      lengths,
    });
    await fc.assert(
      fc.asyncProperty(any, (made) => keepsItsPromise(made, quality).then(() => {})),
      { numRuns: 80 },
    );
  });
});

test("lossless is bit-identical", async () => {
  for (const code of [...FORMATS, 4, 9, 12]) {
    const bytes = makeSegy(survey(code));
    const { content, prepared } = await run(bytes, "lossless");
    expect(prepared).toEqual({ lossless: true });
    expect(content).toEqual(bytes);
  }
});

describe("windows of a trace", () => {
  const FLOORS = { archive: 20, balanced: 6, streaming: 3 } as const;
  const WINDOW = 250;

  /** Traces of 1000 samples, each a strong wave and behind it ever weaker ones. */
  const fading = (strengths: readonly number[]) =>
    Array.from({ length: 6 }, (_, i) => strengths.flatMap((strength, part) => wave(WINDOW, strength, i + part)));

  test.each(Object.entries(FLOORS))("what is weak behind a strong wave survives at %s", async (quality, floor) => {
    for (const code of [1, 5, 3]) {
      const strengths = code === 3 ? [32000, 3000, 300, 40] : [1e6, 1e3, 10, 5];
      const made = { code, traces: fading(strengths) };
      const { before, after, prepared } = await keepsItsPromise(made, quality as Quality);
      const found = before.flatMap((values, i) =>
        strengths.map((_, part) => {
          const window = [part * WINDOW, (part + 1) * WINDOW] as const;
          return decibels(values.slice(...window), after[i]!.slice(...window));
        }),
      );
      expect(Math.min(...found)).toBeGreaterThanOrEqual(floor);
      expect(prepared.report!.window_samples).toBe(WINDOW);
      expect(Number(prepared.report!.worst_window_snr_db)).toBeCloseTo(Math.min(...found), 1);
    }
  });

  test("but rounding errors of earlier programs are silence", async () => {
    const made = { code: 5, traces: fading([1e6, 1e6, 1e6, 1e-3]) };
    const { after } = await keepsItsPromise(made, "archive");
    for (const values of after) expect(values.slice(3 * WINDOW).every((value) => value === 0)).toBe(true);
  });

  test("have steps of their own in the archive, bit for bit", async () => {
    const made = { code: 5, traces: fading([1e6, 1e3, 10, 5]) };
    const { content } = await run(makeSegy(made), "balanced");
    const again = await run(content, "lossless");
    expect(again.content).toEqual(content);
  });
});

test("the report states what the written file holds", async () => {
  const { prepared, before, after } = await keepsItsPromise(survey(5), "balanced");
  const report = prepared.report!;
  const worst = Math.min(...before.map((values, i) => decibels(values, after[i]!)));
  expect(Number(report.snr_db)).toBeCloseTo(decibels(before.flat(), after.flat()), 1);
  expect(Number(report.worst_trace_snr_db)).toBeCloseTo(worst, 1);
  expect(report).toMatchObject({ traces: 12, quantised_traces: 12 });
});

describe("what must not change", () => {
  test("samples that are coarser than the step already", async () => {
    const traces = Array.from({ length: 6 }, (_, i) => wave(60, 20, i).map((value) => 1000 * Math.round(value)));
    for (const code of [1, 3, 5]) {
      const bytes = makeSegy({ code, traces });
      expect((await run(bytes, "archive")).content).toEqual(bytes);
    }
  });

  test("dead traces, NaN and infinity", async () => {
    const traces = [new Array(40).fill(0), wave(40, 10, 1), wave(40, 10, 2)];
    traces[1]![3] = Number.NaN;
    traces[1]![4] = Number.NEGATIVE_INFINITY;
    for (const code of [5, 6]) {
      const bytes = makeSegy({ code, traces });
      const { content, prepared } = await run(bytes, "streaming");
      const width = WIDTHS[code]!;
      expect(prepared.lossless).toBe(false);
      expect(content.subarray(3600, 3840 + 40 * width)).toEqual(bytes.subarray(3600, 3840 + 40 * width));
      const odd = 3600 + 2 * 240 + 43 * width;
      expect(content.subarray(odd, odd + 2 * width)).toEqual(bytes.subarray(odd, odd + 2 * width));
    }
  });

  test("a last trace that is cut off", async () => {
    const made = survey(1, { lengths: "none" });
    const bytes = makeSegy(made).subarray(0, -77);
    const { content, prepared } = await run(bytes, "streaming");
    const cut = bytes.length - (240 + 320 - 77);
    expect(prepared.lossless).toBe(false);
    expect(content.subarray(cut)).toEqual(bytes.subarray(cut));
  });

  test("extended textual headers, told by number or ended by a stanza", async () => {
    const made = survey(5, { extendedTexts: 2 });
    await keepsItsPromise(made, "archive");
    const bytes = makeSegy(made);
    new DataView(bytes.buffer).setInt16(3504, -1);
    bytes.set(Buffer.from("((SEG: EndText))"), 6800);
    const { content, prepared } = await run(bytes, "archive");
    expect(prepared.report).toMatchObject({ traces: 12 });
    expect(headersOf(content, made).equals(headersOf(bytes, made))).toBe(true);
  });

  test("revision 2: byte order by its mark, trailers, long traces", async () => {
    const made = survey(5, { revision: 2, littleEndian: true });
    await keepsItsPromise(made, "archive");
    const bytes = Buffer.concat([makeSegy(made), Buffer.alloc(3200, 0x41)]);
    bytes.writeInt32LE(1, 3528);
    bytes.writeUInt16LE(0, 3220);
    bytes.writeUInt32LE(80, 3268);
    const { content, prepared } = await run(new Uint8Array(bytes), "archive");
    expect(prepared.report).toMatchObject({ traces: 12 });
    expect(Buffer.from(content.subarray(-3200))).toEqual(bytes.subarray(-3200));
  });

  test.each([4, 9, 12])("samples of format %d, which doubles do not hold", async (code) => {
    const bytes = makeSegy(survey(code));
    expect((await run(bytes, "streaming")).content).toEqual(bytes);
  });

  test("a file whose headers and length contradict each other", async () => {
    const bytes = makeSegy(survey(5, { lengths: "each" }));
    new DataView(bytes.buffer).setUint16(3220, 33);
    new DataView(bytes.buffer).setUint16(3600 + 114, 77);
    const { content, prepared } = await run(bytes, "streaming");
    expect(content).toEqual(bytes);
    expect(prepared.report).toHaveProperty("kept_exactly");
  });

  test("IEEE numbers that are said to be IBM ones, and the reverse", async () => {
    const traces = Array.from({ length: 20 }, (_, i) => wave(100, 10 ** (i / 4), i));
    for (const [code, said] of [
      [5, 1],
      [1, 5],
    ] as const) {
      const bytes = makeSegy({ code, traces });
      new DataView(bytes.buffer).setInt16(3224, said);
      const { content, prepared } = await run(bytes, "streaming");
      expect(content).toEqual(bytes);
      expect(prepared.report).toHaveProperty("kept_exactly");
    }
  });
});

test("unnormalised and negative-zero IBM words keep their values within the promise", async () => {
  const words = [0x42000100, 0x80000000, 0xc2001000, 0x46000001];
  const made = survey(1, { words });
  await keepsItsPromise(made, "archive");
  const bytes = makeSegy(made);
  expect((await run(bytes, "lossless")).content).toEqual(bytes);
});

test("mutated files go through: the same length, headers untouched where the file is read as one", async () => {
  const made = survey(5, { lengths: "each", traces: Array.from({ length: 4 }, (_, i) => wave(20, 5, i)) });
  const bytes = makeSegy(made);
  const place = fc.oneof(
    fc.integer({ min: 3200, max: 3599 }),
    fc.nat(bytes.length - 1),
    fc.constantFrom(3220, 3221, 3224, 3225, 3500, 3504, 3505, 3528, 3714, 3715),
  );
  const mutation = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(bytes.length), async (changes, cut) => {
      const mutated = new Uint8Array(bytes);
      for (const [at, value] of changes) mutated[at] = value;
      for (const input of [mutated, bytes.slice(0, cut)]) {
        const { content, prepared } = await run(input, "streaming");
        expect(content.length).toBe(input.length);
        expect(content.subarray(0, 3600)).toEqual(input.subarray(0, 3600));
        if (prepared.lossless) expect(content).toEqual(input);
      }
    }),
    { numRuns: 80 },
  );
});

describe("sniffing", () => {
  const sniff = (bytes: Uint8Array) =>
    segy.formats[0].sniff({ head: bytes, tail: bytes, size: bytes.length, name: "" });

  test("knows EBCDIC, ASCII and blank headers, both byte orders, revision 2", () => {
    const ascii = makeSegy(survey(1));
    ascii.fill(0x20, 0, 3200);
    const blank = makeSegy(survey(3));
    blank.fill(0, 0, 3200);
    for (const bytes of [
      ascii,
      blank,
      makeSegy(survey(5)),
      makeSegy(survey(3, { littleEndian: true, revision: 2 })),
    ]) {
      expect(sniff(bytes).confidence).toBeGreaterThan(0.9);
    }
  });

  test("refuses others with a reason", () => {
    const text = new Uint8Array(Buffer.from("no seismic data at all\n".repeat(1000)));
    expect(sniff(text)).toMatchObject({ confidence: 0, why: expect.stringContaining("3225-3226") });
    expect(sniff(new Uint8Array(100))).toMatchObject({ confidence: 0, why: expect.stringContaining("3600") });
    expect(sniff(new Uint8Array(10_000).fill(0xff))).toMatchObject({ confidence: 0 });
  });
});
