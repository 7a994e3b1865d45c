import { Type } from "@sinclair/typebox";
import { type Codec, type Format, no, type Probe, type Sniff, yes } from "../codec";
import { HEADER_BYTES, readHeader, textIsPlausible } from "./header";
import { planSegy } from "./plan";
import { prepare } from "./prepare";

const sgy: Format = {
  name: "segy",
  title: "SEG-Y",
  extensions: ["sgy", "segy"],
  mediaType: "application/octet-stream",
  sniff,
};

function sniff({ head, size }: Probe): Sniff {
  const header = readHeader(head);
  if (typeof header === "string") return no(`no SEG-Y: ${header}`);
  const { samples, sampleBytes, traceHeaderBytes, extendedTexts } = header;
  const traces = size - HEADER_BYTES - 3200 * Math.max(0, extendedTexts);
  const even = samples > 0 && traces > 0 && traces % (traceHeaderBytes + samples * sampleBytes) === 0;
  const text = textIsPlausible(head);
  if (text && even) return yes(0.95);
  if (text && (samples > 0 || traces === 0)) return yes(0.8);
  if (even) return yes(0.6);
  return no("no SEG-Y: the first 3200 bytes are no text, and the headers do not explain the file's length");
}

/** Seismic traces; `quality` says how far samples may be rounded. Headers are always kept bit for bit. */
export const segy: Codec = {
  name: "segy",
  version: 1,
  title: "SEG-Y",
  summary: "Seismic traces, rounded to a guaranteed signal-to-noise ratio; every header bit for bit.",
  formats: [sgy],
  params: Type.Object({
    quality: Type.Union(
      [Type.Literal("archive"), Type.Literal("balanced"), Type.Literal("streaming"), Type.Literal("lossless")],
      {
        default: "archive",
        description:
          "Signal-to-noise ratio of the samples: `archive` 60 dB, `balanced` 40 dB, `streaming` 28 dB or more over " +
          "the file, at most 6 dB less in any trace, and 20, 6 or 3 dB or more in any window of a trace (about 256 " +
          "samples, unless 120 dB below the file), so that what is weak behind something strong survives; " +
          "`lossless` keeps every bit. What was reached is in the metadata.",
      },
    ),
  }),
  exactParams: { quality: "lossless" },
  prepare,
  plan: (source, { level }) => planSegy(source, level),
};
