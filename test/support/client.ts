export interface JsonAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** Calls an appliance with one key. */
export class Client {
  constructor(
    readonly url: string,
    /** The administrator's; empty when the data directory was used before. */
    readonly key: string,
  ) {}

  /** A request with the key unless `headers` has another. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("x-api-key")) headers.set("x-api-key", this.key);
    return fetch(this.url + path, { ...init, headers });
  }

  /** The same, with the JSON answer read. */
  async json(path: string, init?: RequestInit): Promise<JsonAnswer> {
    const response = await this.fetch(path, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  /** Uploads as the reference's curl lines do: a form with the field `file`. */
  upload(path: string, content: Uint8Array | Blob | string, name: string): Promise<JsonAnswer> {
    const body = new FormData();
    body.append("file", new File([content as BlobPart], name));
    return this.json(path, { method: "POST", body });
  }

  async download(id: string): Promise<Uint8Array> {
    const response = await this.fetch(`/api/files/${id}/download`);
    if (response.status !== 200) throw new Error(`download answered ${response.status}: ${await response.text()}`);
    return response.bytes();
  }
}

export function jsonRequest(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
