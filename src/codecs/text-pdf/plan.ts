import { general, type Level, type PlanNode, type Segment } from "../../graph/plan";
import { MemorySource, type Source } from "../../graph/source";
import { cipherParams, VECTOR_BYTES, writeSpans } from "../../graph/transforms/cipher";
import { markOffsets } from "../../graph/transforms/xref";
import { unwrapSegments } from "../unwrap";
import { type DecryptedPdf, decryptPdf } from "./decrypt";
import { leafAt } from "./leaves";
import { pdfScanner } from "./streams";

/** Larger files take more than one segment: what concerns a file as a whole stays undone. */
const MAX_WHOLE_BYTES = 16 << 20;

/** Plans a PDF file: decrypted where that takes no password, offsets predicted, streams taken apart. */
export async function* planPdf(source: Source, level: Level): AsyncGenerator<Segment> {
  const whole = source.size <= MAX_WHOLE_BYTES ? await wholeFile(source, level) : undefined;
  if (whole) yield whole;
  else yield* unwrapSegments(source, { scan: pdfScanner(), leaf: leafAt(level), level });
}

/** The file as one segment; undefined if nothing is to be done to it, or its streams hold too much for one. */
async function wholeFile(source: Source, level: Level): Promise<Segment | undefined> {
  const file = await source.read(0, source.size);
  const decrypted = decryptPdf(file);
  const clear = decrypted?.bytes ?? file;
  const marked = markOffsets(clear);
  if (!decrypted && !marked) return undefined;
  const scan = pdfScanner(decrypted && decrypted.cipher.kind !== "rc4" ? VECTOR_BYTES : 0);
  const [segment, ...more] = await Array.fromAsync(
    unwrapSegments(new MemorySource(marked ?? clear), { scan, leaf: leafAt(level), level }),
  );
  if (!segment || more.length > 0 || segment.root.kind !== "transform") return undefined;
  const filled: PlanNode = marked ? { kind: "transform", transform: "xref", inputs: [segment.root] } : segment.root;
  return { length: source.size, root: decrypted ? encrypted(filled, decrypted) : filled };
}

function encrypted(clear: PlanNode, { cipher, spans }: DecryptedPdf): PlanNode {
  const inputs = [clear, general(writeSpans(spans))];
  return { kind: "transform", transform: "cipher", params: cipherParams(cipher), inputs };
}
