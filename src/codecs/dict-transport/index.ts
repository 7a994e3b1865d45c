import { readFile } from "node:fs/promises";
import { Type } from "@sinclair/typebox";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest } from "../codec";
import { type Asset, css, html, js } from "./assets";
import { assetSegments, deltaSegment } from "./plan";

export const dictTransport: Codec = {
  name: "dict-transport",
  version: 1,
  title: "Web assets",
  summary: "JavaScript, CSS and HTML files; bit-exact.",
  formats: [js, css, html],
  formatParam: "type",
  params: Type.Object({}),
  deltas: true,
  plan,
};

async function* plan(source: Source, { format, level, base }: CodecRequest) {
  const asset = format as Asset;
  const older = base && { bytes: new Uint8Array(await readFile(base.path)), archiveBytes: base.archiveBytes };
  const delta = older && (await deltaSegment(source, older, asset, level));
  if (delta) yield delta;
  else yield* assetSegments(source, asset, level);
}
