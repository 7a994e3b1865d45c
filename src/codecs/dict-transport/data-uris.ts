import { latin1 } from "../sniff";

/** A run of base64 in a data URI (RFC 2397) that encoding its content gives back. */
export interface Embedded {
  /** Of the base64 characters. */
  readonly start: number;
  readonly end: number;
  readonly content: Uint8Array;
  readonly padded: boolean;
  /** The URI's media type, in lower case; empty when it has none. */
  readonly mediaType: string;
}

/** Shorter ones are not worth a node of their own. */
const MIN_CHARACTERS = 128;
/** Of a segment: more are as good as text. */
const MAX_EMBEDDED = 1024;

const DATA_URI =
  /data:([\w.+-]{1,60}\/[\w.+-]{1,60})?((?:;[\w.=+-]{1,60}){0,4});base64,([A-Za-z0-9+/]{64,}={0,2})/gi;

/** Found many times sooner than what it stands in; a text in which all spell it otherwise stays as it is. */
const MARK = ";base64,";

/** The data URIs of a text whose base64 is canonical, in order. */
export function findEmbedded(bytes: Uint8Array): Embedded[] {
  const found: Embedded[] = [];
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK)) return found;
  for (const match of latin1(bytes).matchAll(DATA_URI)) {
    const characters = match[3]!;
    if (characters.length < MIN_CHARACTERS) continue;
    const end = match.index + match[0].length;
    const embedded = decoded(characters);
    if (embedded)
      found.push({ ...embedded, start: end - characters.length, end, mediaType: (match[1] ?? "").toLowerCase() });
    if (found.length === MAX_EMBEDDED) break;
  }
  return found;
}

/** Undefined when the encoder wrote something else, such as bits behind the last byte. */
function decoded(characters: string): Pick<Embedded, "content" | "padded"> | undefined {
  const content = Buffer.from(characters, "base64");
  const canonical = content.toString("base64");
  const padded = characters === canonical;
  if (!padded && characters !== canonical.replace(/=+$/, "")) return undefined;
  return { content: new Uint8Array(content), padded };
}
