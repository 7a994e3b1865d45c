/** The examples of the OpenAPI document; the tests hold them against the schemas and the schemas against answers. */
export const FILE_EXAMPLE = {
  uploadId: "a8f3b2c1",
  originalFilename: "reads.fastq",
  originalBytes: 52428800,
  compressedBytes: 2359296,
  ratio: 0.045,
  savings: "95.5%",
  codec: "dna",
  format: "fastq",
  level: "balanced",
  params: {},
  lossless: true,
  verified: true,
  sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  contentBytes: 52428800,
  contentSha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  mediaType: "text/plain",
  report: {},
  compressionTimeMs: 1420,
  createdAt: "2026-03-08T12:00:00Z",
  accessedAt: "2026-03-08T14:30:00Z",
};

export const USAGE_EXAMPLE = { totalFiles: 12, totalOriginalBytes: 524288000, totalCompressedBytes: 52428800 };

export const KEY_EXAMPLE = {
  id: "5d41402abc4b",
  name: "sequencer 3",
  prefix: "smz_4fK9aB",
  scopes: ["read", "write"],
  createdAt: "2026-03-08T12:00:00Z",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

export const NEW_KEY_EXAMPLE = { key: "smz_4fK9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789", ...KEY_EXAMPLE };

export const JOB_EXAMPLE = {
  id: "0cc175b9c0f1b6a8",
  state: "running",
  progress: 0.42,
  createdAt: "2026-03-08T12:00:00Z",
  updatedAt: "2026-03-08T12:00:05Z",
};

export const STORAGE_EXAMPLE = {
  kind: "s3",
  endpoint: "https://s3.hospital.example",
  region: "us-east-1",
  bucket: "archives",
  prefix: "",
  pathStyle: true,
  accessKeyId: "ARCHIVER",
};

export const AUDIT_EXAMPLE = {
  at: "2026-03-08T14:30:00.125Z",
  actor: "5d41402abc4b",
  action: "file.download",
  target: "a8f3b2c1",
  origin: "192.0.2.17",
  outcome: "ok",
  details: null,
};
