/** Real files, when SMALLEST_CORPUS names a directory of them: one folder for each kind. */
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MemorySource } from "../graph/source";
import { chooseFormat, codecByName, detectCodec, probe } from "./registry";
import { exactParams, render, requestOf } from "./testing";

const corpus = process.env.SMALLEST_CORPUS;

/** Folder to codec and, where every file of it is of one format, format. Other folders bear the codec's name. */
const KINDS: Readonly<Record<string, readonly [codec: string, format?: string]>> = {
  bam: ["dna", "bam"],
  fastq: ["dna", "fastq"],
  vcf: ["dna", "vcf"],
  geojson: ["geospatial", "geojson"],
  geotiff: ["geospatial", "geotiff"],
  las: ["geospatial", "lidar"],
  shp: ["geospatial", "shapefile"],
  weights: ["model-weights"],
  "audio-wav": ["audio", "wav"],
  "audio-flac": ["audio", "flac"],
  "audio-mp3": ["audio", "mp3"],
  "audio-ogg": ["audio", "ogg"],
  jpeg: ["general"],
  video: ["general"],
};

for (const folder of corpus ? readdirSync(corpus) : []) {
  const [codecName, formatName] = KINDS[folder] ?? [folder];
  const codec = codecByName(codecName);
  if (!codec) continue;
  const files = readdirSync(join(corpus!, folder)).filter((file) => !/^\.|\.tsv$/.test(file));
  describe(folder, () => {
    test.each(files)("%s is recognised, with and without a name, and planned exactly", async (file) => {
      const content = await Bun.file(join(corpus!, folder, file)).bytes();
      const source = new MemorySource(content);
      for (const name of [file, ""]) {
        const probed = await probe(source, name);
        const format = chooseFormat(codec, probed).name;
        if (formatName) expect(format).toBe(formatName);
        const detected = detectCodec(probed);
        expect(`${detected.codec.name} ${detected.format.name}`).toBe(`${codecName} ${format}`);
        expect(chooseFormat(codec, probed, format).name).toBe(format);
      }
      const { name: format } = chooseFormat(codec, await probe(source, file));
      const params = { ...requestOf(codec).params, ...exactParams(codec) };
      const { bytes } = await render(codec, content, { format, params, name: file });
      expect(Buffer.compare(bytes, content)).toBe(0);
    });
  });
}
