import { describe, expect, test } from "bun:test";
import { chooseFormat, detectCodec } from "../registry";
import { probeOf } from "../testing";
import { dbDumps } from ".";

async function formatOf(text: string | Uint8Array): Promise<string> {
  return chooseFormat(dbDumps, await probeOf(text)).name;
}

async function accepts(text: string, format: string): Promise<boolean> {
  const probed = await probeOf(text);
  return dbDumps.formats.find(({ name }) => name === format)!.sniff(probed).confidence > 0;
}

describe("the dialect of a dump", () => {
  test.each([
    ["postgres", "--\n-- PostgreSQL database cluster dump\n--\nSET x = 1;\n"],
    [
      "postgres",
      "SELECT pg_catalog.set_config('search_path', '', false);\nALTER TABLE a OWNER TO b;\nSELECT 'x'::text;\n",
    ],
    ["mysql", "-- MariaDB dump 10.19\nDROP TABLE IF EXISTS `a`;\n"],
    ["mysql", "/*!40101 SET NAMES utf8 */;\nINSERT INTO `a` VALUES (1);\n"],
    ["oracle", "REM INSERTING into HR.JOBS\nSET DEFINE OFF;\n"],
    [
      "oracle",
      "CREATE TABLE a (n NUMBER(5), t VARCHAR2(9 CHAR));\nINSERT ALL INTO a VALUES (1, UNISTR('\\00e9'))\nSELECT 1 FROM dual;\n",
    ],
    ["mssql", "USE [shop]\r\nGO\r\n/****** Object:  Table [dbo].[a] ******/\r\n"],
    ["mssql", "CREATE TABLE [dbo].[a] ([t] nvarchar(9))\nGO\nINSERT [dbo].[a] VALUES (N'x')\nGO\n"],
    ["postgres", "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n"],
  ])("is %s of %j", async (format, text) => {
    expect(await formatOf(text)).toBe(format);
    expect((await detectCodec(await probeOf(text))).codec.name).toBe("db-dumps");
  });

  test("that nothing gives away may be any that the caller names", async () => {
    const text = "-- nightly export\nCREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n";
    for (const format of ["postgres", "mysql", "oracle", "mssql"]) expect(await accepts(text, format)).toBe(true);
    expect(await accepts(text, "mongodb")).toBe(false);
  });

  test("is not overruled by a word in the data", async () => {
    const text = `-- PostgreSQL database dump\nCOPY a (b) FROM stdin;\n${"ENGINE=InnoDB `x` VARCHAR2\n".repeat(100)}\\.\n`;
    expect(await formatOf(text)).toBe("postgres");
    expect(await accepts(text, "mysql")).toBe(false);
  });
});

describe("a table without SQL", () => {
  test("is of whoever writes its NULLs so", async () => {
    expect(await formatOf("1\tx\t\\N\n2\t\\N\ty\n3\ta\tb\n")).toBe("postgres");
    expect(await formatOf('1,"a, b",x\n2,"c",y\n3,d,z\n')).toBe("mssql");
    expect(await formatOf("1+|a+|b&|\n2+|c+|d&|\n3+|e+|f&|\n")).toBe("mssql");
  });

  test("needs rows of equal width", async () => {
    for (const text of [
      "a letter,\nwithout rows\n",
      "one word\n",
      "Dear all, this is,\nprose, with, commas, at random\nno\n",
    ]) {
      expect(chooseFormat.bind(null, dbDumps, await probeOf(text))).toThrow("not_db_dumps");
    }
  });
});

describe("BSON", () => {
  const document = Uint8Array.from([0x0c, 0, 0, 0, 0x10, 0x61, 0, 1, 0, 0, 0, 0]);

  test("is read document by document", async () => {
    expect(await formatOf(document)).toBe("mongodb");
    const two = new Uint8Array([...document, ...document]);
    expect(await formatOf(two)).toBe("mongodb");
    expect(await formatOf(two.subarray(0, 20))).toBe("mongodb");
  });

  test.each([
    ["no end", 11, 1],
    ["an unknown type", 4, 0x40],
    ["a negative length", 3, 0x80],
    ["a length that leads nowhere", 0, 0x0b],
  ])("with %s is refused", async (_, at, value) => {
    const damaged = new Uint8Array([...document, ...document]);
    damaged[at] = value;
    expect(chooseFormat.bind(null, dbDumps, await probeOf(damaged))).toThrow("not_db_dumps");
  });
});
