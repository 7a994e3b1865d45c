import { Type } from "@sinclair/typebox";
import { generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Codec } from "../codec";
import { rasterSegments } from "../raster";
import { dcm } from "./dcm";
import { frameSegments } from "./frames";
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
async function* planDicom(source: Source): AsyncGenerator<Segment> {
  const pixels = await findPixels(source);
  if (!pixels) return yield* generalSegments(0, source.size);
  if ("coding" in pixels) {
    yield* generalSegments(0, pixels.offset);
    const behind = yield* frameSegments(source, pixels);
    return yield* generalSegments(behind, source.size - behind);
  }
  const end = pixels.offset + pixels.length;
  yield* generalSegments(0, pixels.offset);
  yield* rasterSegments(source, pixels.offset, pixels.length, pixels.layout);
  yield* generalSegments(end, source.size - end);
}
