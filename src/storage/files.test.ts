import { expect, test } from "bun:test";
import { Refusal } from "../errors";
import { fileRefusal } from "./files";

function systemError(code: string): Error {
  return Object.assign(new Error("m"), { code });
}

test.each([
  ["ENOSPC", "disk_full", "is full"],
  ["EDQUOT", "disk_full", "quota"],
  ["EACCES", "storage_unavailable", "read and write access"],
  ["EROFS", "storage_unavailable", "read-only"],
  ["ENOENT", "storage_unavailable", "mounted"],
  ["EMFILE", "storage_unavailable", "too many files"],
  ["EIO", "storage_unavailable", "EIO"],
] as const)("explains %s", (code, kind, words) => {
  const refusal = fileRefusal(systemError(code), "/data/objects") as Refusal;
  expect([refusal.kind, refusal.details]).toEqual([kind, { cause: code }]);
  expect(refusal.message).toContain(words);
});

test("passes refusals and mistakes on", () => {
  const errors: unknown[] = [new Refusal("aborted", "m"), new TypeError("m"), systemError("EBADF"), null];
  for (const error of errors) {
    expect(fileRefusal(error, "/data/objects")).toBe(error);
  }
});
