/** What the server answers, taken from the functions that write it. */
import type { CodecDescription } from "../../src/codecs/registry";
import type { Usage } from "../../src/database/repository";
import type { ErrorBody } from "../../src/errors";
import type { fileBody, jobBody, keyBody, newKeyBody, spaceBody } from "../../src/server/present";

export type { CodecDescription, ErrorBody, Usage };
export type StoredFile = ReturnType<typeof fileBody>;
export type Key = ReturnType<typeof keyBody>;
export type NewKey = ReturnType<typeof newKeyBody>;
export type Space = ReturnType<typeof spaceBody>;
export type Job = Pick<ReturnType<typeof jobBody>, "id" | "progress"> &
  (
    | { state: "running" }
    | { state: "done"; result: StoredFile }
    | { state: "failed"; status: number; error: ErrorBody }
  );

export interface FilePage {
  files: StoredFile[];
  usage: Usage;
}

export interface FileFilter {
  q: string;
  codec: string;
}

export interface Readiness {
  ready: boolean;
  storage: string;
  database: string;
  workers: string;
}
