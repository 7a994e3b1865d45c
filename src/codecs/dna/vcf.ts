import { type Format, no, yes } from "../codec";
import { hasMagic, insideGzip, textOf } from "../sniff";

/** VCF and BCF of VCFv4 (github.com/samtools/hts-specs). */
export const vcf: Format = {
  name: "vcf",
  title: "VCF",
  extensions: ["vcf", "vcf.gz", "bcf"],
  mediaType: "application/x-vcf",
  sniff(probe) {
    const inside = insideGzip(probe) ?? probe;
    if (hasMagic(inside.head, "BCF\x02")) return yes(1);
    const head = textOf(inside)?.head ?? "";
    if (/^##fileformat=VCF/i.test(head)) return yes(1);
    // Headers whose first line was lost, by cutting or by a tool that writes none.
    if (/^(##[^\n]*\n)*#CHROM\tPOS\tID\tREF\tALT/.test(head)) return yes(0.95);
    if (/^##(INFO|FORMAT|FILTER|contig|ALT)=<ID=/.test(head)) return yes(0.9);
    return no("no `##fileformat=VCF` at offset 0");
  },
};
