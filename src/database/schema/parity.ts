/** Proof by the compiler that both dialects give the same rows, and that the rows are what the repository speaks of. */
import type { ApiKey, AuditEntry, Excerpt, Job, Part, Space, StoredFile } from "../repository";
import type * as postgres from "./postgres";
import type * as sqlite from "./sqlite";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Plain<T> = { [K in keyof T]: T[K] };
type Row<T> = T extends { $inferSelect: infer R } ? R : never;

type SameRows = {
  [T in keyof typeof sqlite]: Equal<Row<(typeof sqlite)[T]>, Row<(typeof postgres)[T]>>;
};

type DomainRows = {
  spaces: Equal<Row<typeof sqlite.spaces>, Plain<Space>>;
  keys: Equal<Row<typeof sqlite.keys>, Plain<ApiKey>>;
  files: Equal<Omit<Row<typeof sqlite.files>, "searchName">, Omit<StoredFile, never>>;
  parts: Equal<Row<typeof sqlite.parts>, Plain<Part>>;
  excerpts: Equal<Row<typeof sqlite.excerpts>, Plain<Excerpt>>;
  audit: Equal<Omit<Row<typeof sqlite.audit>, "id">, Omit<AuditEntry, never>>;
  jobs: Equal<Row<typeof sqlite.jobs>, Plain<Job>>;
};

type AllTrue<T extends Record<string, true>> = T;

export type Parity = AllTrue<SameRows> & AllTrue<DomainRows>;
