import { expect, test } from "bun:test";
import fc from "fast-check";
import { decryptPrivate, eexec, eexecParams } from "./eexec";

const NOTHING = new Uint8Array(0);

test("encrypts what was decrypted, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, from, to) => {
      const [gap, end] = [Math.min(from, to, bytes.length), Math.min(Math.max(from, to), bytes.length)];
      const plain = bytes.slice();
      decryptPrivate(plain.subarray(gap, end));
      const params = eexecParams([{ gap, length: end - gap }]);
      expect(eexec.outputLength([plain.length], params)).toBe(bytes.length);
      expect(Buffer.compare(eexec.apply([plain], params, bytes.length), bytes)).toBe(0);
    }),
  );
});

test("encrypts the start of a private part as the specification has it", () => {
  const text = Buffer.from("dup 5 4 RD \0\0\0\0 NP /A 6 -| \0\0\0\0\x8b\x0e |-");
  const encrypted = eexec.apply([text], eexecParams([{ gap: 0, length: text.length }]), text.length);
  const plain = new Uint8Array(encrypted);
  decryptPrivate(plain);
  expect(Buffer.compare(plain, text)).toBe(0);
  const outside = eexec.apply([text], NOTHING, text.length);
  expect(Buffer.compare(outside, text)).toBe(0);
  expect([...encrypted.subarray(0, 4)]).toEqual([...cipher(text.subarray(0, 4), 55665)]);
});

test("spans behind the end are refused", () => {
  expect(() => eexec.apply([new Uint8Array(9)], eexecParams([{ gap: 5, length: 5 }]), 9)).toThrow();
});

/** The cipher once more, as the specification prints it. */
function cipher(plain: Uint8Array, key: number): number[] {
  let r = key;
  return Array.from(plain, (byte) => {
    const out = byte ^ (r >> 8);
    r = ((out + r) * 52845 + 22719) % 65536;
    return out;
  });
}
