import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import type { Codec } from "../codec";
import { dcm } from "./dcm";

export const dicom: Codec = {
  name: "dicom",
  version: 1,
  title: "DICOM",
  summary: "Medical images, single-frame and multi-frame, in every transfer syntax; bit-exact.",
  formats: [dcm],
  params: Type.Object({}),
  plan: (source) => generalSegments(0, source.size),
};
