import { ByteReader } from "../graph/bytes";
import type { Source } from "../graph/source";
import { BLOCK_CHECKSUM_BYTES, TAG } from "./index-section";

/** Enough for a frame's tag, lengths and checksums. */
const FRAME_HEAD_BYTES = 40;

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
      if (tag !== TAG.block && tag !== TAG.part) break;
      const length = tag === TAG.block ? reader.varint() : 0;
      const storedLength = reader.varint();
      if (tag === TAG.block) reader.take(BLOCK_CHECKSUM_BYTES);
      const end = found.end + reader.position + storedLength;
      if (end > source.size) break;
      found.end = end;
      found.contentBytes += length;
      found.blocks += tag === TAG.block ? 1 : 0;
    } catch {
      // The frame's own head is cut off or senseless: the whole ones end before it.
      break;
    }
  }
  return found;
}
