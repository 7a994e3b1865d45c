/**
 * `npm run bench:jxl -- --corpus DIR [--formats dicom,geotiff,fits] [--effort 9]`: every image that the plans of these
 * files hold, of 8 or 16 bits and one or three channels, by our image model at max and by JPEG XL's `cjxl` (Debian's
 * libjxl-tools), pixels alone on both sides.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { render } from "../src/codecs/testing";
import { ByteReader } from "../src/graph/bytes";
import type { PlanNode } from "../src/graph/plan";
import { image } from "../src/kernels/models/image";
import { choose } from "../src/vault/choose";
import { type CorpusFile, readCorpus } from "./corpus";

const { values: options } = parseArgs({
  options: {
    corpus: { type: "string", default: process.env.SMALLEST_CORPUS },
    formats: { type: "string", default: "dicom,geotiff,fits" },
    effort: { type: "string", default: "9" },
  },
});

/** The lowest bits of an image's flags (model 24) are the logarithm of a sample's bytes. */
const [BIG_ENDIAN, SIGNED, PLANAR, MAGNITUDES] = [4, 8, 16, 32] as const;

interface Picture {
  readonly params: Uint8Array;
  readonly data: Uint8Array;
}

const scratch = mkdtempSync(join(tmpdir(), "smallest-jxl-"));
try {
  const formats = options.formats.split(",");
  for (const file of readCorpus(options.corpus!).filter(({ format }) => formats.includes(format)))
    await compare(file);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function compare(file: CorpusFile): Promise<void> {
  let [ours, theirs, count] = [0, 0, 0];
  for (const picture of await picturesOf(file)) {
    const frames = netpbm(picture);
    if (!frames) continue;
    count++;
    ours += image.encode(picture.data, picture.params, "max").length;
    for (const frame of frames) theirs += jxlBytes(frame);
  }
  if (count === 0) return;
  const percent = ((100 * ours) / theirs).toFixed(1);
  console.log(
    `${`${file.format}/${file.file}`.padEnd(44)} ${count} images ${ours} to ${theirs} of JPEG XL: ${percent} %`,
  );
}

async function picturesOf(file: CorpusFile): Promise<Picture[]> {
  const content = new Uint8Array(await Bun.file(file.path).arrayBuffer());
  const { codec, request } = await choose({ codec: file.codec, query: { level: "max" } }, file, file.file);
  const { segments } = await render(codec, content, { format: request.format, level: "max" });
  const found: Picture[] = [];
  let start = 0;
  const visit = (node: PlanNode): void => {
    if (node.kind === "transform") node.inputs.forEach(visit);
    else if (node.kind === "model" && node.model === "image") {
      const { data } = node;
      const bytes = data instanceof Uint8Array ? data : content.subarray(data.offset, data.offset + data.length);
      found.push({ params: node.params!, data: bytes });
    }
  };
  for (const { root, length } of segments) {
    visit(root);
    start += length;
  }
  if (start !== content.length) throw new Error(`${file.file}: the plan covers ${start} bytes`);
  return found;
}

/** The frames as PGM or PPM; undefined for samples that these cannot hold. */
function netpbm({ params, data }: Picture): Buffer[] | undefined {
  const reader = new ByteReader(params, "image parameters");
  const [width, height, channels, frames] = [reader.varint(), reader.varint(), reader.varint(), reader.varint()];
  const flags = reader.byte();
  const sampleBytes = 1 << (flags & 3);
  if (sampleBytes > 2 || (channels !== 1 && channels !== 3) || flags & MAGNITUDES) return undefined;
  const samples = width * height * channels;
  // Of 16 bits whatever is used of them: JPEG XL is exact for PGM of 255 and 65535 alone.
  const head = `P${channels === 1 ? 5 : 6}\n${width} ${height}\n${sampleBytes === 1 ? 255 : 65535}\n`;
  return Array.from({ length: frames }, (_, frame) => {
    const pixels = Buffer.alloc(samples * sampleBytes);
    for (let index = 0; index < samples; index++) {
      const from = flags & PLANAR ? (index % channels) * width * height + Math.floor(index / channels) : index;
      const at = (frame * samples + from) * sampleBytes;
      const low = data[flags & BIG_ENDIAN ? at + sampleBytes - 1 : at]!;
      const high = data[flags & BIG_ENDIAN ? at : at + sampleBytes - 1]!;
      pixels[index * sampleBytes] = high ^ (flags & SIGNED ? 0x80 : 0);
      if (sampleBytes === 2) pixels[index * 2 + 1] = low;
    }
    return Buffer.concat([Buffer.from(head), pixels]);
  });
}

function jxlBytes(picture: Buffer): number {
  const [input, output] = [join(scratch, "in.ppm"), join(scratch, "out.jxl")];
  writeFileSync(input, picture);
  const done = Bun.spawnSync(["cjxl", "-d", "0", "-e", options.effort, "--num_threads=0", input, output]);
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
  return Bun.file(output).size;
}
