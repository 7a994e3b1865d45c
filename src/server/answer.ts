import { errorBody, Refusal } from "../errors";

/** After this a busy server is worth another try. */
const RETRY_SECONDS = 5;

export function errorResponse(error: unknown): Response {
  if (!(error instanceof Refusal)) return json(errorBody(error), 500);
  return json(errorBody(error), error.status, headersOf(error));
}

/** What HTTP wants said in a header as well. */
function headersOf({ kind, details }: Refusal): Record<string, string> {
  switch (kind) {
    case "rate_limited":
      return { "retry-after": String(details?.retryAfterSeconds ?? 1) };
    case "busy":
    case "shutting_down":
      return { "retry-after": String(RETRY_SECONDS) };
    case "method_not_allowed":
      return { allow: [details?.allow].flat().join(", ") };
    case "range_not_satisfiable":
      return { "content-range": `bytes */${details?.size}` };
    default:
      return {};
  }
}

/** A JSON answer of known length. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return sized(`${JSON.stringify(value)}\n`, { "content-type": "application/json", ...headers }, status);
}

/** An answer whose bytes are at hand, and so is their number. */
export function sized(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  status = 200,
): Response {
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  return new Response(body, { status, headers: { ...headers, "content-length": String(bytes) } });
}
