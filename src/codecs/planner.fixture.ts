/** A planner worker whose codecs misbehave, by name. */
import { Type } from "@sinclair/typebox";
import { Refusal } from "../errors";
import { general, MAX_SEGMENT_BYTES, type Segment } from "../graph/plan";
import type { Source } from "../graph/source";
import { type Codec, type CodecName, type Prepared, type Scratch, yes } from "./codec";
import { servePlans } from "./serve-plans";

/** The first 100 bytes as any good codec would plan them. */
const GOOD: Segment = { length: 100, root: general({ offset: 0, length: 100 }) };
const segment = (length: number): Segment => ({ length, root: general({ offset: 100, length }) });

const plans: Record<string, (source: Source) => AsyncIterable<Segment> | Iterable<Segment>> = {
  async *throws() {
    yield GOOD;
    throw new Error("a bug");
  },
  async *refuses() {
    yield GOOD;
    throw new Refusal("wrong_type", "This is no such file.");
  },
  *exits() {
    yield GOOD;
    process.exit(1);
  },
  *hangs() {
    yield GOOD;
    for (;;) {}
  },
  async *stalls() {
    yield GOOD;
    await new Promise(() => {});
  },
  *"stops early"() {
    yield GOOD;
  },
  *"goes too far"(source) {
    yield GOOD;
    yield segment(source.size);
  },
  *"plans nothing"() {
    yield GOOD;
    yield segment(0);
  },
  *"plans too much at once"() {
    yield GOOD;
    yield segment(MAX_SEGMENT_BYTES + 1);
  },
  *"plans halves of bytes"() {
    yield GOOD;
    yield segment(0.5);
  },
  *"plans what cannot be sent"() {
    yield GOOD;
    yield { length: 1, root: { kind: "model", model: "general", data: (() => {}) as never } };
  },
  *"shares one buffer"(source) {
    const buffer = new Uint8Array(source.size).fill(120);
    yield {
      length: source.size,
      root: {
        kind: "transform",
        transform: "concat",
        inputs: [general(buffer.subarray(0, 7)), general(buffer.subarray(7))],
      },
    };
  },
};

const prepares: Record<string, (source: Source, scratch: Scratch) => Promise<Prepared>> = {
  async "prepare throws"() {
    throw new Error("a bug");
  },
  async "prepare refuses"() {
    throw new Refusal("wrong_type", "This is no such file.");
  },
  async "prepare exits"() {
    process.exit(1);
  },
  async "prepare shortens"(_source, scratch) {
    const path = scratch.path();
    await Bun.write(path, "shorter");
    return { path, lossless: false, report: { removed: 293 } };
  },
};

servePlans(
  (name): Codec => ({
    name: name as CodecName,
    version: 1,
    title: name,
    summary: name,
    formats: [{ name: "any", title: "Any", extensions: ["any"], mediaType: "text/plain", sniff: () => yes(1) }],
    params: Type.Object({}),
    prepare: prepares[name] && ((source, _request, scratch) => prepares[name]!(source, scratch)),
    plan: plans[name] ?? ((source) => [{ length: source.size, root: general({ offset: 0, length: source.size }) }]),
  }),
);
