import { describe, expect, test } from "bun:test";
import { Refusal } from "../errors";
import { isNotModified, selectRange } from "./preconditions";

const etag = '"abc"';
const modifiedAt = new Date("2026-03-08T12:00:00.700Z");
const date = modifiedAt.toUTCString();
const file = { size: 100, etag, modifiedAt };
const whole = { start: 0, end: 100, partial: false };

describe("selectRange", () => {
  test.each([
    [undefined, whole],
    ["bytes=0-0", { start: 0, end: 1, partial: true }],
    ["bytes=0-99", { start: 0, end: 100, partial: true }],
    ["bytes=10-", { start: 10, end: 100, partial: true }],
    ["bytes=90-1000", { start: 90, end: 100, partial: true }],
    ["bytes=-1", { start: 99, end: 100, partial: true }],
    ["bytes=-1000", { start: 0, end: 100, partial: true }],
    ["BYTES=5-6", { start: 5, end: 7, partial: true }],
    ["bytes=0-1,5-6", whole],
    ["bytes=7-3", whole],
    ["bytes=-", whole],
    ["bytes=a-b", whole],
    ["items=0-1", whole],
  ])("%p", (range, selection) => {
    expect(selectRange(new Headers(range ? { range } : {}), file)).toEqual(selection);
  });

  test.each(["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"])(
    "%p lies outside",
    (range) => {
      expect(() => selectRange(new Headers({ range }), file)).toThrow(Refusal);
    },
  );

  test.each([
    [etag, true],
    ['"other"', false],
    [`W/${etag}`, false],
    [date, true],
    ["Sun, 08 Mar 2026 12:00:01 GMT", false],
    ["nonsense", false],
  ])("If-Range %p", (condition, partial) => {
    expect(selectRange(new Headers({ range: "bytes=0-1", "if-range": condition }), file).partial).toBe(partial);
  });

  test("a stale If-Range makes even a range outside the whole file", () => {
    expect(selectRange(new Headers({ range: "bytes=500-", "if-range": '"old"' }), file)).toEqual(whole);
  });
});

describe("isNotModified", () => {
  test.each([
    [{}, false],
    [{ "if-none-match": etag }, true],
    [{ "if-none-match": `W/${etag}` }, true],
    [{ "if-none-match": `"x", ${etag}` }, true],
    [{ "if-none-match": "*" }, true],
    [{ "if-none-match": '"x"' }, false],
    [{ "if-none-match": "abc" }, false],
    [{ "if-none-match": '"x"', "if-modified-since": date }, false],
    [{ "if-modified-since": date }, true],
    [{ "if-modified-since": "Sun, 08 Mar 2026 11:59:59 GMT" }, false],
    [{ "if-modified-since": "nonsense" }, false],
  ])("%p", (headers, expected) => {
    expect(isNotModified(new Headers(headers as Record<string, string>), file)).toBe(expected);
  });
});
