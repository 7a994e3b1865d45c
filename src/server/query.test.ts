import { describe, expect, test } from "bun:test";
import { Refusal } from "../errors";
import { integer, queryRecord, readQuery, text, timestamp } from "./query";

const fields = {
  limit: integer(1, 50, "", 200),
  offset: integer(0, 0, ""),
  q: text(10, ""),
  before: timestamp(""),
};
const read = (query: string) => readQuery(new Request(`http://x/?${query}`), fields);

describe("readQuery", () => {
  test("fills in what is not given", () => {
    expect(read("")).toEqual({ limit: 50, offset: 0, q: undefined, before: undefined });
  });

  test.each([
    ["limit=1", { limit: 1 }],
    ["limit=200", { limit: 200 }],
    ["limit=201", { limit: 200 }],
    ["limit=999999999", { limit: 200 }],
    ["q=a%20b", { q: "a b" }],
    ["q=%C3%B6", { q: "ö" }],
    ["before=2026-03-08T12:00:00Z", { before: new Date("2026-03-08T12:00:00Z") }],
    ["before=2026-03-08T12:00:00", { before: new Date("2026-03-08T12:00:00Z") }],
    ["before=2026-03-08T12:00:00.5%2B02:00", { before: new Date("2026-03-08T10:00:00.500Z") }],
    ["before=2026-03-08", { before: new Date("2026-03-08T00:00:00Z") }],
  ])("%p", (query, values) => {
    expect(read(query)).toMatchObject(values);
  });

  test.each([
    "limit=0",
    "limit=-1",
    "limit=2abc",
    "limit=",
    "limit=1e1",
    "limit=1.5",
    "limit=%201",
    "offset=NaN",
    "q=",
    "q=12345678901",
    "q=%00",
    "before=yesterday",
    "before=2026-13-01",
    "before=1",
    "limit=1&limit=2",
  ])("%p is refused, naming the parameter", (query) => {
    expect(refusal(() => read(query))).toMatchObject({
      kind: "bad_parameter",
      message: expect.stringContaining(query.split("=")[0]!),
    });
  });

  test("an unknown parameter is named, with those that are known", () => {
    expect(refusal(() => read("lmit=5"))).toMatchObject({
      kind: "unknown_parameter",
      message: expect.stringContaining("`lmit`"),
      details: { known: ["limit", "offset", "q", "before"] },
    });
  });

  test("a hostile name is not echoed", () => {
    const { message } = refusal(() => read(`${encodeURIComponent("<script>".repeat(100))}=1`));
    expect(message).not.toContain("<");
    expect(message.length).toBeLessThan(200);
  });

  test("names out of the prototype are parameters like others", () => {
    expect(refusal(() => read("__proto__=1")).kind).toBe("unknown_parameter");
    expect(Object.keys(queryRecord(new Request("http://x/?constructor=1")))).toEqual(["constructor"]);
  });
});

function refusal(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error("was not refused");
}
