import { Type } from "@sinclair/typebox";
import { generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest } from "../codec";
import { lineSegments } from "../cuts";
import { hasMagic } from "../sniff";
import { unwrapSegments } from "../unwrap";
import { alignmentSegments } from "./alignments";
import { bam } from "./bam";
import { isBgzf } from "./bgzf";
import { fastq } from "./fastq";
import { vcf } from "./vcf";

export const dna: Codec = {
  name: "dna",
  version: 1,
  title: "DNA",
  summary: "Sequencing reads, alignments and variants: FASTQ, BAM and VCF with their relatives; bit-exact.",
  formats: [fastq, bam, vcf],
  params: Type.Object({}),
  plan: planReads,
};

const GZIP_MAGIC = [0x1f, 0x8b];
const BLOCK_HEAD_BYTES = 16;

async function* planReads(source: Source, { format, level }: CodecRequest): AsyncGenerator<Segment> {
  const head = await source.read(0, BLOCK_HEAD_BYTES);
  const compressed = hasMagic(head, GZIP_MAGIC);
  // Taking blocks apart takes longer than all else at the fast level.
  if (format === bam.name && isBgzf(head) && level !== "fast") yield* alignmentSegments(source);
  else if (compressed && level !== "fast") yield* unwrapSegments(source);
  else if (compressed || format === bam.name) yield* generalSegments(0, source.size);
  else yield* lineSegments(source);
}
