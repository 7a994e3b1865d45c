import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import type { Codec } from "../codec";
import { formats } from "./formats";
import { planWave } from "./lossless";
import { type LossyCarry, planLossy, prepareLossy } from "./lossy";
import type { Quality } from "./qualities";
import { prepareReencoded } from "./reencode";

export const audio: Codec = {
  name: "audio",
  version: 1,
  title: "Audio",
  summary:
    "WAVE and FLAC stored as Opus and given back as files of their own kind, with the same length and parameters; " +
    "MP3 and Ogg, which are lossy already, bit-exact unless low quality is asked for; lossless on request.",
  formats,
  params: Type.Object({
    quality: Type.Union(
      [Type.Literal("lossless"), Type.Literal("high"), Type.Literal("medium"), Type.Literal("low")],
      {
        default: "medium",
        description:
          "`lossless` is bit-exact, `high` cannot be told from the original, `medium` has minor spectral " +
          "differences, `low` suits speech. What would not get smaller stays bit-exact.",
      },
    ),
  }),
  exactParams: { quality: "lossless" },
  async prepare(source, request, scratch) {
    const quality = request.params.quality as Quality;
    if (quality === "lossless") return { lossless: true };
    if (request.format === "wav" || request.format === "flac") return prepareLossy(source, request, scratch);
    if (quality === "low") return prepareReencoded(source, request, scratch);
    return { lossless: true, report: { reason: "kept exactly: it is lossy already" } };
  },
  plan(source, request, carry) {
    if (carry !== undefined) return planLossy(source, carry as LossyCarry);
    return request.format === "wav" ? planWave(source, request.level) : generalSegments(0, source.size);
  },
};
