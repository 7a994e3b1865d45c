import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import type { Codec } from "../codec";
import { lineSegments } from "../cuts";
import { mongodb, mssql, mysql, oracle, postgres } from "./formats";

export const dbDumps: Codec = {
  name: "db-dumps",
  version: 1,
  title: "Database dumps",
  summary: "SQL dumps of PostgreSQL, MySQL, Oracle and SQL Server, BSON and JSON exports of MongoDB; bit-exact.",
  formats: [postgres, mysql, mongodb, oracle, mssql],
  params: Type.Object({}),
  plan: (source, { format }) => (format === mongodb.name ? generalSegments(0, source.size) : lineSegments(source)),
};
