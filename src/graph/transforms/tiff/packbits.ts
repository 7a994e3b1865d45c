/**
 * PackBits (TIFF 6.0 section 9; DICOM PS3.5 annex G): a byte `n` up to 127 stands before `n + 1` bytes, one `n` above
 * 128 before a byte to repeat `257 - n` times; 128 says nothing.
 *
 * Which of many streams an encoder makes is its choice. Ours makes the commonest ones; each byte `n` that another
 * chose differently is an exception. After it both go on from the same place.
 */
const LONGEST = 128;
const NOTHING = 128;

/** How an encoder goes about it. */
export interface PackHabits {
  /** Bytes of a row; no packet reaches from one into the next. */
  readonly row: number;
  /** Equal bytes that end a run of unequal ones: 2 or 3. */
  readonly repeats: number;
}

/** Packets in a stream before one, and the byte it begins with. */
export interface PackException {
  readonly packet: number;
  readonly head: number;
}

/** The head of the packet that an encoder begins at `at`, with the row's end at `end`. */
function headAt(plain: Uint8Array, at: number, end: number, repeats: number): number {
  const most = Math.min(end, at + LONGEST);
  let run = at + 1;
  while (run < most && plain[run] === plain[at]) run++;
  if (run - at >= 2) return 257 - (run - at);
  let to = at + 1;
  while (to < most) {
    let equal = 1;
    while (equal < repeats && to + equal < end && plain[to + equal] === plain[to]) equal++;
    if (equal === repeats) break;
    to++;
  }
  return to - at - 1;
}

/** The stream of an encoder of these habits. @param limit the most that it may be long @throws Error */
export function encodePackBits(
  plain: Uint8Array,
  { row, repeats }: PackHabits,
  exceptions: readonly PackException[],
  limit: number,
): Uint8Array {
  const output = new Uint8Array(Math.min(limit, 2 * (plain.length + exceptions.length)));
  let [at, to, exception] = [0, 0, 0];
  for (let packet = 0; at < plain.length || exception < exceptions.length; packet++) {
    const end = Math.min(plain.length, at - (at % row) + row);
    const excepted = exceptions[exception]?.packet === packet;
    if (at === plain.length && !excepted) break;
    const head = excepted ? exceptions[exception++]!.head : headAt(plain, at, end, repeats);
    const taken = head < NOTHING ? head + 1 : head === NOTHING ? 0 : 257 - head;
    const given = head < NOTHING ? taken : Math.min(1, taken);
    if (at + taken > plain.length || to + 1 + given > output.length)
      throw new Error("a packet leads beyond the end");
    output[to++] = head;
    output.set(plain.subarray(at, at + given), to);
    to += given;
    at += taken;
  }
  return output.slice(0, to);
}

/** A stream taken apart. */
export interface PackParts {
  readonly plain: Uint8Array;
  /** Bytes of the stream that were needed. */
  readonly used: number;
  readonly exceptions: readonly PackException[];
}

/** Decodes `length` bytes; undefined where the stream ends first or a packet leads beyond. */
export function decodePackBits(stream: Uint8Array, length: number, habits: PackHabits): PackParts | undefined {
  const plain = new Uint8Array(length);
  const heads: { readonly at: number; readonly head: number }[] = [];
  let [at, to] = [0, 0];
  while (to < length) {
    const head = stream[at];
    if (head === undefined) return undefined;
    heads.push({ at: to, head });
    at++;
    const count = head < NOTHING ? head + 1 : head === NOTHING ? 0 : 257 - head;
    const given = head < NOTHING ? count : Math.min(1, count);
    if (to + count > length || at + given > stream.length) return undefined;
    if (head < NOTHING) plain.set(stream.subarray(at, at + count), to);
    else plain.fill(stream[at]!, to, to + count);
    at += given;
    to += count;
  }
  const exceptions: PackException[] = [];
  heads.forEach(({ at: place, head }, packet) => {
    const end = Math.min(length, place - (place % habits.row) + habits.row);
    if (headAt(plain, place, end, habits.repeats) !== head) exceptions.push({ packet, head });
  });
  return { plain, used: at, exceptions };
}
