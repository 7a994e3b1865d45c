import type { StorageSettings } from "../../src/storage/settings";

export type S3TestSettings = Extract<StorageSettings, { kind: "s3" }> & { secretAccessKey: string };

/**
 * The S3 server that `SMALLEST_TEST_S3` names, or null when it names none:
 * `http://KEY:SECRET@HOST:PORT/BUCKET[/PREFIX][?region=us-east-1&pathStyle=true]`.
 */
export function s3TestSettings(): S3TestSettings | null {
  const text = process.env.SMALLEST_TEST_S3;
  if (!text) return null;
  const url = new URL(text);
  const [bucket = "", ...prefix] = url.pathname.slice(1).split("/");
  return {
    kind: "s3",
    endpoint: url.origin,
    region: url.searchParams.get("region") ?? "us-east-1",
    bucket,
    prefix: prefix.join("/"),
    pathStyle: url.searchParams.get("pathStyle") !== "false",
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  };
}
