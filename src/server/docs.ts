import { Elysia } from "elysia";
import type { OpenAPIV3 } from "openapi-types";
import favicon from "swagger-ui-dist/favicon-32x32.png" with { type: "file" };
import style from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { json, sized } from "./answer";
import { readQuery } from "./query";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Smallest: API</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
`;

/** Swagger UI sets styles from its script and carries its icons as data URLs. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `GET /docs` and `GET /openapi.json`: the API's documentation, without the internet. */
export function docs(document: () => Promise<OpenAPIV3.Document>) {
  const hidden = { detail: { hide: true } };
  return new Elysia()
    .get(
      "/openapi.json",
      async ({ request }) => {
        readQuery(request, {});
        return json(await document());
      },
      hidden,
    )
    .get(
      "/docs",
      () => sized(PAGE, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY }),
      hidden,
    )
    .get("/docs/start.js", () => sized(START, { "content-type": "text/javascript; charset=utf-8" }), hidden)
    .get("/docs/swagger-ui-bundle.js", () => file(bundle, "text/javascript; charset=utf-8"), hidden)
    .get("/docs/swagger-ui.css", () => file(style, "text/css; charset=utf-8"), hidden)
    .get("/docs/favicon.png", () => file(favicon, "image/png"), hidden);
}

function file(path: string, mediaType: string): Response {
  const asset = Bun.file(path);
  const headers = {
    "content-type": mediaType,
    "content-length": String(asset.size),
    "cache-control": "max-age=3600",
  };
  return new Response(asset.stream(), { headers });
}
