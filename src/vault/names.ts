import { randomBytes, randomInt } from "node:crypto";

const NAME_BYTES = 255;

/**
 * Makes an uploaded file's name fit to keep and to send back: its last path component, without control or
 * direction-changing characters, at most 255 bytes of UTF-8. Never used as a path.
 */
export function displayName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last.replace(/[\p{Cc}\p{Bidi_Control}\ufeff]/gu, "").trim();
  const named = plain === "" || plain === "." || plain === ".." ? "unnamed" : plain;
  return truncateUtf8(named.toWellFormed(), NAME_BYTES);
}

/** Shortens before the extension, so that a long name keeps its kind. */
function truncateUtf8(name: string, limit: number): string {
  if (Buffer.byteLength(name) <= limit) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  const stem = [...(extension ? name.slice(0, dot) : name)];
  while (Buffer.byteLength(stem.join("")) + Buffer.byteLength(extension) > limit) stem.pop();
  return stem.join("") + extension;
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A secret of `length` base-62 digits (5.95 bits each). */
export function secret(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(62)]).join("");
}

export function randomHex(digits: number): string {
  return randomBytes(Math.ceil(digits / 2))
    .toString("hex")
    .slice(0, digits);
}

export function sha256Hex(data: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(data).digest("hex");
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
