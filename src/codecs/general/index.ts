import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import { type Codec, yes } from "../codec";

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
  plan: (source) => generalSegments(0, source.size),
};
