import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Refusal } from "../../src/errors";
import type { MediaEngines } from "../../src/server/services";
import { noise } from "../support/content";
import { Appliance } from "../support/in-process";
import { until } from "../support/until";

const INPUT = noise(5_000);
let appliance: Appliance;
/** What the next engine call does. */
let work: MediaEngines["compressVideo"];

beforeAll(async () => {
  const engines: MediaEngines = {
    compressImage: (...call) => work(...call),
    compressVideo: (...call) => work(...call),
  };
  appliance = await Appliance.start({ media: engines, limits: { mediaBytes: 10_000 } });
});
afterAll(() => appliance.close());

const halve: MediaEngines["compressVideo"] = async (input, output) => {
  const bytes = await Bun.file(input).bytes();
  await Bun.write(output, bytes.subarray(0, bytes.length / 2));
  return { bytes: Math.floor(bytes.length / 2) };
};

function form(field: string, content = INPUT, name = "clip.avi"): RequestInit {
  const body = new FormData();
  body.append(field, new File([content], name));
  return { method: "POST", body };
}

describe("POST /api/compress", () => {
  test.each([
    ["image", "photo.JPEG", "image/jpeg", "photo.jpg"],
    ["video", "clip.avi", "video/mp4", "clip.mp4"],
  ])("returns the %s itself, and keeps nothing", async (field, name, type, renamed) => {
    work = halve;
    const response = await appliance.fetch("/api/compress", form(field, INPUT, name));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": type,
      "content-length": "2500",
      "content-disposition": `attachment; filename="${renamed}"`,
      "x-original-bytes": "5000",
      "x-compressed-bytes": "2500",
    });
    expect(Buffer.compare(await response.bytes(), INPUT.subarray(0, 2500))).toBe(0);
    const [noted] = (await appliance.json("/api/audit?limit=1")).body.entries;
    expect(noted).toMatchObject({
      action: "media.compress",
      outcome: "ok",
      details: { kind: field, originalBytes: 5000, compressedBytes: 2500 },
    });
    await until(() => appliance.spooled().length === 0, "an empty spool");
  });

  test.each([
    ["no such field", form("file"), 400, "no_file"],
    ["an empty file", form("video", noise(0)), 400, "empty_file"],
    ["a file over the limit", form("video", noise(10_001)), 413, "too_large"],
    [
      "a raw body",
      { method: "POST", body: INPUT, headers: { "content-type": "image/jpeg" } },
      415,
      "unsupported_media_type",
    ],
  ] as const)("refuses %s", async (_what, init, status, code) => {
    const { status: got, body } = await appliance.json("/api/compress", init as RequestInit);
    expect([got, body.code]).toEqual([status, code]);
    expect(appliance.spooled()).toEqual([]);
  });

  test("refuses unknown parameters", async () => {
    expect((await appliance.json("/api/compress?quality=5", form("video"))).status).toBe(400);
  });

  test("says what the engine says, leaves nothing and costs nothing", async () => {
    const database = await appliance.database();
    await database.updateSpace("default", { credits: 1 });
    work = async (_input, output) => {
      await Bun.write(output, "half done");
      throw new Refusal("not_video", "There is no video in this file.");
    };
    const refused = await appliance.json("/api/compress", form("video"));
    expect([refused.status, refused.body.code]).toEqual([400, "not_video"]);
    expect(appliance.spooled()).toEqual([]);
    work = halve;
    expect((await appliance.fetch("/api/compress", form("video"))).status).toBe(200);
    const poor = await appliance.json("/api/compress", form("video"));
    expect([poor.status, poor.body.code]).toEqual([402, "no_credits"]);
    await database.updateSpace("default", { credits: null });
    await database.close();
  });

  test("stops the engine when the client goes away", async () => {
    let aborted = false;
    let started = false;
    work = (_input, _output, { signal }) =>
      new Promise((_, reject) => {
        started = true;
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(new Error("killed"));
        });
      });
    const abort = new AbortController();
    const call = appliance.fetch("/api/compress", { ...form("video"), signal: abort.signal }).catch(() => {});
    await until(() => started, "the engine");
    abort.abort();
    await call;
    await until(() => aborted && appliance.spooled().length === 0, "the end of the engine");
  });

  test("without an engine is 501", async () => {
    work = () => Promise.reject(new Refusal("engine_unavailable", "There is no engine here."));
    const { status, body } = await appliance.json("/api/compress", form("video"));
    expect([status, body.code]).toEqual([501, "engine_unavailable"]);
  });
});

describe("GET /api/events", () => {
  /** Events as they come, until `last`. */
  async function follow(signal: AbortSignal, last: (event: { state: string }) => boolean) {
    const response = await appliance.fetch("/api/events", { signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const seen: { id: string; state: string; progress: number; name: string }[] = [];
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      seen.splice(
        0,
        seen.length,
        ...[...text.matchAll(/^event: upload\ndata: (.*)\n\n/gm)].map((m) => JSON.parse(m[1]!)),
      );
      if (seen.some(last)) return seen;
    }
    throw new Error("the stream ended");
  }

  test("tells how uploads and media go, in one's own space", async () => {
    const abort = new AbortController();
    const settled = follow(abort.signal, ({ state }) => state === "done");
    await Bun.sleep(100);
    const content = "Mar  8 12:00:00 host a[1]: b\n".repeat(10);
    const { body } = await appliance.upload("/api/log-files/upload", content, "a.log");
    const events = await settled;
    expect(events[0]).toMatchObject({ state: "running", progress: 0, name: "a.log" });
    expect(events.at(-1)).toMatchObject({ state: "done", progress: 1, uploadId: body.uploadId });

    work = async (input, output, options) => {
      options.onProgress?.(0.5);
      return halve(input, output, options);
    };
    const media = follow(abort.signal, ({ state }) => state === "done");
    await Bun.sleep(100);
    const headers = { "x-request-id": "my-own-request" };
    await appliance.fetch("/api/compress", { ...form("video"), headers });
    expect((await media).map(({ id, progress }) => [id, progress])).toEqual([
      ["my-own-request", 0],
      ["my-own-request", 0.5],
      ["my-own-request", 1],
    ]);
    abort.abort();
  });

  test("ends when the server stops", async () => {
    const other = await Appliance.start();
    const response = await other.fetch("/api/events");
    const text = response.text();
    await other.stop(5_000);
    expect(await text).toContain(": welcome");
    await other.close();
  });
});
