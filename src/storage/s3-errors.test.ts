import { expect, test } from "bun:test";
import { Refusal } from "../errors";
import { s3Refusal } from "./s3-errors";

const place = { endpoint: "https://s3.example", region: "eu-1", bucket: "archives", accessKeyId: "key" };

function failure(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error("m"), { name, $metadata: { httpStatusCode } });
}

test.each([
  ["ETIMEDOUT", undefined, "https://s3.example does not answer in time"],
  ["ECONNRESET", undefined, "broke off"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", undefined, "NODE_EXTRA_CA_CERTS"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", undefined, "does not answer as an S3 server does"],
  ["SlowDown", 503, "fewer requests"],
  ["InternalError", 500, "try again later"],
  ["Unknown", 403, "allow it to read"],
])("explains %s", (code, status, words) => {
  const refusal = s3Refusal(failure(code, status), place);
  expect([refusal.kind, refusal.details?.cause]).toEqual(["storage_unavailable", code]);
  expect(refusal.message).toContain(words);
});

test("explains what is no error of S3 or of the system", () => {
  expect(s3Refusal(new DOMException("m", "TimeoutError"), place).message).toContain("does not answer in time");
  expect(s3Refusal(null, place).message).toContain("does not answer as an S3 server does");
});

test("names Amazon where there is no endpoint", () => {
  expect(s3Refusal(failure("ENOTFOUND"), { ...place, endpoint: null }).message).toContain("Amazon S3 in eu-1");
});

test("passes refusals on", () => {
  const refusal = new Refusal("damaged", "The object is missing.");
  expect(s3Refusal(refusal, place)).toBe(refusal);
});
