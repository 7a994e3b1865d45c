import { type TSchema, Type } from "@sinclair/typebox";
import { Refusal } from "../errors";
import type { Source } from "../graph/source";
import { audio } from "./audio";
import { type Codec, type Format, notOf, PROBE_BYTES, type Probe } from "./codec";
import { dbDumps } from "./db-dumps";
import { dicom } from "./dicom";
import { dictTransport } from "./dict-transport";
import { dna } from "./dna";
import { email } from "./email";
import { fits } from "./fits";
import { general } from "./general";
import { geospatial } from "./geospatial";
import { logFiles } from "./log-files";
import { modelWeights } from "./model-weights";
import { formatByName, levelSchema } from "./params";
import { segy } from "./segy";
import { knownKind } from "./sniff";
import { textPdf } from "./text-pdf";

export { type ParsedParams, parameterNames, paramsOf, parseParams, requireApplicable } from "./params";

/** Every codec of the API; a new one is one line here. */
export const codecs: readonly Codec[] = [
  dicom,
  dna,
  geospatial,
  dbDumps,
  fits,
  logFiles,
  textPdf,
  dictTransport,
  audio,
  email,
  segy,
  modelWeights,
  general,
];

/** By the word in the URL; `auto` is no codec but {@link detectCodec}. */
export function codecByName(name: string): Codec | undefined {
  return codecs.find((codec) => codec.name === name);
}

/** Reads both ends of a file: all that sniffing looks at. */
export async function probe(source: Source, name: string): Promise<Probe> {
  const head = await source.read(0, PROBE_BYTES);
  const tail = await source.read(Math.max(0, source.size - PROBE_BYTES), PROBE_BYTES);
  return { head, tail, size: source.size, name };
}

/**
 * The format of `probed` under a codec that the caller named. Without an explicit format the content decides, and
 * the codec's default wins ties.
 * @throws Refusal `unknown_format`, `format_mismatch`, `wrong_type` (code `not_<codec>`)
 */
export function chooseFormat(codec: Codec, probed: Probe, explicit?: string): Format {
  const best = bestFormat(codec, probed);
  if (explicit === undefined) {
    if (best.confidence > 0) return best.format;
    throw notOf(codec.name, reasons(codec, probed));
  }
  const asked = formatByName(codec, explicit);
  const verdict = asked.sniff(probed);
  if (verdict.confidence > 0) return asked;
  if (best.confidence === 0) throw notOf(codec.name, reasons(codec, probed));
  throw new Refusal(
    "format_mismatch",
    `The content is ${best.format.title} (${best.format.name}), not ${asked.title} (${asked.name}): ${verdict.why}.`,
    { asked: asked.name, found: best.format.name },
  );
}

/** Below this a sniffer only says "not impossible", which is no reason to prefer its codec. */
const RECOGNISED = 0.3;

/** What `auto` means: the codec and format that know the content best, else the general model. */
export function detectCodec(probed: Probe): { codec: Codec; format: Format } {
  let best: { codec: Codec; format: Format; confidence: number } | undefined;
  for (const codec of codecs) {
    if (codec.name === "general") continue;
    const found = bestFormat(codec, probed);
    if (found.confidence >= RECOGNISED && found.confidence > (best?.confidence ?? 0)) best = { codec, ...found };
  }
  if (best) return { codec: best.codec, format: best.format };
  const general = codecByName("general")!;
  return { codec: general, format: general.formats[0] };
}

function bestFormat(codec: Codec, probed: Probe): { format: Format; confidence: number } {
  let best = { format: codec.formats[0] as Format, confidence: 0 };
  for (const format of codec.formats) {
    const { confidence } = format.sniff(probed);
    if (confidence > best.confidence) best = { format, confidence };
  }
  return best;
}

/** What the content is, where that is plain, and what each format looked for. */
function reasons(codec: Codec, probed: Probe): string {
  const kind = knownKind(probed);
  const whys = new Set(codec.formats.map((format) => format.sniff(probed).why));
  return [...(kind ? [`the file opens as ${kind}`] : []), ...whys].join("; ");
}

export interface CodecDescription {
  name: string;
  title: string;
  summary: string;
  defaultFormat: string;
  formats: { name: string; title: string; extensions: readonly string[]; mediaType: string }[];
  /** JSON Schema of the query parameters of an upload. */
  params: { type: "object"; properties: Record<string, TSchema>; additionalProperties: false };
}

/** The codec as `GET /api/codecs` shows it: what web form, OpenAPI document and command-line flags are made of. */
export function describe(codec: Codec): CodecDescription {
  const names = codec.formats.map(({ name }) => name);
  const formatSchema = Type.Union(
    names.map((name) => Type.Literal(name)),
    { description: `What the file is; the content decides without it. Default ${names[0]}.` },
  );
  const alias = codec.formatParam ? { [codec.formatParam]: { ...formatSchema, default: names[0] } } : {};
  return {
    name: codec.name,
    title: codec.title,
    summary: codec.summary,
    defaultFormat: names[0]!,
    formats: codec.formats.map(({ name, title, extensions, mediaType }) => ({
      name,
      title,
      extensions,
      mediaType,
    })),
    params: {
      type: "object",
      properties: { format: formatSchema, level: levelSchema, ...alias, ...codec.params.properties },
      additionalProperties: false,
    },
  };
}
