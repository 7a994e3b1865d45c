import { Refusal } from "../errors";

/** What the router knows of a route. */
interface Route {
  readonly method: string;
  readonly path: string;
}

/** Answers what no route took: 405 where the path has other methods, a bare answer to OPTIONS, else 404. */
export function missing(request: Request, routes: readonly Route[]): Response {
  const allow = allowedMethods(new URL(request.url).pathname, routes);
  if (allow.length === 0) throw new Refusal("not_found", "There is nothing here; `/docs` shows what there is.");
  if (request.method === "OPTIONS")
    return new Response(null, { status: 204, headers: { allow: allow.join(", ") } });
  const methods = allow.join(", ");
  throw new Refusal("method_not_allowed", `This address takes ${methods}, not ${request.method}.`, { allow });
}

function allowedMethods(pathname: string, routes: readonly Route[]): string[] {
  const steps = split(pathname);
  const methods = routes.filter(({ path }) => matches(split(path), steps)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))].sort();
}

function matches(pattern: readonly string[], steps: readonly string[]): boolean {
  return pattern.length === steps.length && pattern.every((step, at) => step.startsWith(":") || step === steps[at]);
}

function split(path: string): string[] {
  return path.replace(/\/$/, "").split("/");
}
