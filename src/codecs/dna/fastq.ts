import { type Format, no, type Probe, yes } from "../codec";
import { insideGzip, textOf } from "../sniff";

/** FASTQ as sequencers write it (Cock et al. 2010, doi:10.1093/nar/gkp1137), FASTA, and either one gzipped. */
export const fastq: Format = {
  name: "fastq",
  title: "FASTQ",
  extensions: ["fastq", "fq", "fastq.gz", "fq.gz", "fasta", "fa"],
  mediaType: "application/x-fastq",
  sniff(probe) {
    const confidence = sniffReads(insideGzip(probe) ?? probe);
    return confidence > 0 ? yes(confidence) : no("no FASTQ record (`@name`, bases, `+`, qualities) at offset 0");
  },
};

/** IUPAC letters of bases and amino acids, gaps, and the digits of colour-space reads. */
const SEQUENCE = /^[A-Za-z.*~0-3-]*\r?$/;

function sniffReads(probe: Probe): number {
  const text = textOf(probe);
  if (!text || !/^[@>;]/.test(text.head)) return 0;
  // Read whole lines as well as the last one, which the probe may have cut inside a long read.
  const lines = text.head.split("\n");
  const [, sequence = ""] = lines;
  if (!SEQUENCE.test(sequence)) return 0;
  if (text.head.startsWith(">")) return sequence.length >= 10 ? 0.8 : 0.2;
  if (!text.head.startsWith("@")) return 0;
  const plus = lines.findIndex((line, index) => index >= 1 && line.startsWith("+"));
  if (plus < 0) return lines.slice(1).every((line) => SEQUENCE.test(line)) && sequence.length >= 1 ? 0.5 : 0;
  if (!lines.slice(1, plus).every((line) => SEQUENCE.test(line))) return 0;
  return plus === 2 ? sniffQualities(sequence, lines[3], lines.length > 4) : 0.7;
}

/** A quality string is as long as its sequence, unless the file or the probe ends in it. */
function sniffQualities(sequence: string, qualities: string | undefined, complete: boolean): number {
  if (qualities === undefined || !complete) return 0.7;
  return qualities.trimEnd().length === sequence.trimEnd().length ? 0.95 : 0.4;
}
