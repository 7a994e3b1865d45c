import { deflateRawSync } from "node:zlib";
import { bytesOf, joinBytes, noise } from "../testing";
import { type Field, little, pack, type Sample, sample } from "./making";

export function medical(): Sample[] {
  const file = (transferSyntax: string, dataSet: Uint8Array) =>
    joinBytes(new Uint8Array(128), bytesOf("DICM"), dicomMeta(transferSyntax), dataSet);
  const explicit = dicomDataSet(true, true);
  return [
    sample("dicom", "dcm", "ct.dcm", file("1.2.840.10008.1.2.1", explicit)),
    sample("dicom", "dcm", "big.dcm", file("1.2.840.10008.1.2.2", dicomDataSet(false, true))),
    sample("dicom", "dcm", "deflated.dcm", file("1.2.840.10008.1.2.1.99", deflateRawSync(explicit))),
    sample("dicom", "dcm", "bare.dcm", dicomDataSet(true, false)),
    sample("dicom", "dcm", "bare-explicit.dcm", explicit),
    sample("dicom", "dcm", "bare-big.dcm", dicomDataSet(false, true)),
  ];
}

/** One element of PS3.5 section 7.1. */
function dicomElement(
  littleEndian: boolean,
  explicit: boolean,
  [group, element]: readonly [number, number],
  representation: string,
  value: Uint8Array | string,
): Uint8Array {
  const padded =
    value.length % 2 === 0 ? value : typeof value === "string" ? `${value} ` : joinBytes(value, bytesOf("\0"));
  const long = ["OB", "OW"].includes(representation);
  const length: (Field | string)[] = !explicit
    ? [[4, padded.length]]
    : long
      ? [representation, [2, 0], [4, padded.length]]
      : [representation, [2, padded.length]];
  return pack(littleEndian, [2, group], [2, element], ...length, padded);
}

function dicomMeta(transferSyntax: string): Uint8Array {
  return joinBytes(
    dicomElement(true, true, [0x0002, 0x0000], "UL", little([4, 26])),
    dicomElement(true, true, [0x0002, 0x0010], "UI", transferSyntax),
  );
}

function dicomDataSet(littleEndian: boolean, explicit: boolean): Uint8Array {
  const element = (tag: readonly [number, number], representation: string, value: Uint8Array | string) =>
    dicomElement(littleEndian, explicit, tag, representation, value);
  const size = pack(littleEndian, [2, 32]);
  return joinBytes(
    element([0x0008, 0x0016], "UI", "1.2.840.10008.5.1.4.1.1.2"),
    element([0x0008, 0x0018], "UI", "1.2.3.4"),
    element([0x0008, 0x0060], "CS", "CT"),
    element([0x0010, 0x0010], "PN", "DOE^JANE"),
    element([0x0028, 0x0010], "US", size),
    element([0x0028, 0x0011], "US", size),
    element([0x7fe0, 0x0010], "OW", noise(2048)),
  );
}
