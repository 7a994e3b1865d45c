/**
 * An exact transform: its output depends on its parameters and inputs alone and is the same on every machine, so
 * integer arithmetic or IEEE + - * / only. Its input is hostile: it throws an `Error` when the parameters make no
 * sense, and needs no more memory than a small multiple of its inputs and output.
 *
 * To add one: write it in `graph/transforms/<name>.ts` with a test beside it, list it with one line in
 * `graph/transforms/index.ts` (with the next free id), and describe its parameters byte by byte in
 * `docs/format/transforms.md`. Once released, a pair of id and version keeps its meaning for ever: changed behaviour
 * is a new version beside the old one. A plan names it by `name` and gets the newest version.
 */
export interface Transform {
  readonly id: number;
  readonly version: number;
  /** The word of a plan's transform node. */
  readonly name: string;
  /**
   * The length of the output, from the lengths of the inputs and the parameters alone: the executor checks it against
   * its limits before any work is done.
   */
  outputLength(inputLengths: readonly number[], params: Uint8Array): number;
  /** Exactly `outputLength` bytes. The inputs may not be changed; the output may share memory with them. */
  apply(inputs: readonly Uint8Array[], params: Uint8Array, outputLength: number): Uint8Array;
}
