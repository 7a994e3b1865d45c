import { type Format, no, type Probe, type Sniff, yes } from "../codec";
import { hasMagic, insideGzip, knownTextKind, textOf } from "../sniff";
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
    const text = textOf(content);
    if (!text || knownTextKind(text) || !/^\s*[[{]/.test(text.head)) {
      return no("no BSON document at offset 0, no mongodump archive and no JSON export");
    }
    return yes(/"\$(oid|date|numberLong|numberDecimal)"/.test(text.head) ? 0.7 : 0.2);
  },
};

function sqlFormat(name: Dialect, title: string, extensions: string[], ...magics: string[]): Format {
  return {
    name,
    title,
    extensions,
    mediaType: "application/sql",
    sniff(probe) {
      const { head } = insideGzip(probe) ?? probe;
      return magics.some((magic) => hasMagic(head, magic)) ? yes(1) : sniffText(probe, name);
    },
  };
}

const NAMES: Readonly<Record<Dialect, string>> = {
  postgres: "PostgreSQL",
  mysql: "MySQL",
  oracle: "Oracle",
  mssql: "SQL Server",
};

function sniffText(probe: Probe, name: Dialect): Sniff {
  const inside = insideGzip(probe);
  const text = textOf(inside ?? probe);
  const kind = text && knownTextKind(text);
  if (!text || kind) return no(kind ? `the text is ${kind}` : "no SQL text at offset 0");
  const sql = readSql(text);
  if (sql.dialect && sql.dialect !== name) return no(`the SQL is of ${NAMES[sql.dialect]}`);
  if (sql.confidence > 0) return yes(sql.confidence + (sql.likely === name ? 0.1 : 0));
  if (inside || /^\s*[[{<]/.test(text.head)) return no("no SQL statement in the first 64 KiB");
  const table = readTable(text);
  if (!table.regular) return no("no SQL statement in the first 64 KiB and no rows of a table");
  const natural = table.bcp || !table.backslashNulls ? name === "mssql" : name === "postgres" || name === "mysql";
  return yes(natural ? 0.4 : 0.2);
}
