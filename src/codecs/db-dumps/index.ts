import { Type } from "@sinclair/typebox";
import { type Codec, PROBE_BYTES } from "../codec";
import { textRecordSegments } from "../text-records";
import { isBson } from "./bson";
import { mongodb, mssql, mysql, oracle, postgres } from "./formats";

export const dbDumps: Codec = {
  name: "db-dumps",
  version: 2,
  title: "Database dumps",
  summary: "SQL dumps of PostgreSQL, MySQL, Oracle and SQL Server, BSON and JSON exports of MongoDB; bit-exact.",
  formats: [postgres, mysql, mongodb, oracle, mssql],
  params: Type.Object({}),
  async *plan(source, { level, name }) {
    const head = await source.read(0, PROBE_BYTES);
    const bson = isBson({ head, tail: head, size: source.size, name });
    yield* textRecordSegments(source, { level, effort: "light", bson });
  },
};
