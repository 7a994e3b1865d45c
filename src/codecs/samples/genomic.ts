import { crc32, deflateRawSync } from "node:zlib";
import { bytesOf, joinBytes, noise } from "../testing";
import { little, type Sample, sample } from "./making";

const READS = Array.from(
  { length: 40 },
  (_, i) => `@run:1:${1000 + i} 1:N:0\n${"ACGTN".repeat(20)}\n+\n${"IIIF#".repeat(20)}\n`,
).join("");

const SAM_HEADER = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n";

const VARIANTS = [
  "##fileformat=VCFv4.2",
  '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
  "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
  ...Array.from({ length: 60 }, (_, i) => `chr1\t${100 + i * 7}\trs${i}\tA\tG\t50\tPASS\tDP=${20 + (i % 9)}`),
  "",
].join("\n");

export function genomic(): Sample[] {
  const bamContent = joinBytes(
    little("BAM\x01", [4, SAM_HEADER.length], SAM_HEADER, [4, 1], [4, 5], "chr1\0", [4, 1000]),
    noise(600),
  );
  const alignment = `r1\t0\tchr1\t10\t60\t20M\t*\t0\t0\t${"ACGT".repeat(5)}\t${"I".repeat(20)}\n`;
  return [
    sample("dna", "fastq", "reads.fastq", READS),
    sample("dna", "fastq", "reads.fastq.gz", Bun.gzipSync(Buffer.from(READS))),
    sample("dna", "fastq", "reads.fastq.bgz", bgzf(bytesOf(READS))),
    sample("dna", "fastq", "genome.fa", `>chr1 test\n${"ACGTACGTAA\n".repeat(50)}`),
    sample("dna", "bam", "aligned.bam", bgzf(bamContent)),
    sample("dna", "bam", "aligned.sam", SAM_HEADER + alignment.repeat(20)),
    sample("dna", "bam", "headless.sam", alignment.repeat(20)),
    sample("dna", "bam", "aligned.cram", joinBytes(bytesOf("CRAM\x03\x00"), noise(500))),
    sample("dna", "vcf", "variants.vcf", VARIANTS),
    sample("dna", "vcf", "variants.vcf.gz", bgzf(bytesOf(VARIANTS))),
    sample("dna", "vcf", "variants.bcf", bgzf(joinBytes(bytesOf("BCF\x02\x02"), noise(300)))),
  ];
}

/** One BGZF block and the empty block that ends the file, SAMv1 section 4.1. */
function bgzf(content: Uint8Array): Uint8Array {
  return joinBytes(bgzfBlock(content), bgzfBlock(new Uint8Array()));
}

function bgzfBlock(content: Uint8Array): Uint8Array {
  const deflated = new Uint8Array(deflateRawSync(content));
  const header = bytesOf("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0");
  const trailer = little([4, crc32(content)], [4, content.length]);
  return little(header, [2, header.length + 2 + deflated.length + trailer.length - 1], deflated, trailer);
}
