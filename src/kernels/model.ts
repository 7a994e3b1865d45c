/** How hard to try: `fast` for speed, `max` for size. */
export type Level = "fast" | "balanced" | "max";

/**
 * A model turns a stream of bytes into a shorter payload and back. Decoding is a pure function of payload,
 * parameters and length, the same on every machine and for ever: once released, a pair of id and version keeps its
 * meaning, and a better model gets a new version beside the old one.
 *
 * To add one: write `kernels/models/<name>.ts`, list it in `kernels/models/index.ts` and describe its payload in
 * `docs/format/models.md`.
 */
export interface Model {
  readonly id: number;
  readonly version: number;
  /** The word of a plan's model leaf. */
  readonly name: string;
  /** @throws when it cannot model these bytes; the segment then falls back to the general model. */
  encode(raw: Uint8Array, params: Uint8Array, level: Level): Uint8Array;
  /**
   * Gives back exactly `rawLength` bytes. The payload is hostile: never more memory than a small multiple of
   * `rawLength`, an error instead of an endless loop.
   */
  decode(payload: Uint8Array, params: Uint8Array, rawLength: number): Uint8Array;
}
