import type { TSchema } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { codecByName, codecs, describe, parameterNames } from "../codecs/registry";
import { Refusal } from "../errors";
import type { Actor } from "../vault/vault";
import { json } from "./answer";
import { receiveFile } from "./body";
import { FILE_EXAMPLE, JOB_EXAMPLE } from "./examples";
import type { Exchange } from "./exchange";
import type { Gate } from "./gate";
import { identifier } from "./identifier";
import { fileForm, jsonAnswer, openApiSchema, operation, type QueryDescription } from "./operation";
import { fileBody, jobBody } from "./present";
import { queryRecord, readQuery } from "./query";
import type { Services } from "./services";

const UPLOAD = {
  tag: "Files",
  summary: "Upload a file",
  description:
    "The file comes as the part `file` of a form, or as the raw body with its name in `?filename=` or " +
    "`Content-Disposition`. It is compressed, decoded again and compared before the answer. `codec` may be `auto`: " +
    "the content decides. `format`, `level` (fast, balanced, max) and the codec's own parameters go into the " +
    "query; `GET /api/codecs` lists them. With `Prefer: respond-async` the answer is 202 and a job to ask after.",
  scope: "write",
  query: { filename: { schema: { type: "string" }, description: "Name of a raw body." }, ...codecQuery() },
  body: {
    required: true,
    content: {
      "multipart/form-data": fileForm("file"),
      "application/octet-stream": { schema: { type: "string", format: "binary" } },
    },
  },
  answers: {
    201: jsonAnswer("Stored and verified.", FILE_EXAMPLE, "File"),
    202: jsonAnswer("Received; `Location` is where to ask for the outcome.", JOB_EXAMPLE, "Job"),
  },
  refusals: [
    "no_file",
    "empty_file",
    "several_files",
    "bad_multipart",
    "unknown_format",
    "format_mismatch",
    "wrong_type",
    "no_credits",
    "unknown_codec",
    "duplicate",
    "too_large",
    "unsupported_media_type",
    "aborted",
    "compression_failed",
    "storage_not_configured",
    "storage_unavailable",
    "busy",
    "disk_full",
    "quota_exceeded",
  ],
} as const;

const JOB = {
  tag: "Files",
  summary: "Ask after an upload that runs in the background",
  description: "`result` is the body of the 201 once `state` is `done`; `error` says why it `failed`.",
  scope: "write",
  answers: { 200: jsonAnswer("State and progress (0 to 1).", JOB_EXAMPLE, "Job") },
  refusals: ["not_found"],
} as const;

/** Every parameter of every codec, for the OpenAPI document; the codec itself checks them. */
function codecQuery(): Record<string, QueryDescription> {
  const query: Record<string, QueryDescription> = {};
  for (const { name: codec, params } of codecs.map(describe)) {
    for (const [name, { description, ...schema }] of Object.entries(params.properties)) {
      const known = query[name];
      const about = `\`${codec}\`: ${description ?? name}`;
      query[name] = known
        ? {
            schema: { oneOf: [known.schema, openApiSchema(schema as TSchema)] },
            description: `${known.description}\n\n${about}`,
          }
        : { schema: openApiSchema(schema as TSchema), description: about };
    }
  }
  return query;
}

/** `POST|PUT /api/{codec}/upload` and `GET /api/uploads/{id}`. */
export function uploads(services: Services, gate: Gate) {
  const accept = (context: UploadContext) => acceptUpload(services, context);
  return new Elysia()
    .use(gate)
    .post("/api/:codec/upload", accept, { scope: "write", detail: operation(UPLOAD) })
    .put("/api/:codec/upload", accept, { scope: "write", detail: operation(UPLOAD) })
    .get(
      "/api/uploads/:id",
      async ({ request, params, actor }) => {
        readQuery(request, {});
        return json(jobBody(await services.vault.job(actor, identifier(params.id))));
      },
      { scope: "write", detail: operation(JOB) },
    );
}

interface UploadContext {
  request: Request;
  params: { codec: string };
  actor: Actor;
  exchange: Exchange;
}

async function acceptUpload({ vault, limits }: Services, context: UploadContext): Promise<Response> {
  const { request, actor, exchange } = context;
  const { codec } = context.params;
  const { filename, ...query } = queryRecord(request);
  const plan = await vault.planUpload(actor, { codec, query });
  const reception = { vault, limit: limits.uploadBytes, stalledMs: limits.stalledMs };
  const { name, spooled } = await receiveFile(request, exchange, reception, filename, refuseParameter(codec));
  if (prefersAsync(request.headers)) {
    const job = await vault.uploadLater(actor, plan, spooled, { name }, fileBody);
    const headers = { location: `/api/uploads/${job.id}`, "preference-applied": "respond-async" };
    return json(jobBody(job), 202, headers);
  }
  const file = await vault.upload(actor, plan, spooled, { name, signal: exchange.signal });
  return json(fileBody(file), 201, { location: `/api/files/${file.id}` });
}

/** A parameter sent as a form field would be overlooked and the file stored at the default. */
function refuseParameter(codecName: string) {
  const codec = codecByName(codecName);
  const known = codec ? parameterNames(codec) : ["format", "level"];
  return (field: string) => {
    if (!known.includes(field)) return;
    throw new Refusal("bad_request", `Put \`${field}\` into the query (\`?${field}=\`); form fields are not read.`);
  };
}

/** RFC 7240 section 4.1. */
function prefersAsync(headers: Headers): boolean {
  return (headers.get("prefer") ?? "").split(/[,;]/).some((word) => word.trim().toLowerCase() === "respond-async");
}
