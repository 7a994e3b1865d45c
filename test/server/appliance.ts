import { createCipheriv } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config";
import { openDatabase } from "../../src/database/open";
import type { Repository, Scope } from "../../src/database/repository";
import { compressImage } from "../../src/media/image";
import { compressVideo } from "../../src/media/video";
import { type ServerOptions, startServer } from "../../src/server/server";
import { openVault } from "../../src/vault/open";

export interface JsonAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export interface Appliance {
  readonly url: string;
  /** Of the administrator. */
  readonly key: string;
  readonly setupToken: string;
  readonly data: string;
  /** A request with the administrator's key unless `headers` has another. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The same, with the JSON answer read. */
  json(path: string, init?: RequestInit): Promise<JsonAnswer>;
  /** Uploads `content` as a form. */
  upload(path: string, content: Uint8Array | string, name: string): Promise<JsonAnswer>;
  keyWith(...scopes: Scope[]): Promise<string>;
  /** The database beside the running server, for states that no call makes. */
  database(): Promise<Repository>;
  /** What lies in the spool directory. */
  spooled(): string[];
  stop(graceMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** A whole appliance on a fresh data directory and a free port. */
export async function startAppliance(
  options: Partial<ServerOptions> = {},
  environment: Record<string, string> = {},
): Promise<Appliance> {
  const data = mkdtempSync(join(tmpdir(), "smallest-server-"));
  const { vault, welcome } = await openVault(loadConfig({ data, workers: "2" }, environment));
  const server = await startServer({
    vault,
    media: { compressImage, compressVideo },
    host: "127.0.0.1",
    port: 0,
    rateLimit: 0,
    failureLimit: 0,
    ...options,
  });
  const key = welcome!.key;

  const appliance: Appliance = {
    url: server.url,
    key,
    setupToken: welcome!.setupToken,
    data,
    fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("x-api-key")) headers.set("x-api-key", key);
      return fetch(server.url + path, { ...init, headers });
    },
    async json(path, init) {
      const response = await appliance.fetch(path, init);
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    upload(path, content, name) {
      const body = new FormData();
      body.append("file", new File([content as BlobPart], name));
      return appliance.json(path, { method: "POST", body });
    },
    async keyWith(...scopes) {
      const made = await appliance.json("/api/keys", jsonRequest("POST", { name: scopes.join(), scopes }));
      return made.body.key;
    },
    database: () => openDatabase(join(data, "smallest.db")),
    spooled: () => readdirSync(join(data, "spool")),
    stop: (graceMs) => server.stop(graceMs),
    async close() {
      await server.stop(0);
      await vault.close(1_000);
      rmSync(data, { recursive: true, force: true });
    },
  };
  return appliance;
}

export function jsonRequest(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** A multipart body written by hand, so that it can be wrong. */
export function multipart(boundary: string, ...parts: { head: string; content: string | Uint8Array }[]): Buffer {
  const pieces = parts.flatMap(({ head, content }) => [`--${boundary}\r\n${head}\r\n\r\n`, content, "\r\n"]);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string)));
}

/** Bytes that nothing compresses, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const key = Buffer.alloc(16, String(seed));
  return new Uint8Array(createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length)));
}
