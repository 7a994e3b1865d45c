import { BLOCK_BYTES, general, type Level, type PlanBytes, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { base64Params } from "../../graph/transforms/base64";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { webDeltaParams } from "../../graph/transforms/web-delta";
import { deltaDictionary, encodeDelta, type WebAsset, webParams } from "../../kernels/models/web";
import { type Embedded, findEmbedded } from "./data-uris";

const MODELS: Record<Level, string> = { fast: "general", balanced: "web-light", max: "web" };

/** Assets of a megabyte may be sorted at level balanced: several times as fast, and they learn from themselves. */
const LARGE_BYTES = 1_000_000;
/** In minified code lines are longer, and names too short for contexts of words to help. */
const MINIFIED_LINE_BYTES = 200;

/** An asset in blocks, each as the text and, apart from it, what its data URIs hold. */
export async function* assetSegments(source: Source, asset: WebAsset, level: Level): AsyncGenerator<Segment> {
  for (let offset = 0; offset < source.size; offset += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, source.size - offset);
    const bytes = await source.read(offset, length);
    const embedded = findEmbedded(bytes);
    const root =
      embedded.length > 0
        ? withEmbedded(bytes, embedded, asset, level)
        : text({ offset, length }, asset, modelFor(bytes, asset, level));
    yield { length, root };
  }
}

/** Of what the asset is likely to take on its own. A delta that saves less is not worth depending on another file. */
const MAX_DELTA_SHARE = 0.8;

/** An asset as what it adds to an `older` version; undefined when that is much. */
export async function deltaSegment(
  source: Source,
  older: { readonly bytes: Uint8Array; readonly archiveBytes: number },
  asset: WebAsset,
  level: Level,
): Promise<Segment | undefined> {
  const content = await source.read(0, source.size);
  const base = older.bytes;
  const dictionary = deltaDictionary(asset, level === "max");
  const delta = encodeDelta(content, base, dictionary);
  if (delta.length * base.length > MAX_DELTA_SHARE * older.archiveBytes * content.length) return undefined;
  const root: PlanNode = {
    kind: "transform",
    transform: "web-delta",
    params: webDeltaParams(dictionary, content.length, base.length),
    inputs: [
      { kind: "part", data: base },
      { kind: "model", model: "store", data: delta },
    ],
  };
  return { length: content.length, root };
}

function modelFor(bytes: Uint8Array, asset: WebAsset, level: Level): string {
  return level === "balanced" && isBestSorted(bytes, asset) ? "bwt" : MODELS[level];
}

function isBestSorted(bytes: Uint8Array, asset: WebAsset): boolean {
  return bytes.length >= LARGE_BYTES && (asset === "css" || isMinified(bytes));
}

/** Whether the mean of the lines is long; looks at no more of them than it takes to know. */
function isMinified(bytes: Uint8Array): boolean {
  let lines = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (++lines * MINIFIED_LINE_BYTES >= bytes.length) return false;
  }
  return true;
}

function text(data: PlanBytes, asset: WebAsset, model: string): PlanNode {
  if (model === "general") return general(data);
  return { kind: "model", model, params: model === "bwt" ? undefined : webParams(asset), data };
}

function withEmbedded(bytes: Uint8Array, embedded: Embedded[], asset: WebAsset, level: Level): PlanNode {
  const runs: Run[] = [];
  const pieces: Uint8Array[] = [];
  let at = 0;
  const keepText = (end: number) => {
    if (end > at) {
      runs.push({ input: 0, length: end - at });
      pieces.push(bytes.subarray(at, end));
    }
    at = end;
  };
  for (const [i, { start, end }] of embedded.entries()) {
    keepText(start);
    runs.push({ input: i + 1, length: end - start });
    at = end;
  }
  keepText(bytes.length);
  const kept = new Uint8Array(Buffer.concat(pieces));
  const inputs = [text(kept, asset, modelFor(kept, asset, level)), ...embedded.map((one) => base64Of(one, level))];
  return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
}

function base64Of({ content, padded, mediaType }: Embedded, level: Level): PlanNode {
  const isMarkup = mediaType === "image/svg+xml" || mediaType === "text/html";
  return {
    kind: "transform",
    transform: "base64",
    params: base64Params({ lineLength: 0, lineEnd: "\n", lastLineEnds: false, padded }),
    inputs: [isMarkup ? text(content, "html", MODELS[level]) : general(content)],
  };
}
