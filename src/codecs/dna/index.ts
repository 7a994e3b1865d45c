import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import type { Codec } from "../codec";
import { lineSegments } from "../cuts";
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
  plan: (source, { format }) => (format === bam.name ? generalSegments(0, source.size) : lineSegments(source)),
};
