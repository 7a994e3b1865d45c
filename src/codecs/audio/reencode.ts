import type { Source } from "../../graph/source";
import type { CodecRequest, Prepared, Scratch } from "../codec";
import { FileWriter } from "../file-writer";
import { exact, round } from "./outcome";
import { reencodeMp3 } from "./reencode-mp3";
import { reencodeOgg } from "./reencode-ogg";

/** Below this gain a second loss of quality is not worth it. */
const WORTHWHILE = 0.85;

/** Encodes a file that is lossy already once more, at a low bitrate, if that makes it much smaller. */
export async function prepareReencoded(source: Source, request: CodecRequest, scratch: Scratch): Promise<Prepared> {
  const path = scratch.path();
  const file = new FileWriter(path);
  try {
    const reencode = request.format === "mp3" ? reencodeMp3 : reencodeOgg;
    const { seconds } = await reencode(source, file, WORTHWHILE * source.size);
    const reason = `encoded again at a low bitrate${request.format === "ogg" ? ", as Opus" : ""}`;
    return { path, lossless: false, report: { reason, stored_kbps: round((file.size * 8) / 1000 / seconds) } };
  } catch (error) {
    // What the decoders' own code throws about damaged streams is of no other kind.
    if (error instanceof RangeError || error instanceof TypeError || error instanceof WebAssembly.RuntimeError) {
      return exact(error.message);
    }
    throw error;
  } finally {
    file.finish();
  }
}
