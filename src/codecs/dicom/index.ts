import { Type } from "@sinclair/typebox";
import { generalSegments, type Level, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest } from "../codec";
import { rasterSegments } from "../raster";
import { dcm } from "./dcm";
import { deflatedNode } from "./deflated";
import { frameSegments } from "./frames";
import { lossySegments } from "./lossy-frames";
import { type DataSet, findDataSet, findPixels, INFLATED } from "./pixels";

export const dicom: Codec = {
  name: "dicom",
  version: 1,
  title: "DICOM",
  summary: "Medical images, single-frame and multi-frame, in every transfer syntax; bit-exact.",
  formats: [dcm],
  params: Type.Object({}),
  plan: planDicom,
};

/** The data set is planned for itself where it is one deflate stream. */
async function* planDicom(source: Source, { level }: CodecRequest): AsyncGenerator<Segment> {
  const found = await findDataSet(source);
  if (found?.deflated) {
    const inner = (plain: Source) => dataSetSegments(plain, INFLATED, level);
    const root = await deflatedNode(source, found.start, inner);
    if (root) return yield { length: source.size, root };
  }
  if (!found || found.deflated) return yield* generalSegments(0, source.size);
  yield* dataSetSegments(source, found, level);
}

/** Elements before the samples, the samples, what follows. */
async function* dataSetSegments(source: Source, found: DataSet, level: Level): AsyncGenerator<Segment> {
  const pixels = await findPixels(source, found);
  if (!pixels) return yield* generalSegments(0, source.size);
  if ("lossyOffset" in pixels) {
    if (level === "fast") return yield* generalSegments(0, source.size);
    yield* generalSegments(0, pixels.lossyOffset);
    const behind = yield* lossySegments(source, pixels);
    return yield* generalSegments(behind, source.size - behind);
  }
  if ("coding" in pixels) {
    // Lossless JPEG is small already, and taking it apart is not fast.
    if (level === "fast" && pixels.coding !== "rle") return yield* generalSegments(0, source.size);
    yield* generalSegments(0, pixels.offset);
    const behind = yield* frameSegments(source, pixels);
    return yield* generalSegments(behind, source.size - behind);
  }
  const end = pixels.offset + pixels.length;
  yield* generalSegments(0, pixels.offset);
  yield* rasterSegments(source, pixels.offset, pixels.length, pixels.layout);
  yield* generalSegments(end, source.size - end);
}
