import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { samples } from "../../src/codecs/samples";
import { jsonRequest } from "../support/client";
import { multipart, noise } from "../support/content";
import { Appliance } from "../support/in-process";
import { until } from "../support/until";

const LOG = Array.from({ length: 200 }, (_, n) => `Mar  8 12:00:00 host sshd[${n}]: session opened\n`).join("");
const LIMIT = 1 << 20;

let appliance: Appliance;
let serial = 0;
/** Content that was not stored before. */
const fresh = () => `${LOG}Mar  8 12:00:01 host test[1]: number ${serial++}\n`;

beforeAll(async () => {
  appliance = await Appliance.start({ limits: { uploadBytes: LIMIT, stalledMs: 1_500 } });
});
afterAll(() => appliance.close());

describe("a stored upload", () => {
  test("answers 201 with every field", async () => {
    const content = fresh();
    const { status, headers, body } = await appliance.upload(
      "/api/log-files/upload?level=fast",
      content,
      "app.log",
    );
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/files/${body.uploadId}`);
    expect(body).toEqual({
      uploadId: expect.stringMatching(/^[0-9a-f]{8,}$/),
      originalFilename: "app.log",
      originalBytes: content.length,
      compressedBytes: expect.any(Number),
      ratio: Number((body.compressedBytes / content.length).toFixed(4)),
      savings: `${(100 - (100 * body.compressedBytes) / content.length).toFixed(1)}%`,
      codec: "log-files",
      format: expect.any(String),
      level: "fast",
      params: {},
      lossless: true,
      verified: true,
      sha256: new Bun.CryptoHasher("sha256").update(content).digest("hex"),
      contentBytes: content.length,
      contentSha256: body.sha256,
      mediaType: expect.any(String),
      report: expect.any(Object),
      compressionTimeMs: expect.any(Number),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      accessedAt: null,
    });
  });

  test.each([
    ["?filename=raw.log", {}, "raw.log"],
    ["", { "content-disposition": 'attachment; filename="named.log"' }, "named.log"],
    ["?filename=wins.log", { "content-disposition": "attachment; filename=loses.log" }, "wins.log"],
    ["?filename=..%2F..%2Fetc%2Fpasswd", {}, "passwd"],
    ["", { "content-type": "application/octet-stream" }, "unnamed"],
    ["?filename=x.log", { "content-type": "text/plain" }, "x.log"],
    ["?filename=x.log", { "content-type": "application/x-www-form-urlencoded" }, "x.log"],
  ])("may come as a raw body: %p %p", async (query, headers, name) => {
    for (const method of ["PUT", "POST"]) {
      const body = new TextEncoder().encode(fresh());
      const type = { "content-type": "application/octet-stream" };
      const init = { method, body, headers: { ...type, ...headers } as Record<string, string> };
      const answer = await appliance.json(`/api/log-files/upload${query}`, init);
      expect(answer.status).toBe(201);
      expect(answer.body.originalFilename).toBe(name);
    }
  });

  test("that did not get smaller saves nothing, and no less than that", async () => {
    const { body } = await appliance.upload("/api/general/upload", noise(1_000_000, 3), "noise.bin");
    expect([body.savings, body.ratio > 1]).toEqual(["0.0%", true]);
  });

  test("may come without a declared length", async () => {
    const pieces = [LOG, fresh()];
    const body = new ReadableStream({
      pull: (controller) => (pieces.length > 0 ? controller.enqueue(pieces.shift()!) : controller.close()),
    });
    const headers = { "content-type": "application/octet-stream" };
    const answer = await appliance.json("/api/log-files/upload", { method: "PUT", body, headers });
    expect(answer.status).toBe(201);
  });

  test("with codec `auto` gets the codec that its content shows", async () => {
    const sample = samples.find(({ codec, format }) => codec === "dna" && format === "vcf")!;
    const { status, body } = await appliance.upload("/api/auto/upload", sample.bytes, sample.name);
    expect([status, body.codec, body.format]).toEqual([201, "dna", "vcf"]);
  });

  test("finds the file part between other small fields", async () => {
    const body = multipart(
      "b",
      { head: 'Content-Disposition: form-data; name="note"', content: "before" },
      { head: 'Content-Disposition: form-data; name="file"; filename="a.log"', content: fresh() },
      { head: 'Content-Disposition: form-data; name="more"', content: "after" },
    );
    expect((await send(body, "multipart/form-data; boundary=b")).status).toBe(201);
  });

  test.each([
    ["plain.log", "plain.log"],
    ["../../etc/passwd", "passwd"],
    ["C:\\logs\\a.log", "a.log"],
    ["..", "unnamed"],
    ["検査 🧬.log", "検査 🧬.log"],
    ["Ro\u0308ntgen.log", "Ro\u0308ntgen.log"],
    ["with %22quotes%22.log", 'with "quotes".log'],
    ["bi\u202edi.log", "bidi.log"],
    [`${"x".repeat(400)}.log`, `${"x".repeat(251)}.log`],
  ])("named %p is stored as %p", async (sent, stored) => {
    const head = `Content-Disposition: form-data; name="file"; filename="${sent.replaceAll("\\", "\\\\")}"`;
    const { status, body } = await send(
      multipart("b", { head, content: fresh() }),
      "multipart/form-data; boundary=b",
    );
    expect([status, body.originalFilename]).toEqual([201, stored]);
  });

  test("takes an RFC 5987 name", async () => {
    const head = 'Content-Disposition: form-data; name="file"; filename="x"; filename*=UTF-8\'\'R%C3%B6.log';
    const { body } = await send(multipart("b", { head, content: fresh() }), "multipart/form-data; boundary=b");
    expect(body.originalFilename).toBe("Rö.log");
  });
});

describe("a refused upload", () => {
  const file = 'Content-Disposition: form-data; name="file"; filename="a.log"';
  const form = "multipart/form-data; boundary=b";
  const part = (head: string, content = LOG) => ({ head, content });

  test.each([
    ["no file part", form, multipart("b", part('Content-Disposition: form-data; name="x"', "1")), 400, "no_file"],
    ["no part at all", form, multipart("b"), 400, "no_file"],
    ["a file part by another name", form, multipart("b", part(file.replace("file", "doc"))), 400, "no_file"],
    ["a file as text", form, multipart("b", part('Content-Disposition: form-data; name="file"')), 400, "no_file"],
    ["an empty file", form, multipart("b", part(file, "")), 400, "empty_file"],
    ["two files", form, multipart("b", part(file), part(file)), 400, "several_files"],
    [
      "a parameter as a field",
      form,
      multipart("b", part('Content-Disposition: form-data; name="level"', "max"), part(file)),
      400,
      "bad_request",
    ],
    ["a truncated body", form, multipart("b", part(file)).subarray(0, -40), 400, "bad_multipart"],
    ["a body cut in a part's head", form, multipart("b", part(file)).subarray(0, 20), 400, "bad_multipart"],
    ["another boundary", "multipart/form-data; boundary=c", multipart("b", part(file)), 400, "bad_multipart"],
    ["no boundary", "multipart/form-data", multipart("b", part(file)), 400, "bad_multipart"],
    ["an empty boundary", 'multipart/form-data; boundary=""', multipart("b", part(file)), 400, "bad_multipart"],
    [
      "an endless boundary",
      `multipart/form-data; boundary=${"b".repeat(71)}`,
      multipart("b", part(file)),
      400,
      "bad_multipart",
    ],
    ["an empty form", form, Buffer.alloc(0), 400, "bad_multipart"],
    [
      "a part with a head of 20 kB",
      form,
      multipart("b", part(`${file}\r\nX: ${"y".repeat(20_000)}`)),
      400,
      "bad_multipart",
    ],
    ["a part with a broken head", form, multipart("b", part("no colon here")), 400, "bad_multipart"],
    [
      "100 fields",
      form,
      multipart(
        "b",
        ...Array.from({ length: 100 }, (_, n) => part(`Content-Disposition: form-data; name="f${n}"`, "1")),
        part(file),
      ),
      400,
      "bad_multipart",
    ],
    ["an empty body", "application/octet-stream", Buffer.alloc(0), 400, "empty_file"],
    ["JSON", "application/json", Buffer.from("{}"), 415, "unsupported_media_type"],
    ["a web form", "application/x-www-form-urlencoded", Buffer.from("file=a"), 415, "unsupported_media_type"],
    [
      "another multipart type",
      "multipart/mixed; boundary=b",
      multipart("b", part(file)),
      415,
      "unsupported_media_type",
    ],
    ["a file over the limit", form, multipart("b", part(file, "x".repeat(LIMIT + 1))), 413, "too_large"],
    ["a raw body over the limit", "application/octet-stream", Buffer.alloc(LIMIT + 1, "x"), 413, "too_large"],
  ] as const)("%s", async (_what, type, body, status, code) => {
    const answer = await send(body as Buffer, type);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.error).toMatch(/\.$/);
    expect(appliance.spooled()).toEqual([]);
  });

  test("for an encoding of the transfer: 415", async () => {
    const headers = { "content-encoding": "gzip", "content-type": "application/octet-stream" };
    const init = { method: "PUT", headers, body: Bun.gzipSync(Buffer.from(LOG)) };
    expect((await appliance.json("/api/log-files/upload?filename=a.log", init)).status).toBe(415);
  });

  test("over the limit without a declared length: 413", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if ((sent += 1 << 16) > 2 * LIMIT) controller.close();
        else controller.enqueue(new Uint8Array(1 << 16).fill(65));
      },
    });
    const headers = { "content-type": "application/octet-stream" };
    const answer = await appliance.json("/api/log-files/upload", { method: "PUT", body, headers });
    expect([answer.status, answer.body.code]).toEqual([413, "too_large"]);
    expect(appliance.spooled()).toEqual([]);
  });

  test.each([
    ["/api/nonsense/upload", 404, "unknown_codec"],
    ["/api/log-files/upload?lvel=max", 400, "unknown_parameter"],
    ["/api/log-files/upload?level=huge", 400, "bad_parameter"],
    ["/api/log-files/upload?level=max&level=fast", 400, "bad_parameter"],
    ["/api/fits/upload?tile_size=32", 400, "bad_parameter"],
    ["/api/dna/upload?format=cram9", 400, "unknown_format"],
    ["/api/dicom/upload", 400, "not_dicom"],
    ["/api/auto/upload?drop_bits=2", 400, "unknown_parameter"],
  ])("%s: %p %p", async (path, status, code) => {
    const answer = await appliance.upload(path, LOG, "a.log");
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("unknown codecs, parameters and formats come with those that are known", async () => {
    const codec = await appliance.upload("/api/nonsense/upload", LOG, "a.log");
    expect(codec.body.details.known).toContain("model-weights");
    const parameter = await appliance.upload("/api/log-files/upload?lvel=max", LOG, "a.log");
    expect(parameter.body.details.known).toContain("level");
    expect(parameter.body.error).toContain("lvel");
  });

  test("whose content is another format than `?format=` says: 400 naming both", async () => {
    const vcf = samples.find(({ codec, format }) => codec === "dna" && format === "vcf")!;
    const { status, body } = await appliance.upload("/api/dna/upload?format=bam", vcf.bytes, "a.bam");
    expect([status, body.code]).toEqual([400, "format_mismatch"]);
    expect(body.error).toMatch(/vcf/);
    expect(body.error).toMatch(/bam/);
  });

  test("that is stored already: 409 with its id", async () => {
    const content = fresh();
    const first = await appliance.upload("/api/log-files/upload", content, "a.log");
    const again = await appliance.upload("/api/log-files/upload", content, "b.log");
    expect(again.status).toBe(409);
    expect(again.body).toEqual({
      error: expect.any(String),
      code: "duplicate",
      uploadId: first.body.uploadId,
    });
    await appliance.fetch(`/api/files/${first.body.uploadId}`, { method: "DELETE" });
    expect((await appliance.upload("/api/log-files/upload", content, "c.log")).status).toBe(201);
  });

  test("racing with its twin: one 201, one 409", async () => {
    const content = fresh();
    const both = [1, 2].map(() => appliance.upload("/api/log-files/upload", content, "a.log"));
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });
});

describe("a broken upload", () => {
  const begin = (head: string) => {
    const socket = connect(Number(new URL(appliance.url).port), "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.write(`PUT /api/log-files/upload HTTP/1.1\r\nHost: x\r\nx-api-key: ${appliance.key}\r\n${head}\r\n\r\n`);
    return socket;
  };

  test.each([
    ["raw", "Content-Length: 100000"],
    ["as a form", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000"],
    ["without a declared length", "Transfer-Encoding: chunked"],
  ])("%s leaves nothing", async (_how, head) => {
    const socket = begin(head);
    const piece = `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${LOG}`;
    socket.write(head.includes("chunked") ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece);
    await until(() => appliance.spooled().length === 1, "the spool file");
    const before = (await appliance.json("/api/files")).body.usage.totalFiles;
    socket.destroy();
    await until(() => appliance.spooled().length === 0, "an empty spool");
    expect((await appliance.json("/api/files")).body.usage.totalFiles).toBe(before);
  });

  test("that stalls is cut off and leaves nothing", async () => {
    const socket = begin("Content-Length: 100000");
    socket.write(LOG);
    await until(() => appliance.spooled().length === 1, "the spool file");
    await new Promise((resolve) => socket.once("close", resolve));
    await until(() => appliance.spooled().length === 0, "an empty spool");
  });

  test("that is only slow goes through", async () => {
    const content = Buffer.from(fresh());
    const socket = begin(`Content-Length: ${content.length}\r\nConnection: close`);
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const step = Math.ceil(content.length / 5);
    for (let at = 0; at < content.length; at += step) {
      socket.write(content.subarray(at, at + step));
      await Bun.sleep(500);
    }
    await closed;
    expect(answer).toStartWith("HTTP/1.1 201");
  });
});

describe("an upload in the background", () => {
  const later = (content: string) => {
    const headers = { prefer: "respond-async", "content-type": "application/octet-stream" };
    return appliance.json("/api/log-files/upload?filename=a.log", { method: "PUT", body: content, headers });
  };
  const settled = async (location: string) => {
    let job = await appliance.json(location);
    await until(async () => (job = await appliance.json(location)).body.state !== "running", "the job's end");
    return job.body;
  };

  test("answers 202 at once and gives the 201's body in the end", async () => {
    const { status, headers, body } = await later(fresh());
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/api/uploads/${body.id}`);
    expect(headers.get("preference-applied")).toBe("respond-async");
    const job = await settled(headers.get("location")!);
    expect(job).toMatchObject({ state: "done", progress: 1, status: 201, result: { originalFilename: "a.log" } });
    const file = await appliance.json(`/api/files/${job.result.uploadId}`);
    expect(file.body).toEqual(job.result);
  });

  test("tells its failure as the call would have", async () => {
    const content = fresh();
    await settled((await later(content)).headers.get("location")!);
    const job = await settled((await later(content)).headers.get("location")!);
    expect(job).toMatchObject({ state: "failed", status: 409, error: { code: "duplicate" } });
    expect(job.error.uploadId).toMatch(/^[0-9a-f]{8}/);
  });

  test("that nobody asked for is not found", async () => {
    expect((await appliance.json("/api/uploads/0123456789abcdef")).status).toBe(404);
  });
});

test("an upload costs a credit only when it succeeds", async () => {
  const other = await Appliance.start();
  try {
    const database = await other.database();
    await database.updateSpace("default", { credits: 1 });
    expect((await other.upload("/api/dicom/upload", LOG, "a.dcm")).status).toBe(400);
    expect((await other.upload("/api/log-files/upload", LOG, "a.log")).status).toBe(201);
    const refused = await other.upload("/api/log-files/upload", fresh(), "b.log");
    expect([refused.status, refused.body.code]).toEqual([402, "no_credits"]);
    await database.updateSpace("default", { credits: null, quotaBytes: 1 });
    const full = await other.upload("/api/log-files/upload", fresh(), "b.log");
    expect([full.status, full.body.code]).toEqual([507, "quota_exceeded"]);
    await database.close();
  } finally {
    await other.close();
  }
});

test("an upload without storage is a 503 before its body is read", async () => {
  const set = await appliance.json("/api/settings/storage", jsonRequest("PUT", { kind: "none" }));
  expect(set.status).toBe(409);
  const other = await Appliance.start({}, { SMALLEST_STORAGE: "none" });
  try {
    const { status, body } = await other.upload("/api/log-files/upload", LOG, "a.log");
    expect([status, body.code]).toEqual([503, "storage_not_configured"]);
    const ready = await other.json("/api/ready");
    expect([ready.status, ready.body.ready]).toEqual([503, false]);
  } finally {
    await other.close();
  }
});

async function send(body: Buffer, type: string) {
  const init = { method: "POST", body: new Uint8Array(body), headers: { "content-type": type } };
  return appliance.json("/api/log-files/upload", init);
}
