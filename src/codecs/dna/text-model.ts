import { shareOfRecords } from "./records";

/** Below this the records of FASTQ text are not of the shape that its model knows. */
const MIN_SHARE_OF_RECORDS = 0.7;

/** The model for text of genomes, by its look. @param sample its beginning */
export function modelOf(sample: Uint8Array): string {
  return shareOfRecords(sample) >= MIN_SHARE_OF_RECORDS ? "fastq" : "general";
}
