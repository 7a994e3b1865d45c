import { Type } from "@sinclair/typebox";
import { type Codec, type Format, no, yes } from "../codec";
import { latin1 } from "../sniff";
import { unwrapSegments } from "../unwrap";
import { scanPdf } from "./streams";

/** Readers look for the header in the first 1024 bytes (ISO 32000-1 annex H.3, note 13). */
const HEADER_WITHIN = 1024;

const pdf: Format = {
  name: "pdf",
  title: "PDF",
  extensions: ["pdf"],
  mediaType: "application/pdf",
  sniff({ head, tail }) {
    const at = latin1(head.subarray(0, HEADER_WITHIN + 5)).indexOf("%PDF-");
    if (at >= 0) return yes(at === 0 ? 1 : 0.9);
    // A lost header leaves the rest readable: objects at the front, the cross-reference at the end.
    if (/\d{1,10} \d{1,5} obj\b/.test(latin1(head)) && /startxref\s+\d+|%%EOF/.test(latin1(tail))) return yes(0.7);
    return no("no `%PDF-` header in the first 1024 bytes");
  },
};

export const textPdf: Codec = {
  name: "text-pdf",
  version: 1,
  title: "PDF",
  summary: "Text-heavy PDF documents: reports, papers, legal documents; bit-exact.",
  formats: [pdf],
  params: Type.Object({}),
  plan: (source, { level }) => unwrapSegments(source, { scan: scanPdf, level }),
};
