import { type AnyElysia, Elysia } from "elysia";
import { Refusal } from "../errors";
import { errorResponse } from "./answer";
import { audit } from "./audit";
import { codecList } from "./codecs";
import { docs } from "./docs";
import { downloads } from "./downloads";
import { events } from "./events";
import { exchangeOf } from "./exchange";
import { files } from "./files";
import { type GateKeeping, gate } from "./gate";
import { health } from "./health";
import { keys } from "./keys";
import type { Log } from "./log";
import { media } from "./media";
import { openApiDocument } from "./openapi";
import { missing } from "./routes";
import type { Services } from "./services";
import { setup } from "./setup";
import { space } from "./space";
import { storage } from "./storage";
import { uploads } from "./uploads";
import { web } from "./web";

/** All routes. Whatever fails in one becomes an error answer here. */
export async function createApp(services: Services, keeping: GateKeeping, log: Log): Promise<AnyElysia> {
  const api = apiRoutes(services, keeping);
  const document = once(() => openApiDocument(api));
  const app: AnyElysia = new Elysia().onError(({ code, error, request }) =>
    answerError(
      () => {
        if (code === "NOT_FOUND") return missing(request, app.routes);
        throw error;
      },
      request,
      log,
    ),
  );
  return app
    .use(api)
    .use(docs(document))
    .use(await web())
    .compile();
}

function apiRoutes(services: Services, keeping: GateKeeping) {
  const checked = gate(keeping);
  return new Elysia()
    .use(uploads(services, checked))
    .use(events(services, checked))
    .use(files(services, checked))
    .use(downloads(services, checked))
    .use(media(services, checked))
    .use(codecList(services, checked))
    .use(keys(services, checked))
    .use(setup(keeping, checked))
    .use(space(services, checked))
    .use(audit(services, checked))
    .use(storage(services, checked))
    .use(health(services));
}

function answerError(answer: () => Response, request: Request, log: Log): Response {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof Refusal)) log.failure(exchangeOf(request), error);
    return errorResponse(error);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
