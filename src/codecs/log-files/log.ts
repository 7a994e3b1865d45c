import { type Format, no, yes } from "../codec";
import { textOf } from "../sniff";

export const log: Format = {
  name: "log",
  title: "Log",
  extensions: ["log", "txt", "jsonl", "json", "csv", "out"],
  mediaType: "text/plain",
  sniff(probe) {
    const text = textOf(probe);
    if (!text) return no("the file is not text: it opens with binary data or a known binary format");
    if (LOG_HEADERS.test(text.head)) return yes(0.8);
    return yes(shareOfLogLines(text.lines) >= 0.3 ? 0.6 : 0.1);
  },
};

/** Headers that only logs have: W3C extended (IIS), Zeek, the JVM's. */
const LOG_HEADERS =
  /^(#(Software|Version|Fields|separator)[: ][^\n]*\n#|[^\n]{0,60}(Server|Client) VM \([\d.+\w-]+\) for )/;

/** A time as loggers write it, near the start of a line. */
const TIME = new RegExp(
  [
    String.raw`\d{4}[-/.]\d\d[-/.]\d\d[T :.-]\d\d[:.]\d\d`, // ISO 8601 and relatives
    String.raw`\d\d?[/ ](\d\d|[A-Z][a-z]{2})[/ ](\d{4}|\d\d)[: ]\d\d:\d\d`, // 17/May/2015:10:05, 17/06/09 20:10
    String.raw`[A-Z][a-z]{2} [ \d]\d( \d{4})? \d\d:\d\d:\d\d`, // syslog, RFC 3164
    String.raw`\d\d-\d\d \d\d:\d\d:\d\d`, // Android
    String.raw`^\d{6} \d{6} `, // HDFS
    String.raw`^\W{0,2}\d{10}(\.\d+)?\b`, // seconds since 1970
    String.raw`^\W{0,8}\d+\.\d{3,6}[:\]]`, // seconds since the start: kernel ring buffer
  ].join("|"),
);

/** A time under a key of a JSON line, wherever it stands. */
const JSON_TIME =
  /"[^"]{0,40}(time|ts|date|created|clock)[^"]{0,40}" ?: ?("\d{4}-\d\d-\d\d|"?\d{9,13}[,.}"\s]|"\d\d\/[A-Z])/i;

function shareOfLogLines(lines: readonly string[]): number {
  const sample = lines.filter((line) => line.trim() !== "" && !/^\s/.test(line)).slice(0, 400);
  const timed = sample.filter((line) => (line.startsWith("{") ? JSON_TIME : TIME).test(timedPart(line)));
  return sample.length === 0 ? 0 : timed.length / sample.length;
}

function timedPart(line: string): string {
  return line.startsWith("{") ? line : line.slice(0, 64);
}
