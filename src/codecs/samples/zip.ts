import { crc32 } from "node:zlib";
import { joinBytes } from "../testing";
import { type Field, little } from "./making";

/** An archive of stored members, APPNOTE.TXT section 4.3. */
export function storedZip(members: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of members) {
    const common: Field[] = [
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0x21],
      [4, crc32(content)],
      [4, content.length],
      [4, content.length],
    ];
    const body = little("PK\x03\x04", [2, 20], ...common, [2, name.length], [2, 0], name, content);
    directory.push(
      little("PK\x01\x02", [2, 20], [2, 20], ...common, [2, name.length], new Uint8Array(12), [4, offset], name),
    );
    bodies.push(body);
    offset += body.length;
  }
  const central = joinBytes(...directory);
  const counts: Field[] = [
    [2, members.length],
    [2, members.length],
    [4, central.length],
    [4, offset],
  ];
  return little(...bodies, central, "PK\x05\x06", [4, 0], ...counts, [2, 0]);
}
