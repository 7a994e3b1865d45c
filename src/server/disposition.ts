/** What a name in a header may carry as it is in the extended form: RFC 8187 section 3.2.1, `attr-char`. */
const ATTR_CHAR = /[A-Za-z0-9!#$&+.^_`|~-]/;

/**
 * `Content-Disposition` of a download (RFC 6266). The plain form serves old clients and is ASCII without quotes,
 * backslashes and percent signs, which clients disagree about; names that lose something by that get the extended
 * form (RFC 8187) as well, which wins where it is known.
 */
export function attachment(name: string): string {
  const ascii = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]|["\\%/]/gu, "_");
  const plain = `attachment; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${percentEncoded(name)}`;
}

function percentEncoded(name: string): string {
  const bytes = new TextEncoder().encode(name);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return ATTR_CHAR.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

const PARAMETER = /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))/g;

/**
 * The file name that a `Content-Disposition` request header gives, or undefined. Raw UTF-8 is understood although
 * headers are Latin-1 by the letter: it is what clients send.
 */
export function dispositionName(header: string | null): string | undefined {
  if (!header) return undefined;
  let plain: string | undefined;
  let extended: string | undefined;
  for (const [, key, quoted, token] of `;${header}`.matchAll(PARAMETER)) {
    const value = quoted === undefined ? token! : quoted.replace(/\\(.)/g, "$1");
    if (key!.toLowerCase() === "filename*") extended ??= extendedValue(value);
    if (key!.toLowerCase() === "filename") plain ??= utf8FromLatin1(value);
  }
  return extended ?? plain;
}

/** RFC 8187: `charset'language'percent-encoded`. Undefined where it is malformed. */
function extendedValue(value: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(value);
  if (!match) return undefined;
  const [, charset, encoded] = match as unknown as [string, string, string];
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return charset.toLowerCase() === "utf-8" ? utf8FromLatin1(bytes) : bytes;
}

function utf8FromLatin1(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
}
