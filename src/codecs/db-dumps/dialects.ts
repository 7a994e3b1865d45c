import type { TextProbe } from "../sniff";

export type Dialect = "postgres" | "mysql" | "oracle" | "mssql";

/** Words that a dumping tool writes into its first lines: nothing else says them. */
const BANNERS: Readonly<Record<Dialect, RegExp>> = {
  postgres: /^-- (PostgreSQL database (cluster )?dump|Dumped (from database version|by pg_dump))/m,
  mysql: /^-- (MySQL|MariaDB) dump |^-- phpMyAdmin SQL Dump|^\/\*!\d{5} |^-- MySQL Administrator dump/m,
  oracle: /^REM INSERTING into |^PROMPT |^-- +DDL for (Table|View|Sequence) /im,
  mssql: /\/\*{3,}\s+Object: |^USE \[[^\]]+\]\s*\r?\nGO\b/im,
};

/** Constructs that one dialect has and the other three have not. */
const CONSTRUCTS: Readonly<Record<Dialect, RegExp>> = {
  postgres:
    /\bFROM stdin;|^\\\.\r?$|\bSET (search_path|client_encoding|standard_conforming_strings)\b|\bpg_catalog\b|::(regclass|text|integer|jsonb?)\b|\bOWNER TO\b|\bnextval\(|\bcharacter varying\b|\bBIGSERIAL\b/gim,
  mysql:
    /`\w+`|\bENGINE ?= ?\w+|\bLOCK TABLES\b|\bAUTO_INCREMENT\b|@@\w+|^SET @\w+|\bTINYINT\(|\bUNSIGNED\b|\bDELIMITER (;;|\/\/|\$\$)/gim,
  oracle:
    /\bN?VARCHAR2\b|\bto_(timestamp|date)(_tz)?\s*\(|\bUNISTR\s*\(|^[ \t]*SET (DEFINE|SQLBLANKLINES|ESCAPE|SCAN|SERVEROUTPUT) |^PROMPT |^REM |\bINSERT ALL\b|\bFROM dual\b|^\/[ \t\r]*$|\bNUMBER\(\d|\bWHENEVER SQLERROR\b/gim,
  mssql:
    /^[ \t]*GO[ \t\r]*$|\bN'|\[dbo\]|\bSET (NOCOUNT|IDENTITY_INSERT|ANSI_NULLS|QUOTED_IDENTIFIER|DATEFORMAT)\b|\bdatetime2\b|\bnvarchar\b|\[\w+\]\.\[?\w+|^PRINT N?'|\bON \[PRIMARY\]|^[ \t]*EXEC(UTE)? sp_/gim,
};

/** A statement at the start of a line. */
const STATEMENT =
  /^[ \t]*(\/\*!\d|create\s+(or\s+replace\s+|temporary\s+|global\s+|unique\s+|public\s+|external\s+|force\s+)*(table|database|schema|index|view|sequence|function|procedure|type|user|role|extension|trigger|synonym|materialized)\b|insert\s+(ignore\s+)?(all[ \t\r]*$|into\s|\[)|replace\s+into\s|drop\s+(table|database|schema|view|index|sequence|user)\b|alter\s+(table|session|database|sequence|user|role)\b|set\s+(@?[\w.@]+\s*(:?=|to\b)|\w+\s+(on|off)\b|names\b|\w+ \w+;?[ \t\r]*$)|copy\s[^;\n]{1,2000}\sfrom\s+stdin|lock\s+tables?\b|use\s+[\w[`"\]]+;?[ \t\r]*$|begin(\s+transaction|\s+work)?[ \t]*;?[ \t\r]*$|start\s+transaction\b|declare\s+[@\w]+\s|grant\s+\w+|truncate\s+table\b|exec(ute)?\s+\w+|print\s+n?'|prompt\s|rem\s|whenever\s+sqlerror|pragma\s+\w+|select\s+(\*|pg_catalog\.|setval|[\w.", ]{1,200}\sfrom\s)|update\s+[\w.[\]"`]+\s+set\s|delete\s+from\s|merge\s+into\s|comment\s+on\s|go[ \t\r]*$|if\s+(not\s+)?exists\b|if\s+db_id|spool\s|\\connect\b)/im;

export interface SqlVerdict {
  /** 0 no SQL; 0.35 statements somewhere; 0.75 the text opens with one. */
  readonly confidence: number;
  /** Set where the text is plainly of one dialect. */
  readonly dialect?: Dialect;
  /** The dialect of most constructs, if any. */
  readonly likely?: Dialect;
}

/** Reads the head of a text as SQL. */
export function readSql({ head }: TextProbe): SqlVerdict {
  const code = head.replace(/\/\*(?!!)[\s\S]*?(\*\/|$)/g, "\n").replace(/^[ \t]*(--|#).*$/gm, "");
  const first = STATEMENT.exec(code);
  const banner = (Object.keys(BANNERS) as Dialect[]).find((dialect) => BANNERS[dialect].test(head));
  if (!first && !banner) return { confidence: 0 };
  const confidence = banner || code.slice(0, first!.index).trim() === "" ? 0.75 : 0.35;
  if (banner) return { confidence, dialect: banner, likely: banner };
  const ranked = rankDialects(code);
  const [best, second] = [ranked[0]!, ranked[1]!];
  if (best.count === 0) return { confidence };
  const plain = best.count >= 3 && best.count > 4 * second.count;
  return { confidence, dialect: plain ? best.dialect : undefined, likely: best.dialect };
}

function rankDialects(code: string): { dialect: Dialect; count: number }[] {
  return (Object.keys(CONSTRUCTS) as Dialect[])
    .map((dialect) => ({ dialect, count: code.match(CONSTRUCTS[dialect])?.length ?? 0 }))
    .sort((a, b) => b.count - a.count);
}
