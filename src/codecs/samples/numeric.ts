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
    sample("segy", "segy", "survey.segy", segy()),
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

/** Four traces of a hundred IEEE samples under an ASCII header, revision 1. */
function segy(): Uint8Array {
  const text = bytesOf("C 1 CLIENT: NOBODY".padEnd(80).padEnd(3200));
  const binary = new Uint8Array(400);
  const view = new DataView(binary.buffer);
  view.setUint16(16, 4000);
  view.setUint16(20, 100);
  view.setUint16(24, 5);
  view.setUint16(300, 0x0100);
  view.setUint16(302, 1);
  const traces = Array.from({ length: 4 }, (_, trace) => {
    const bytes = new DataView(new ArrayBuffer(240 + 400));
    bytes.setInt32(0, trace + 1);
    bytes.setUint16(114, 100);
    for (let i = 0; i < 100; i++) bytes.setFloat32(240 + 4 * i, ((i * 37 + trace) % 50) / 7 - 3);
    return new Uint8Array(bytes.buffer);
  });
  return joinBytes(text, binary, ...traces);
}
