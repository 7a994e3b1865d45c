import type { Codec, CodecRequest, Format } from "../codecs/codec";
import { chooseFormat, codecByName, codecs, detectCodec, parseParams, probe } from "../codecs/registry";
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
      const { level, params } = parseParams(codec, plan.query);
      return { codec, format, request: { format: format.name, params: exactly(codec, params), level, name } };
    }
    const codec = namedCodec(plan.codec);
    const asked = parseParams(codec, plan.query);
    const format = chooseFormat(codec, probed, asked.format);
    return { codec, format, request: { format: format.name, params: asked.params, level: asked.level, name } };
  } finally {
    source.close();
  }
}

/** Whoever lets the content decide has not asked to lose anything. */
export function exactly(codec: Codec, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...params, ...codec.exactParams };
}

/** @throws Refusal `unknown_codec` */
export function namedCodec(name: string): Codec {
  const codec = codecByName(name);
  if (codec) return codec;
  const known = [...codecs.map((candidate) => candidate.name), "auto"];
  throw new Refusal("unknown_codec", `There is no codec "${name.slice(0, 40)}"; known are ${known.join(", ")}.`, {
    known,
  });
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
