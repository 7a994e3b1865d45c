import type { Level, Model } from "../model";
import { bam } from "./bam";
import { bwt, bwtLight } from "./bwt";
import { ccitt } from "./ccitt";
import { cm } from "./cm";
import { columns } from "./columns";
import { floats } from "./floats";
import { geometry } from "./geometry";
import { image } from "./image";
import { jpeg } from "./jpeg";
import { jpegs } from "./jpegs";
import { mail, mailLight } from "./mail";
import { points } from "./points";
import { fastq, vcf } from "./sequence";
import { shapes, table } from "./shapes";
import { store } from "./store";
import { structured } from "./structured";
import { elements, tensor } from "./tensor";
import { web, webLight } from "./web";
import { zstd } from "./zstd";

export { store };

/** Every model of every release; the order is of no meaning. */
export const models: readonly Model[] = [
  store,
  zstd,
  cm,
  tensor,
  elements,
  floats,
  bwt,
  bwtLight,
  image,
  fastq,
  vcf,
  jpeg,
  jpegs,
  bam,
  structured,
  web,
  webLight,
  columns,
  ccitt,
  mail,
  mailLight,
  points,
  shapes,
  table,
  geometry,
];

/** What a plan's `general` means today: any bytes. */
const GENERAL: Record<Level, Model> = { fast: zstd, balanced: bwt, max: cm };

/** The model to encode with, by the name that a plan uses. @throws Error for an unknown name */
export function modelByName(name: string, level: Level): Model {
  const found = name === "general" ? GENERAL[level] : models.findLast((model) => model.name === name);
  if (!found) throw new Error(`there is no model "${name}"`);
  return found;
}

/** The model to decode with, as an archive names it; undefined when a newer release wrote the archive. */
export function modelById(id: number, version: number): Model | undefined {
  return models.find((model) => model.id === id && model.version === version);
}
