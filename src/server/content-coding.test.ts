import { describe, expect, test } from "bun:test";
import { availableDictionary, chooseCoding, coded } from "./content-coding";

describe("the coding", () => {
  test.each([
    [null, "identity"],
    ["", "identity"],
    ["gzip, deflate", "identity"],
    ["br", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["BR;Q=0.3 , zstd ; q=0.4", "zstd"],
    ["zstd;q=1.0,br;q=1", "br"],
    ["br;q=0,zstd;q=0.000", "identity"],
    ["*", "br"],
    ["*;q=0", "identity"],
    ["identity;q=0.5, br;q=0.4", "identity"],
    ["br;q=nonsense", "identity"],
    ["dcz, dcb", "identity"],
  ])("for Accept-Encoding %p is %s", (accepted, coding) =>
    expect(chooseCoding(accepted, false)).toBe(coding as "br"),
  );

  test.each([
    ["br, zstd, dcb, dcz", "dcz"],
    ["br, dcb", "dcb"],
    ["br, dcb;q=0.5", "br"],
    ["br", "br"],
  ])("with a dictionary for %s is %s", (accepted, coding) =>
    expect(chooseCoding(accepted, true)).toBe(coding as "br"),
  );
});

test("a dictionary is named by its digest alone", () => {
  const digest = new Bun.CryptoHasher("sha256").update("x").digest();
  expect(availableDictionary(`:${digest.toString("base64")}:`)).toBe(digest.toString("hex"));
  for (const wrong of [null, "", digest.toString("base64"), ":AAAA:", `:${digest.toString("base64")}:;a`]) {
    expect(availableDictionary(wrong)).toBeNull();
  }
});

test("a body that fails fails in every coding", async () => {
  async function* failing() {
    yield new Uint8Array(100_000);
    throw new Error("damaged midway");
  }
  for (const coding of ["br", "zstd"] as const) {
    await expect(Array.fromAsync(coded(failing(), coding))).rejects.toThrow("damaged midway");
  }
});
