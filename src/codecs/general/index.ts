import { Type } from "@sinclair/typebox";
import { blockBytes, generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Codec, type CodecRequest, yes } from "../codec";
import { hasMagic } from "../sniff";
import { unwrapSegments } from "../unwrap";

/** Any file at all, coded by the general model. */
export const general: Codec = {
  name: "general",
  version: 1,
  title: "Any file",
  summary: "Files of no other kind: compressed in blocks, given back byte for byte.",
  formats: [
    {
      name: "binary",
      title: "Any file",
      extensions: ["bin"],
      mediaType: "application/octet-stream",
      sniff: () => yes(0.1, "any bytes will do"),
    },
  ],
  params: Type.Object({}),
  plan: planAnything,
};

/** Zip (and with it OOXML, ODF, JAR), gzip, PNG, JPEG. */
const COMPRESSED_MAGICS = ["PK\x03\x04", "\x1f\x8b\x08", "\x89PNG", "\xff\xd8\xff"];

/** Only files that begin as a compressed one are searched for streams: those of others are seldom worth the time. */
export async function holdsStreams(source: Source): Promise<boolean> {
  const head = await source.read(0, 4);
  return COMPRESSED_MAGICS.some((magic) => hasMagic(head, magic));
}

async function* planAnything(source: Source, { level }: CodecRequest): AsyncGenerator<Segment> {
  if (await holdsStreams(source)) yield* unwrapSegments(source, { level });
  else yield* generalSegments(0, source.size, blockBytes(level));
}
