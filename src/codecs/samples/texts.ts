import { bytesOf, joinBytes, noise } from "../testing";
import { little, type Sample, sample, utf16 } from "./making";

export function dumps(): Sample[] {
  const rows = (line: (i: number) => string) => Array.from({ length: 50 }, (_, i) => line(i)).join("");
  const postgres = `--\n-- PostgreSQL database dump\n--\n\nCOPY public.a (id, b) FROM stdin;\n${rows((i) => `${i}\tx\n`)}\\.\n`;
  const mysql = `-- MySQL dump 10.13\n\nCREATE TABLE \`a\` (\`id\` int) ENGINE=InnoDB;\n${rows((i) => `INSERT INTO \`a\` VALUES (${i});\n`)}`;
  const oracle = `SET DEFINE OFF;\n${rows((i) => `Insert into A (ID,T) values (${i},to_date('01-JAN-26','DD-MON-RR'));\n`)}`;
  const mssql = `SET NOCOUNT ON\r\nGO\r\n${rows((i) => `INSERT [dbo].[a] ([id], [n]) VALUES (${i}, N'x')\r\nGO\r\n`)}`;
  const table = rows((i) => `${i}\tname ${i}\t2026-01-0${i % 9}\t\t${i * 3}\r\n`);
  const json = rows((i) => `{"_id":{"$oid":"55f14312c7447c3da7051b${i}"},"name":"n${i}"}\n`);
  return [
    sample("db-dumps", "postgres", "backup.sql", postgres),
    sample("db-dumps", "postgres", "backup.dump", joinBytes(bytesOf("PGDMP\x01\x0e\x00"), noise(300))),
    sample("db-dumps", "postgres", "backup.sql.gz", Bun.gzipSync(Buffer.from(postgres))),
    sample("db-dumps", "mysql", "backup.sql", mysql),
    sample("db-dumps", "mongodb", "zips.bson", bson()),
    sample("db-dumps", "mongodb", "zips.json", json),
    sample("db-dumps", "oracle", "orders.sql", oracle),
    sample("db-dumps", "mssql", "cities.sql", `\xef\xbb\xbf${mssql}`),
    sample("db-dumps", "mssql", "cities16.sql", utf16(mssql)),
    sample("db-dumps", "mssql", "customers.csv", utf16(table)),
  ];
}

function bson(): Uint8Array {
  const documents = Array.from({ length: 30 }, (_, i) => {
    const elements = little("\x10zip\0", [4, 10_000 + i], "\x02city\0", [4, 6], "Basel\0");
    return little([4, elements.length + 5], elements, [1, 0]);
  });
  return joinBytes(...documents);
}

export const SYSLOG = Array.from(
  { length: 60 },
  (_, i) => `Jan  5 10:${10 + (i % 50)}:07 host sshd[${i}]: Accepted publickey for root from 10.0.0.${i}\n`,
).join("");

export function documents(): Sample[] {
  const jsonLines = Array.from(
    { length: 40 },
    (_, i) => `{"ts":"2026-01-05T10:10:${10 + i}Z","level":"info","n":${i}}\n`,
  );
  const pdfBody = `%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n${"% text\n".repeat(50)}startxref\n9\n%%EOF\n`;
  const attachment = Buffer.from(noise(9000)).toString("base64").replace(/.{76}/g, "$&\n");
  const mail = [
    "From alice@example.org Mon Jan  5 10:00:00 2026",
    "From: Alice <alice@example.org>",
    "Subject: the report",
    'Content-Type: image/png; name="report.png"',
    "Content-Transfer-Encoding: base64",
    "",
    `${attachment}\n\n`,
  ].join("\n");
  const eml = "Received: from a by b\nFrom: a@example.org\nTo: b@example.org\nSubject: x\n\nGood morning,\nbye\n";
  return [
    sample("log-files", "log", "syslog.log", SYSLOG),
    sample("log-files", "log", "events.jsonl", jsonLines.join("")),
    sample("log-files", "log", "windows.log", utf16(SYSLOG)),
    sample("text-pdf", "pdf", "report.pdf", pdfBody),
    sample("text-pdf", "pdf", "junk-first.pdf", `HTTP/1.1 200 OK\r\n\r\n${pdfBody}`),
    sample("text-pdf", "pdf", "headless.pdf", pdfBody.slice(9)),
    sample("dict-transport", "js", "app.js", '"use strict";\nconst add = (a, b) => a + b;\n'.repeat(20)),
    sample("dict-transport", "css", "app.css", ".a { color: red; margin: 0 auto; }\n".repeat(20)),
    sample("dict-transport", "html", "index.html", "<!doctype html>\n<html><body><p>Hello</p></body></html>\n"),
    sample("email", "mbox", "inbox.mbox", mail.repeat(3)),
    sample("email", "mbox", "dos.mbox", mail.replaceAll("\n", "\r\n")),
    sample("email", "mbox", "single.eml", eml),
    sample("general", "binary", "noise.bin", noise(5000)),
  ];
}
