import { Type } from "@sinclair/typebox";
import type { Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Codec, type Format, no, yes } from "../codec";
import { cutSegments } from "../cuts";
import { hasMagic } from "../sniff";
import { type Hdu, readHdus } from "./hdu";

const fitsFormat: Format = {
  name: "fits",
  title: "FITS",
  extensions: ["fits", "fit", "fts", "fz"],
  mediaType: "application/fits",
  sniff: ({ head }) => (hasMagic(head, "SIMPLE  =") ? yes(1) : no("no FITS header (`SIMPLE  =`) at offset 0")),
};

export const fits: Codec = {
  name: "fits",
  version: 1,
  title: "FITS",
  summary: "Astronomical images, cubes and tables of the FITS standard; bit-exact.",
  formats: [fitsFormat],
  params: Type.Object({
    tile_size: Type.Integer({
      minimum: 64,
      maximum: 1024,
      default: 256,
      description:
        "Rows of an image that are kept together: large images are cut into independent pieces of whole tiles.",
    }),
  }),
  plan: (source, { params }) => planTiles(source, params.tile_size as number),
};

/** Cuts before a unit that does not fit the block any more and, inside large ones, between bands of tiles. */
function planTiles(source: Source, tileSize: number): AsyncGenerator<Segment> {
  const hdus = readHdus(source);
  let current: Hdu | undefined;
  return cutSegments(source, async (target, start) => {
    while (!current || current.end <= target) {
      const next = await hdus.next();
      if (next.done) return target;
      current = next.value;
    }
    if (current.offset > start) return current.offset;
    const tiled = wholeBands(current, current.rowBytes * tileSize, target);
    return tiled > start ? tiled : wholeBands(current, current.rowBytes, target);
  });
}

/** The last end of a band of `bandBytes` at or before `target`. */
function wholeBands({ dataOffset }: Hdu, bandBytes: number, target: number): number {
  return bandBytes === 0 ? target : dataOffset + Math.floor((target - dataOffset) / bandBytes) * bandBytes;
}
