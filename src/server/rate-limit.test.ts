import { describe, expect, test } from "bun:test";
import { RateLimit } from "./rate-limit";

describe("RateLimit", () => {
  test("lets a minute's worth through at once, then as it refills", () => {
    let now = 0;
    const limit = new RateLimit(60, () => now);
    for (let call = 0; call < 60; call++) expect(limit.take("a")).toBe(0);
    expect(limit.take("a")).toBe(1);
    now += 1_000;
    expect(limit.take("a")).toBe(0);
    expect(limit.take("a")).toBe(1);
  });

  test("says how long to wait", () => {
    const limit = new RateLimit(2, () => 0);
    limit.take("a");
    limit.take("a");
    expect(limit.take("a")).toBe(30);
  });

  test("keeps names apart", () => {
    const limit = new RateLimit(1, () => 0);
    expect(limit.take("a")).toBe(0);
    expect(limit.take("b")).toBe(0);
    expect(limit.take("a")).toBeGreaterThan(0);
  });

  test("never holds more than a minute's worth", () => {
    let now = 0;
    const limit = new RateLimit(2, () => now);
    limit.take("a");
    now += 3_600_000;
    expect([limit.take("a"), limit.take("a")]).toEqual([0, 0]);
    expect(limit.take("a")).toBeGreaterThan(0);
  });

  test("0 is without limit", () => {
    const limit = new RateLimit(0);
    for (let call = 0; call < 1_000; call++) expect(limit.take("a")).toBe(0);
  });

  test("forgets the least recently used of very many", () => {
    const limit = new RateLimit(1, () => 0);
    limit.take("first");
    for (let other = 0; other < 20_000; other++) limit.take(`address ${other}`);
    expect(limit.take("first")).toBe(0);
  });
});
