import { base64 } from "./base64";
import { base64Runs } from "./base64-runs";
import { bgzf } from "./bgzf";
import { cipher } from "./cipher";
import { concat } from "./concat";
import { crlf } from "./crlf";
import { decimal } from "./decimal";
import { deflate } from "./deflate";
import { eexec } from "./eexec";
import { excerpts } from "./excerpts";
import { flacFrames } from "./flac-frames";
import { flacPcm } from "./flac-pcm";
import { frames } from "./frames";
import { opusPcm } from "./opus-pcm";
import { planes } from "./planes";
import { rice } from "./rice";
import { rows } from "./rows";
import { runs } from "./runs";
import { sam } from "./sam";
import { scaled } from "./scaled";
import { shuffle } from "./shuffle";
import { splice } from "./splice";
import { tiff } from "./tiff";
import type { Transform } from "./transform";
import { undelta } from "./undelta";
import { weave } from "./weave";
import { webDelta } from "./web-delta";
import { widened } from "./widened";
import { xref } from "./xref";
import { zlib } from "./zlib";

/** Every transform of every release; ids are listed in `docs/format/transforms.md`. */
export const transforms: readonly Transform[] = [
  concat,
  base64,
  splice,
  opusPcm,
  flacPcm,
  flacFrames,
  planes,
  weave,
  scaled,
  undelta,
  rows,
  deflate,
  eexec,
  cipher,
  xref,
  runs,
  webDelta,
  tiff,
  frames,
  rice,
  decimal,
  shuffle,
  bgzf,
  widened,
  zlib,
  base64Runs,
  excerpts,
  crlf,
  sam,
];

/** The newest version of a plan's transform. @throws Error for an unknown name */
export function transformByName(name: string): Transform {
  const found = transforms.findLast((transform) => transform.name === name);
  if (!found) throw new Error(`there is no transform "${name}"`);
  return found;
}

/** The transform that an archive names; undefined when a newer release wrote the archive. */
export function transformById(id: number, version: number): Transform | undefined {
  return transforms.find((transform) => transform.id === id && transform.version === version);
}
