import { type Format, no, yes } from "../codec";
import { hasMagic, insideGzip, textOf } from "../sniff";

/** BAM and SAM of SAMv1, and CRAM (github.com/samtools/hts-specs). */
export const bam: Format = {
  name: "bam",
  title: "BAM",
  extensions: ["bam", "sam", "cram"],
  mediaType: "application/octet-stream",
  sniff(probe) {
    const inside = insideGzip(probe);
    if (inside && hasMagic(inside.head, "BAM\x01")) return yes(1);
    if (hasMagic(probe.head, "CRAM") && [2, 3, 4].includes(probe.head[4]!)) return yes(1);
    const text = textOf(inside ?? probe);
    if (text && (SAM_HEADER.test(text.head) || SAM_ALIGNMENT.test(text.head))) return yes(0.97);
    return no("no BAM marker in a BGZF block at offset 0, no CRAM marker and no SAM header");
  },
};

/** SAMv1 section 1.3. */
const SAM_HEADER = /^@(HD|SQ|RG|PG)(\t[A-Za-z][A-Za-z0-9]:[^\t\r\n]+)+|^@CO\t/;

/** SAMv1 section 1.4: name, flag, reference, position, mapping quality, CIGAR, mate, length, bases, qualities. */
const SAM_ALIGNMENT =
  /^[^@\t\n][^\t\n]*\t\d+\t[^\t\n]+\t\d+\t\d+\t(\*|(\d+[MIDNSHP=X])+)\t[^\t\n]+\t\d+\t-?\d+\t[A-Za-z=.*]+\t/;
