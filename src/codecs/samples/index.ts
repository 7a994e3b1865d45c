/** Small valid files of every kind, made here so that the tests need no others. */
import { audio } from "./audio";
import { medical } from "./dicom";
import { genomic } from "./genomic";
import { geographic } from "./geographic";
import type { Sample } from "./making";
import { numeric } from "./numeric";
import { documents, dumps } from "./texts";

export type { Sample } from "./making";
export { SYSLOG } from "./texts";
export { storedZip } from "./zip";

export const samples: readonly Sample[] = [
  ...medical(),
  ...genomic(),
  ...geographic(),
  ...dumps(),
  ...documents(),
  ...numeric(),
  ...audio(),
];
