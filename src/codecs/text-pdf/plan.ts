import { general, type Level, type Segment } from "../../graph/plan";
import { MemorySource, type Source } from "../../graph/source";
import { cipherParams, VECTOR_BYTES, writeSpans } from "../../graph/transforms/cipher";
import { unwrapSegments } from "../unwrap";
import { decryptPdf } from "./decrypt";
import { pdfScanner } from "./streams";

/** Larger files than this are not decrypted: they take more than one segment. */
const MAX_DECRYPTED_BYTES = 16 << 20;

/** Plans a PDF file, whose streams are decrypted first where that takes no password. */
export async function* planPdf(source: Source, level: Level): AsyncGenerator<Segment> {
  const decrypted = source.size <= MAX_DECRYPTED_BYTES ? await decryptedSegment(source, level) : undefined;
  if (decrypted) yield decrypted;
  else yield* unwrapSegments(source, pdfScanner(), level);
}

/** The file as one segment; undefined if it is not encrypted or its streams hold too much for one. */
async function decryptedSegment(source: Source, level: Level): Promise<Segment | undefined> {
  const decrypted = decryptPdf(await source.read(0, source.size));
  if (!decrypted || decrypted.spans.length === 0) return undefined;
  const { bytes, cipher, spans } = decrypted;
  const scan = pdfScanner(cipher.kind === "rc4" ? 0 : VECTOR_BYTES);
  const [segment, ...more] = await Array.fromAsync(unwrapSegments(new MemorySource(bytes), scan, level));
  if (!segment || more.length > 0 || segment.root.kind !== "transform") return undefined;
  const inputs = [segment.root, general(writeSpans(spans))];
  return {
    length: source.size,
    root: { kind: "transform", transform: "cipher", params: cipherParams(cipher), inputs },
  };
}
