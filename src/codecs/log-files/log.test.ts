import { expect, test } from "bun:test";
import { chooseFormat, detectCodec } from "../registry";
import { probeOf } from "../testing";
import { logFiles } from ".";

async function detected(text: string | Uint8Array): Promise<string> {
  return detectCodec(await probeOf(text)).codec.name;
}

test.each([
  "2026-01-05T10:11:12.345Z INFO started",
  "2026-01-05 10:11:12,345 - INFO  [main] started",
  "2026/01/05 10:11:12 [error] 5#5: *1 open() failed",
  "[05/Jan/2026:10:11:12 +0000] access",
  '10.0.0.1 - - [05/Jan/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 12',
  "26/01/05 10:11:12 INFO executor.Executor: Running task",
  "Jan  5 10:11:12 host sshd[7]: Accepted publickey",
  "Jan 15 2026 10:11:12: %ASA-6-302013: Built outbound",
  "01-05 10:11:12.345  1702  2395 D WindowManager: printing",
  "081109 203615 148 INFO dfs.DataNode: Served block",
  "[    0.123456] Linux version 6.1",
  "- 1117838570 2005.06.03 R02 RAS KERNEL INFO",
  '{"level":"info","ts":1767608000.123,"msg":"started"}',
  '{"@timestamp":"2026-01-05T10:11:12Z","message":"started"}',
])("lines like %j make a log, with stack traces between them", async (line) => {
  expect(await detected(`${line}\n`.repeat(30))).toBe("log-files");
  expect(await detected(`${line}\n    at some.where(Code.java:7)\n\n`.repeat(30))).toBe("log-files");
});

test.each([
  "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\nx y z\r\n",
  "#separator \\x09\n#set_separator\t,\n#path\tweird\na\tb\n",
])("a header like %j makes a log", async (text) => {
  expect(await detected(text)).toBe("log-files");
});

test.each([
  "Dear Sir,\nplease find enclosed the letter of 2026-01-05.\n",
  "# Title\n\nSome prose.\n",
  '{"a": [1, 2]}\n',
])("%j is no log of its own, but may be stored as one", async (text) => {
  expect(await detected(text)).toBe("general");
  expect(chooseFormat(logFiles, await probeOf(text)).name).toBe("log");
});
