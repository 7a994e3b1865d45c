import type { Codec, CodecRequest, Format } from "../codecs/codec";
import {
  chooseFormat,
  codecByName,
  codecs,
  detectCodec,
  paramsOf,
  parseParams,
  probe,
  requireApplicable,
} from "../codecs/registry";
import { Refusal } from "../errors";
import { FileSource } from "../graph/source";
import { canonicalJson, sha256Hex } from "./names";

/** What `auto` may be given: the content decides the rest. */
const AUTO_QUERY = ["level"];

/** What a file will be stored as. */
export interface Chosen {
  codec: Codec;
  format: Format;
  request: CodecRequest;
}

/** Looks at the content and settles codec, format and parameters. */
export async function choose(
  plan: { codec: string; query: Readonly<Record<string, string>> },
  upload: { path: string; size: number },
  name: string,
): Promise<Chosen> {
  if (upload.size === 0) throw new Refusal("empty_file", "The file is empty.");
  const source = new FileSource(upload.path);
  try {
    const probed = await probe(source, name);
    if (plan.codec === "auto") {
      const { codec, format } = detectCodec(probed);
      const { level } = parseParams(codec, plan.query);
      return { codec, format, request: { format: format.name, params: exactParams(codec, format), level, name } };
    }
    const codec = namedCodec(plan.codec);
    const asked = parseParams(codec, plan.query);
    const format = chooseFormat(codec, probed, asked.format);
    requireApplicable(codec, format, plan.query);
    const params = paramsOf(codec, format, asked.params);
    return { codec, format, request: { format: format.name, params, level: asked.level, name } };
  } finally {
    source.close();
  }
}

/** Whoever lets the content decide has not asked to lose anything. */
export function exactParams(codec: Codec, format: Format): Record<string, unknown> {
  return paramsOf(codec, format, { ...parseParams(codec, {}).params, ...codec.exactParams });
}

/** @throws Refusal `unknown_codec` */
export function namedCodec(name: string): Codec {
  const codec = codecByName(name);
  if (codec) return codec;
  const known = [...codecs.map((candidate) => candidate.name), "auto"];
  throw new Refusal("unknown_codec", `There is no such codec; known are ${known.join(", ")}.`, { known });
}

/** @throws Refusal `unknown_parameter`, `bad_parameter` */
export function requireAutoQuery(query: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(query).filter((name) => !AUTO_QUERY.includes(name));
  if (unknown.length === 0) {
    parseParams(namedCodec("general"), query);
    return;
  }
  throw new Refusal(
    "unknown_parameter",
    `With the codec auto the content decides; it takes only ${AUTO_QUERY.join(", ")}, not ${unknown.join(", ")}.`,
    { known: AUTO_QUERY },
  );
}

/** Same content, codec, format, level and parameters: the same file to the duplicate check. */
export function fingerprintOf({ codec, request }: Chosen, sha256: string): string {
  return sha256Hex(canonicalJson([sha256, codec.name, request.format, request.level, request.params]));
}
