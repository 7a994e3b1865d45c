import { Type } from "@sinclair/typebox";
import { generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Codec, CodecRequest } from "../codec";
import { lineSegments } from "../cuts";
import { hasMagic } from "../sniff";
import { unwrapSegments } from "../unwrap";
import { bam } from "./bam";
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

async function* planReads(source: Source, { format, level }: CodecRequest): AsyncGenerator<Segment> {
  const compressed = hasMagic(await source.read(0, GZIP_MAGIC.length), GZIP_MAGIC);
  // Taking blocks apart takes longer than all else at the fast level.
  if (compressed && level !== "fast") yield* unwrapSegments(source);
  else if (compressed || format === bam.name) yield* generalSegments(0, source.size);
  else yield* lineSegments(source);
}
