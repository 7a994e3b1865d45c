import { expect, test } from "bun:test";
import { sketchOf } from "./sketch";

const words = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${seed}w${(((i + 1) * 48271 * seed) % 65537).toString(36)};`);
const sketch = (text: string) => sketchOf(new TextEncoder().encode(text));
const shared = (a: string, b: string) => sketch(a).filter((feature) => sketch(b).includes(feature)).length;

const OLD = words(3, 2000);

test("a file shares all its features with itself, nearly all with a new version, hardly any with a stranger", () => {
  const text = OLD.join("");
  const later = OLD.map((word, i) => (i % 100 === 50 ? "changed;" : word)).join("");
  expect(sketch(text)).toHaveLength(32);
  expect(shared(text, text)).toBe(32);
  expect(shared(text, later)).toBeGreaterThan(20);
  expect(shared(text, words(5, 2000).join(""))).toBeLessThan(4);
});

test("features do not depend on where a string stands", () => {
  expect(shared(OLD.join(""), `${"x".repeat(5)}${OLD.join("")}`)).toBeGreaterThan(28);
});

test("features are exact numbers, none of them for files shorter than a string", () => {
  expect(sketch(OLD.join("")).every((feature) => Number.isSafeInteger(feature) && feature >= 0)).toBe(true);
  expect(sketch("short")).toEqual([]);
  expect(sketch("12345678")).toHaveLength(1);
});
