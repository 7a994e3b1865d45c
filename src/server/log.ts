import type { Exchange } from "./exchange";

/** One line of JSON on standard error for each thing worth telling. */
export class Log {
  /** @param access whether requests are worth a line; failures always are */
  constructor(
    private readonly access: boolean,
    private readonly write: (line: string) => void = (line) => process.stderr.write(line),
  ) {}

  /** Without the query and its file names: a log is read by more people than the files are. */
  request(request: Request, exchange: Exchange, { status, bytes }: { status: number; bytes: number }): void {
    if (!this.access) return;
    this.#line({
      event: "request",
      requestId: exchange.id,
      method: exchange.method,
      path: new URL(request.url).pathname,
      status,
      bytes,
      ms: Math.round(performance.now() - exchange.startedAt),
      address: exchange.address,
      key: exchange.actor?.id ?? null,
      gone: exchange.signal.aborted || undefined,
    });
  }

  /** Something failed here; the answer shows only the request id. */
  failure(exchange: Exchange, error: unknown): void {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    this.#line({ event: "failure", requestId: exchange.id, message, stack });
  }

  #line(fields: Record<string, unknown>): void {
    this.write(`${JSON.stringify({ time: new Date().toISOString(), ...fields })}\n`);
  }
}
