import { describe, expect, test } from "bun:test";
import { Refusal } from "../errors";
import { BLOCK_BYTES } from "../graph/plan";
import { type Codec, PROBE_BYTES } from "./codec";
import { codecByName, codecs, describe as describeCodec, parameterNames, parseParams } from "./registry";
import { insideGzip, textOf } from "./sniff";
import { bytesOf, joinBytes, noise, probeOf, render } from "./testing";

const codec = (name: string): Codec => codecByName(name)!;

function refusal(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("parameters", () => {
  test("have the defaults of the reference", () => {
    const defaults = (name: string) => parseParams(codec(name), {}).params;
    expect(defaults("model-weights")).toEqual({ drop_bits: 1 });
    expect(defaults("geospatial")).toEqual({ precision: 6, simplify: 0 });
    expect(defaults("fits")).toEqual({ tile_size: 256 });
    expect(defaults("audio")).toEqual({ quality: "medium" });
    for (const name of ["dicom", "dna", "db-dumps", "log-files", "text-pdf", "dict-transport", "email"]) {
      expect(defaults(name)).toEqual({});
    }
    for (const each of codecs)
      expect(parseParams(each, {})).toMatchObject({ level: "balanced", format: undefined });
  });

  test("are read as what they are", () => {
    const query = { precision: "5", simplify: "1e-4", format: "geojson", level: "max" };
    expect(parseParams(codec("geospatial"), query)).toEqual({
      format: "geojson",
      level: "max",
      params: { precision: 5, simplify: 1e-4 },
    });
    expect(parseParams(codec("geospatial"), { precision: "full" }).params.precision).toBe("full");
    expect(parseParams(codec("dict-transport"), { type: "css" }).format).toBe("css");
    expect(parseParams(codec("dict-transport"), { type: "css", format: "css" }).format).toBe("css");
  });

  test.each(["2abc", "", " 2", "1e1", "NaN", "Infinity", "2.0", "0x2", "5", "-1", "٢", "+2", "2\n"])(
    "refuse %j for an integer from 0 to 4, naming the range",
    (value) => {
      const { code, status, message } = refusal(() => parseParams(codec("model-weights"), { drop_bits: value }));
      expect([code, status]).toEqual(["bad_parameter", 400]);
      expect(message).toBe("`drop_bits` must be an integer from 0 to 4.");
    },
  );

  test.each([
    ["geospatial", "precision", "16", "an integer from 0 to 15 or full"],
    ["geospatial", "precision", "Full", "an integer from 0 to 15 or full"],
    ["geospatial", "simplify", "-0.5", "a number of at least 0"],
    ["geospatial", "simplify", "1e999", "a number of at least 0"],
    ["geospatial", "simplify", "", "a number of at least 0"],
    ["fits", "tile_size", "63", "an integer from 64 to 1024"],
    ["log-files", "level", "best", "one of fast, balanced, max"],
    ["audio", "quality", "best", "one of lossless, high, medium, low"],
  ])("of %s: %s=%j is refused with its range", (name, key, value, range) => {
    const { code, message } = refusal(() => parseParams(codec(name), { [key]: value }));
    expect(code).toBe("bad_parameter");
    expect(message).toContain(`\`${key}\` must be ${range}`);
  });

  test("that nobody knows are named, with those that are known", () => {
    const { code, message, details } = refusal(() => parseParams(codec("audio"), { qualty: "high" }));
    expect(code).toBe("unknown_parameter");
    expect(message).toContain("qualty");
    expect(details).toEqual({ known: ["format", "level", "quality"] });
    for (const trick of ["__proto__", "constructor", "toString"]) {
      const query = JSON.parse(`{"${trick}": "1"}`);
      expect(refusal(() => parseParams(codec("dna"), query)).code).toBe("unknown_parameter");
    }
  });

  test("that another format has are refused, not overlooked", () => {
    const { code, message, details } = refusal(() =>
      parseParams(codec("geospatial"), { format: "geotiff", precision: "3" }),
    );
    expect(code).toBe("bad_parameter");
    expect(message).toBe("`precision` is for geojson; this is GeoTIFF (geotiff).");
    expect(details).toEqual({ parameter: "precision", formats: ["geojson"] });
    expect(parseParams(codec("geospatial"), { format: "geojson", precision: "3" }).params.precision).toBe(3);
  });

  test("refuse formats that the codec does not have, and two that contradict", () => {
    const unknown = refusal(() => parseParams(codec("dna"), { format: "bed" }));
    expect([unknown.code, unknown.details]).toEqual(["unknown_format", { known: ["fastq", "bam", "vcf"] }]);
    expect(refusal(() => parseParams(codec("dict-transport"), { type: "java" })).code).toBe("unknown_format");
    const both = refusal(() => parseParams(codec("dict-transport"), { type: "css", format: "js" }));
    expect(both.code).toBe("bad_parameter");
  });

  test("are all described", () => {
    for (const each of codecs) {
      const { params, formats, defaultFormat } = describeCodec(each);
      expect(Object.keys(params.properties).sort()).toEqual(parameterNames(each).sort());
      expect(formats.map(({ name }) => name)).toContain(defaultFormat);
      for (const schema of Object.values(params.properties)) expect(schema.description).toBeString();
      // What goes over the wire is plain JSON.
      expect(JSON.parse(JSON.stringify(params))).toMatchObject({ type: "object", additionalProperties: false });
    }
  });
});

describe("text", () => {
  test("is told from binary data", async () => {
    const binaries = [
      noise(PROBE_BYTES),
      new Uint8Array(100),
      joinBytes(bytesOf("text "), new Uint8Array(1)),
      noise(40),
    ];
    for (const bytes of binaries) expect(textOf(await probeOf(bytes))).toBeUndefined();
    const tail = joinBytes(bytesOf("text\n".repeat(PROBE_BYTES)), noise(PROBE_BYTES));
    expect(textOf(await probeOf(tail))).toBeUndefined();
    for (const text of ["ID3,name\n", "CRAMER, J.\n", "GIF8 is no image\n", "Grüße, Ελλάδα, 日本\n", "плохо"]) {
      expect(textOf(await probeOf(new TextEncoder().encode(text)))?.encoding).toBe("utf-8");
    }
    const cut = new TextEncoder().encode("日本".repeat(PROBE_BYTES));
    expect(textOf(await probeOf(cut.subarray(1)))).toBeDefined();
  });

  test("of 16 bits is read with and without a mark", async () => {
    const little = Buffer.from("some lines\nof text\n", "utf16le");
    expect(textOf(await probeOf(new Uint8Array(little)))?.lines).toEqual(["some lines", "of text"]);
    const big = Buffer.from("\ufeffsome lines\nof text\n", "utf16le").swap16();
    const text = textOf(await probeOf(new Uint8Array(big)));
    expect([text?.encoding, text?.head]).toEqual(["utf-16be", "some lines\nof text\n"]);
  });

  test("keeps a last line only when the probe did not cut it", async () => {
    expect(textOf(await probeOf("a\r\nb"))?.lines).toEqual(["a", "b"]);
    const long = textOf(await probeOf("line\n".repeat(PROBE_BYTES)));
    expect(new Set(long?.lines)).toEqual(new Set(["line"]));
  });
});

describe("a gzip stream", () => {
  test("is looked into, but no further than a probe", async () => {
    const inside = insideGzip(await probeOf(Bun.gzipSync(new Uint8Array(40 << 20))));
    expect(inside?.head.length).toBe(PROBE_BYTES);
  });

  test("that is damaged shows what came before the damage", async () => {
    const gzip = Bun.gzipSync(
      Buffer.from("@read\nACGT\n+\nIIII\n".repeat(2000) + Buffer.from(noise(4000)).toString("hex")),
    );
    const head = insideGzip(await probeOf(gzip.subarray(0, gzip.length / 2)))?.head ?? new Uint8Array();
    expect(Buffer.from(head).toString().startsWith("@read\nACGT\n")).toBe(true);
    for (const flags of [0, 4, 8, 16, 2, 31, 255]) {
      const header = Uint8Array.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255, 255, 255]);
      expect(insideGzip(await probeOf(header))).toBeUndefined();
    }
  });
});

describe("sniffers", () => {
  const heads = [
    "\n".repeat(PROBE_BYTES),
    " ".repeat(PROBE_BYTES),
    "<!---->".repeat(9000),
    "/*".repeat(PROBE_BYTES / 2),
    "7".repeat(PROBE_BYTES),
    "#\n".repeat(PROBE_BYTES / 2),
    '"'.repeat(PROBE_BYTES),
    `{"${"ts".repeat(30_000)}`,
    "copy a b\n".repeat(7000),
    `select ${" ".repeat(60_000)}`,
    `function${" ".repeat(60_000)}`,
    "{a:".repeat(20_000),
    `.a{${"a:b;".repeat(15_000)}`,
    `{${"a:".repeat(30_000)}`,
    "create or replace ".repeat(3500),
    "/\n".repeat(PROBE_BYTES / 2),
    "-- File created - \n".repeat(3000),
    "##x\n".repeat(PROBE_BYTES / 4),
    "From \n".repeat(10_000),
    `${"x".repeat(30_000)}\t${"1".repeat(30_000)}`,
    `startxref${" ".repeat(60_000)}`,
    "PK\x03\x04".repeat(PROBE_BYTES / 4),
    "~".repeat(PROBE_BYTES),
    "{".repeat(PROBE_BYTES),
    '{"type":'.repeat(8000),
  ];

  // A pattern that backtracks without bound does not come to an end here.
  test.each(heads.map((head) => [head.slice(0, 12), head]))("come to an end on text like %j", async (_, head) => {
    const probed = await probeOf(head);
    for (const each of codecs) for (const format of each.formats) format.sniff(probed);
  });
});

describe("plans of large files", () => {
  const lengthsOf = async (name: string, format: string, content: Uint8Array) => {
    const { segments, bytes } = await render(codec(name), content, { format });
    expect(Buffer.compare(bytes, content)).toBe(0);
    return segments.map(({ length }) => length);
  };

  test("of text are cut behind line ends", async () => {
    const content = bytesOf("a line of text, and more of it\n".repeat(600_000));
    const lengths = await lengthsOf("log-files", "log", content);
    expect(lengths.length).toBe(3);
    for (const length of lengths) expect(length % 31).toBe(0);
  });

  test("of one endless line are cut all the same", async () => {
    const lengths = await lengthsOf("log-files", "log", new Uint8Array(BLOCK_BYTES + 10).fill(0x41));
    expect(lengths).toEqual([BLOCK_BYTES, 10]);
  });

  test("of points are cut between points", async () => {
    const header = new Uint8Array(227);
    header.set(bytesOf("LASF"));
    new DataView(header.buffer).setUint32(96, 227, true);
    new DataView(header.buffer).setUint16(105, 34, true);
    const [head, first] = await lengthsOf("geospatial", "lidar", joinBytes(header, noise(300_000 * 34)));
    expect(head).toBe(227);
    expect(first! % 34).toBe(0);
    expect(first).toBeGreaterThan(BLOCK_BYTES - 34);
  });
});
