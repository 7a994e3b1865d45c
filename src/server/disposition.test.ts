import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { attachment, dispositionName } from "./disposition";

describe("attachment", () => {
  test.each([
    ["reads.fastq", 'attachment; filename="reads.fastq"'],
    ["a b.txt", 'attachment; filename="a b.txt"'],
    ['say "hi".txt', "attachment; filename=\"say _hi_.txt\"; filename*=UTF-8''say%20%22hi%22.txt"],
    ["back\\slash", "attachment; filename=\"back_slash\"; filename*=UTF-8''back%5Cslash"],
    ["50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"],
    ["Röntgen.dcm", "attachment; filename=\"Rontgen.dcm\"; filename*=UTF-8''R%C3%B6ntgen.dcm"],
    ["検査.dcm", "attachment; filename=\"__.dcm\"; filename*=UTF-8''%E6%A4%9C%E6%9F%BB.dcm"],
    ["🧬.bam", "attachment; filename=\"_.bam\"; filename*=UTF-8''%F0%9F%A7%AC.bam"],
    ["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
  ])("%p", (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  test("any name makes one harmless header line that gives it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
        const header = attachment(name);
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(/filename="([^"]*)"/.exec(header)![1]).not.toMatch(/[\\/]/);
        expect(dispositionName(header)).toBe(name.toWellFormed());
      }),
    );
  });
});

describe("dispositionName", () => {
  test.each([
    [null, undefined],
    ["attachment", undefined],
    ['attachment; filename="a b.txt"', "a b.txt"],
    ["attachment; filename=plain.txt", "plain.txt"],
    ['attachment; filename="q\\"uote.txt"', 'q"uote.txt'],
    ["attachment; filename=x; filename*=UTF-8''%e2%82%ac.txt", "€.txt"],
    ["attachment; filename*=iso-8859-1'en'%A3.txt", "£.txt"],
    ["attachment; filename*=UTF-8''%zz; filename=good", "good"],
    ["attachment; filename*=UTF-7''abc; filename=good", "good"],
    [`attachment; filename="${Buffer.from("Röntgen").toString("latin1")}"`, "Röntgen"],
    ['attachment; filename="R\xf6ntgen"', "Röntgen"],
    ["filename=bare.txt", "bare.txt"],
  ])("%p is %p", (header, name) => {
    expect(dispositionName(header)).toBe(name);
  });

  test("takes any header without harm", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        dispositionName(header);
      }),
    );
  });

  test("reads a hostile header in linear time", () => {
    expect(dispositionName(`a; filename="${"\\".repeat(15_000)}`)).toBeDefined();
  });
});
