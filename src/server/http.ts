import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { errorBody, Refusal } from "../errors";

/**
 * The front door on `node:http`. `Bun.serve` drops the `Content-Length` of every streamed response
 * (oven-sh/bun#10507) and cuts slow uploads off by its idle timer; this door keeps the one and leaves the other to
 * us. Requests are handed on without their body: nothing can read it by accident before the key is checked.
 */
export interface Door {
  readonly url: string;
  /** Refuses new connections and resolves when the last response is sent; after `graceMs` the rest is cut off. */
  close(graceMs: number): Promise<void>;
}

export interface Guest {
  /** Method, URL and headers; never a body. */
  readonly request: Request;
  /** The body, and the socket under it. */
  readonly incoming: IncomingMessage;
  /** To be called before the body is read: a client that asked first (`Expect: 100-continue`) sends it only then. */
  invite(): void;
  /** Aborts when the client is gone before the response is complete. */
  readonly signal: AbortSignal;
}

export interface DoorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Answers a request; must not throw. */
  respond(guest: Guest): Promise<Response>;
  /** The last byte is sent, or none will follow: `error` is why, unless the client went away. */
  onEnd(guest: Guest, outcome: { status: number; bytes: number; error?: unknown }): void;
}

const MAX_HEADER_BYTES = 16 << 10;
const HEADERS_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 15_000;
/** How often connections that fell idle are closed while the server stops. */
const CLOSING_MS = 50;
/** Decoded blocks are large; what the socket does not take at once is copied. */
const WRITE_BYTES = 256 << 10;
/** A client that is still sending when it is refused reads the answer only afterwards, so it is heard out so far. */
const MAX_UNREAD_BYTES = 1 << 30;
const UNREAD_STALLED_MS = 20_000;

/** Starts listening. @throws Refusal `conflict` when the address is taken */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Uploads may take hours; a body that stalls is cut off where it is read.
    requestTimeout: 0,
  });
  server.on("request", (incoming, outgoing) => void serve(incoming, outgoing, false, options));
  server.on("checkContinue", (incoming, outgoing) => void serve(incoming, outgoing, true, options));
  // Expectations that nobody knows may be ignored: RFC 9110 section 10.1.1.
  server.on("checkExpectation", (incoming, outgoing) => void serve(incoming, outgoing, false, options));
  server.on("clientError", (error, socket) => refuseMalformed(error, socket as Socket));
  await listen(server, options);
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return { url: `http://${host}:${port}`, close: (graceMs) => close(server, graceMs) };
}

function listen(server: Server, { host, port }: DoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Refusal("conflict", `Port ${port} of ${host} is in use already.`) : error);
    });
    // `exclusive` so that a second instance fails instead of taking half of the requests.
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    const sweep = setInterval(() => server.closeIdleConnections(), CLOSING_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
  });
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  asked: boolean,
  options: DoorOptions,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableEnded) gone.abort();
  });
  // A body that breaks is reported to whoever reads it; unread, it is nobody's error.
  incoming.on("error", () => {});
  let waiting = asked;
  const invite = () => {
    if (waiting) outgoing.writeContinue();
    waiting = false;
  };
  const guest = { request: toRequest(incoming), incoming, invite, signal: gone.signal };
  const response = await options.respond(guest);
  // Whether the body that was not asked for follows nevertheless cannot be known.
  if (waiting) response.headers.set("connection", "close");
  const outcome = { status: response.status, bytes: 0 };
  try {
    outcome.bytes = await send(response, outgoing, gone.signal, incoming.method === "HEAD");
    hearOut(incoming);
    options.onEnd(guest, outcome);
  } catch (error) {
    outgoing.destroy();
    options.onEnd(guest, gone.signal.aborted ? outcome : { ...outcome, error });
  }
}

function hearOut(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  let unread = 0;
  incoming.setTimeout(UNREAD_STALLED_MS, () => incoming.destroy());
  incoming.on("data", (chunk: Uint8Array) => {
    unread += chunk.length;
    if (unread > MAX_UNREAD_BYTES) incoming.destroy();
  });
  incoming.on("end", () => incoming.setTimeout(0));
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at]!, incoming.rawHeaders[at + 1]!);
  }
  // HEAD is GET without the body, which is left out here; the router would run the whole GET to measure it.
  const method = incoming.method === "HEAD" ? "GET" : incoming.method;
  return new Request(toUrl(incoming.url ?? "/"), { method, headers });
}

/** The host that a client claims means nothing here: routes have paths only. */
function toUrl(target: string): string {
  const path = target.startsWith("/") ? target : (/^https?:\/\/[^/?#]*(\/.*)?$/i.exec(target)?.[1] ?? "/*");
  return `http://appliance${path}`;
}

/** Returns how many bytes of the body were sent. */
async function send(response: Response, outgoing: ServerResponse, gone: AbortSignal, headOnly: boolean) {
  outgoing.writeHead(response.status, [...response.headers].flat());
  let bytes = 0;
  if (headOnly || !response.body) {
    await response.body?.cancel();
    outgoing.end();
    return bytes;
  }
  outgoing.flushHeaders();
  const length = response.headers.get("content-length");
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < chunk.length; at += WRITE_BYTES) {
      if (gone.aborted) return bytes;
      const piece = chunk.subarray(at, at + WRITE_BYTES);
      bytes += piece.length;
      const room = outgoing.write(piece);
      // Whoever has the last byte may hang up at once, and is not gone before the end.
      if (bytes === Number(length)) outgoing.end();
      else if (!room) await drained(outgoing);
    }
  }
  if (length !== null && bytes !== Number(length)) throw new Error(`${bytes} of ${length} bytes were sent`);
  outgoing.end();
  return bytes;
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const refusal =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new Refusal("headers_too_large", `The headers are longer than ${MAX_HEADER_BYTES} bytes.`)
      : new Refusal("bad_request", "This is not HTTP that can be read.");
  const body = JSON.stringify(errorBody(refusal));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
