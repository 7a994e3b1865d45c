import { ByteReader } from "../graph/bytes";
import type { Source } from "../graph/source";
import { CHECKSUM_BYTES, TAG } from "./index-section";

/** Enough for a frame's tag, lengths and checksums. */
const FRAME_HEAD_BYTES = 40;

const KINDS = ["block", "lone", "part"] as const;

/**
 * Walks an archive's frames from the front, for one whose end is missing: how far are they whole?
 *
 * @param start bytes before the first frame
 * @returns whole blocks, the bytes of content that they hold, and where the last whole frame ends
 */
export async function surveyPrefix(
  source: Source,
  start: number,
): Promise<{ blocks: number; contentBytes: number; end: number }> {
  const found = { blocks: 0, contentBytes: 0, end: start };
  while (found.end < source.size) {
    const reader = new ByteReader(await source.read(found.end, FRAME_HEAD_BYTES), "A frame");
    try {
      const tag = reader.byte();
      const kind = KINDS.find((candidate) => TAG[candidate] === tag);
      if (kind === undefined) break;
      const length = kind === "part" ? 0 : reader.varint();
      const storedLength = reader.varint();
      if (kind !== "part") reader.take(CHECKSUM_BYTES[kind]);
      const end = found.end + reader.position + storedLength;
      if (end > source.size) break;
      found.end = end;
      found.contentBytes += length;
      found.blocks += kind === "part" ? 0 : 1;
    } catch {
      // The frame's own head is cut off or senseless: the whole ones end before it.
      break;
    }
  }
  return found;
}
