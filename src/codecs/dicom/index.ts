import { Type } from "@sinclair/typebox";
import { generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest } from "../codec";
import { rasterSegments } from "../raster";
import { dcm } from "./dcm";
import { frameSegments } from "./frames";
import { lossySegments } from "./lossy-frames";
import { findPixels } from "./pixels";

export const dicom: Codec = {
  name: "dicom",
  version: 1,
  title: "DICOM",
  summary: "Medical images, single-frame and multi-frame, in every transfer syntax; bit-exact.",
  formats: [dcm],
  params: Type.Object({}),
  plan: planDicom,
};

/** Elements before the samples, the samples, what follows. */
async function* planDicom(source: Source, { level }: CodecRequest): AsyncGenerator<Segment> {
  const pixels = await findPixels(source);
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
  yield* rasterSegments(pixels.offset, pixels.length, pixels.layout);
  yield* generalSegments(end, source.size - end);
}
