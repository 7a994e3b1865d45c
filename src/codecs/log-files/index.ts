import { Type } from "@sinclair/typebox";
import type { Codec } from "../codec";
import { textRecordSegments } from "../text-records";
import { log } from "./log";

export const logFiles: Codec = {
  name: "log-files",
  version: 2,
  title: "Log files",
  summary: "Plain text logs of any kind: syslog, application, access, security and JSON-lines logs; bit-exact.",
  formats: [log],
  params: Type.Object({}),
  plan: (source, { level }) => textRecordSegments(source, { level, effort: "thorough" }),
};
