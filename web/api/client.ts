import type {
  CodecDescription,
  ErrorBody,
  FileFilter,
  FilePage,
  Job,
  Key,
  NewKey,
  Readiness,
  Space,
} from "./types";

/** An answer that is not what was asked for; `message` is the server's own sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly uploadId?: string,
  ) {
    super(message);
  }
}

export function apiError(status: number, body: Partial<ErrorBody> | null): ApiError {
  const uploadId = typeof body?.uploadId === "string" ? body.uploadId : undefined;
  const message =
    body?.error ?? (status === 0 ? "The server cannot be reached." : `The server answered ${status}.`);
  return new ApiError(status, body?.code ?? "unreachable", message, uploadId);
}

/** The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The calls of the API that the page makes, with one key. */
export class Client {
  constructor(readonly key: string) {}

  space(): Promise<Space> {
    return this.#json("GET", "/api/space");
  }

  async codecs(): Promise<CodecDescription[]> {
    return (await this.#json<{ codecs: CodecDescription[] }>("GET", "/api/codecs")).codecs;
  }

  /** A page of the list; `limit` and `offset` count files. */
  files(filter: FileFilter, limit: number, offset: number): Promise<FilePage> {
    const query = new URLSearchParams({ limit: String(limit), offset: String(offset) });
    if (filter.q !== "") query.set("q", filter.q);
    if (filter.codec !== "") query.set("codec", filter.codec);
    return this.#json("GET", `/api/files?${query}`);
  }

  async deleteFile(id: string): Promise<void> {
    await this.#json("DELETE", `/api/files/${id}`);
  }

  job(id: string): Promise<Job> {
    return this.#json("GET", `/api/uploads/${id}`);
  }

  /** Null when this key may not manage keys. */
  async keys(): Promise<Key[] | null> {
    try {
      return (await this.#json<{ keys: Key[] }>("GET", "/api/keys")).keys;
    } catch (error) {
      if (error instanceof ApiError && error.code === "forbidden") return null;
      throw error;
    }
  }

  createKey(wish: { name: string; scopes: string[] }): Promise<NewKey> {
    return this.#json("POST", "/api/keys", wish);
  }

  async revokeKey(id: string): Promise<void> {
    await this.#json("POST", `/api/keys/${id}/revoke`);
  }

  rotateKey(id: string): Promise<NewKey> {
    return this.#json("POST", `/api/keys/${id}/rotate`);
  }

  #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return requestJson(method, path, body, { "x-api-key": this.key });
  }
}

/** Exchanges the token of a setup link for a key; works once. */
export function redeemSetup(token: string): Promise<NewKey> {
  return requestJson("POST", "/api/setup", { token });
}

/** What works and what does not, also while the server is not ready (503). */
export async function readiness(): Promise<Readiness> {
  const response = await fetch("/api/ready").catch(() => null);
  if (!response) throw apiError(0, null);
  return response.json();
}

async function requestJson<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
  }).catch(() => null);
  if (!response) throw apiError(0, null);
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw apiError(response.status, answer);
  return answer as T;
}
