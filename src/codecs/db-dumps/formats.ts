import { type Format, no, type Probe, type Sniff, yes } from "../codec";
import { hasMagic, insideGzip, textOf } from "../sniff";
import { isBson } from "./bson";
import { type Dialect, readSql } from "./dialects";
import { readTable } from "./tables";

export const postgres = sqlFormat("postgres", "PostgreSQL", ["sql", "dump", "pgsql"], "PGDMP");
export const mysql = sqlFormat("mysql", "MySQL", ["sql", "dump"]);
export const oracle = sqlFormat("oracle", "Oracle", ["sql", "dmp"], "\x03\0\x01EXPORT:V", "EXPORT:V");
export const mssql = sqlFormat("mssql", "SQL Server", ["sql", "csv", "bak"], "TAPE\0\0");

export const mongodb: Format = {
  name: "mongodb",
  title: "MongoDB",
  extensions: ["bson", "json", "archive"],
  mediaType: "application/bson",
  sniff(probe) {
    const content = insideGzip(probe) ?? probe;
    if (hasMagic(content.head, [0x6d, 0xe2, 0x99, 0x81])) return yes(1);
    if (isBson(content)) return yes(0.9);
    const head = textOf(content)?.head ?? "";
    if (!/^\s*[[{]/.test(head) || GEOGRAPHIC.test(head)) {
      return no("no BSON document at offset 0, no mongodump archive and no JSON export");
    }
    return yes(/"\$(oid|date|numberLong|numberDecimal)"/.test(head) ? 0.7 : 0.2);
  },
};

/** JSON that is plainly somebody else's. */
const GEOGRAPHIC = /^[\s\S]{0,2000}"type"\s*:\s*"(FeatureCollection|Topology)"/;

function sqlFormat(name: Dialect, title: string, extensions: string[], ...magics: string[]): Format {
  return {
    name,
    title,
    extensions,
    mediaType: "application/sql",
    sniff(probe) {
      const content = insideGzip(probe) ?? probe;
      if (magics.some((magic) => hasMagic(content.head, magic))) return yes(1);
      return sniffText(content, name);
    },
  };
}

const NAMES: Readonly<Record<Dialect, string>> = {
  postgres: "PostgreSQL",
  mysql: "MySQL",
  oracle: "Oracle",
  mssql: "SQL Server",
};

function sniffText(content: Probe, name: Dialect): Sniff {
  const text = textOf(content);
  if (!text) return no("no SQL text at offset 0");
  const sql = readSql(text);
  if (sql.dialect && sql.dialect !== name) return no(`the SQL is of ${NAMES[sql.dialect]}`);
  if (sql.confidence > 0) return yes(sql.confidence + (sql.likely === name ? 0.1 : 0));
  if (/^\s*[[{<]/.test(text.head)) return no("no SQL statement in the first 64 KiB");
  const table = readTable(text);
  if (!table.regular) return no("no SQL statement in the first 64 KiB and no rows of a table");
  const natural = table.bcp || !table.backslashNulls ? name === "mssql" : name === "postgres" || name === "mysql";
  return yes(natural ? 0.4 : 0.2);
}
