import { hasMagic } from "../sniff";

/** The length of an ID3v2 tag with header and footer (id3.org, "ID3 tag version 2.4.0", 3.1); 0 where there is none. */
export function id3Length(head: Uint8Array): number {
  if (head.length < 10 || !hasMagic(head, "ID3")) return 0;
  const size = head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  return 10 + size + (head[5]! & 0x10 ? 10 : 0);
}
