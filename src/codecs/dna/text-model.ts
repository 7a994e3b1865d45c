import { latin1 } from "../sniff";
import { shareOfRecords } from "./records";

/** Below this the records of FASTQ text are not of the shape that its model knows. */
const MIN_SHARE_OF_RECORDS = 0.7;

/** The first columns of a line of VCF (VCFv4.3, section 1.6): name, position, identifier, bases, alleles. */
const VARIANT = /^[^\t\n#]+\t\d+\t[^\t\n]+\t[A-Za-z.*]+\t[^\t\n]+\t/m;

const VARIANT_HEADER = /^##fileformat=VCF|^#CHROM\t/im;

/** The model for text of genomes, by its look. @param sample its beginning */
export function modelOf(sample: Uint8Array): string {
  if (shareOfRecords(sample) >= MIN_SHARE_OF_RECORDS) return "fastq";
  const text = latin1(sample);
  return VARIANT_HEADER.test(text) || (!text.startsWith("@") && VARIANT.test(text)) ? "vcf" : "general";
}
