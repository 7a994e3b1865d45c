import { bytesOf, joinBytes, noise } from "../testing";
import { little, type Sample, sample } from "./making";
import { storedZip } from "./zip";

export function numeric(): Sample[] {
  const pickle = bytesOf("\x80\x02}q\x00.");
  const torch = storedZip([
    ["archive/data.pkl", pickle],
    ["archive/data/0", noise(1000)],
    ["archive/version", bytesOf("3\n")],
  ]);
  return [
    sample("fits", "fits", "galaxy.fits", fits()),
    sample("model-weights", "safetensors", "model.safetensors", safetensors()),
    sample("model-weights", "pt", "model.pt", torch),
  ];
}

function safetensors(): Uint8Array {
  const header = JSON.stringify({ w: { dtype: "F32", shape: [16, 16], data_offsets: [0, 1024] } });
  const values = Float32Array.from({ length: 256 }, (_, i) => 1 / (i + 3));
  return little([8, header.length], header, new Uint8Array(values.buffer));
}

/** A primary image and a table extension. */
function fits(): Uint8Array {
  const header = (...cards: string[]) =>
    bytesOf(
      [...cards, "END"]
        .map((card) => card.padEnd(80))
        .join("")
        .padEnd(2880),
    );
  return joinBytes(
    header(
      "SIMPLE  =                    T",
      "BITPIX  =                   16",
      "NAXIS   =                    2",
      "NAXIS1  =                   40",
      "NAXIS2  =                   36",
    ),
    noise(2880),
    header(
      "XTENSION= 'BINTABLE'",
      "BITPIX  =                    8",
      "NAXIS   =                    2",
      "NAXIS1  =                   10",
      "NAXIS2  =                   10",
      "PCOUNT  =                    0",
      "GCOUNT  =                    1",
    ),
    new Uint8Array(2880),
  );
}
