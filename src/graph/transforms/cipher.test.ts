import { expect, test } from "bun:test";
import fc from "fast-check";
import { applyCipher, type Cipher, cipher, cipherParams, rc4, writeSpans } from "./cipher";

const key = (bytes: number) => Uint8Array.from({ length: bytes }, (_, index) => 7 * index + 1);
const CIPHERS: readonly Cipher[] = [
  { kind: "rc4", key: key(5) },
  { kind: "rc4", key: key(16) },
  { kind: "aes-128", key: key(16) },
  { kind: "aes-256", key: key(32) },
];

test("RC4 gives the published cipher text", () => {
  const bytes = Buffer.from("Plaintext");
  rc4(Buffer.from("Key"), bytes);
  expect(bytes.toString("hex")).toBe("bbf316e8d940af0ad3");
});

test.each([...CIPHERS])("$kind encrypts again what was decrypted, whatever the bytes", (chosen) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(70_000), (bytes, from, number) => {
      const gap = Math.min(from, bytes.length);
      const span = { gap, length: bytes.length - gap, number, generation: number % 3 };
      const plain = new Uint8Array(bytes);
      applyCipher(chosen, plain.subarray(gap), span, "decrypt");
      const back = cipher.apply([plain, writeSpans([span])], cipherParams(chosen), bytes.length);
      expect(Buffer.compare(back, bytes)).toBe(0);
    }),
  );
});

test("spans and parameters that make no sense are refused", () => {
  const spans = writeSpans([{ gap: 5, length: 6, number: 1, generation: 0 }]);
  expect(() => cipher.apply([new Uint8Array(10), spans], cipherParams(CIPHERS[0]!), 10)).toThrow();
  const none = writeSpans([]);
  for (const params of [[], [3, 5, 1, 2, 3, 4, 5], [0, 2, 1, 2], [2, 5, 1, 2, 3, 4, 5]]) {
    expect(() => cipher.apply([new Uint8Array(10), none], Uint8Array.from(params), 10)).toThrow();
  }
});
