import { Type } from "@sinclair/typebox";
import type { Codec } from "../codec";
import { bam } from "./bam";
import { fastq } from "./fastq";
import { planDna } from "./plan";
import { vcf } from "./vcf";

export const dna: Codec = {
  name: "dna",
  version: 1,
  title: "DNA",
  summary: "Sequencing reads, alignments and variants: FASTQ, BAM and VCF with their relatives; bit-exact.",
  formats: [fastq, bam, vcf],
  params: Type.Object({}),
  plan: planDna,
};
