import type { TSchema } from "@sinclair/typebox";
import type { OpenAPIV3 } from "openapi-types";
import type { Scope } from "../database/repository";
import { REFUSALS, type RefusalKind } from "../errors";

/** A query parameter as the document shows it. */
export interface QueryDescription {
  readonly schema: OpenAPIV3.SchemaObject;
  readonly description: string;
}

/** What a route says of itself in the OpenAPI document. */
export interface Operation {
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Absent where no key is needed. */
  readonly scope?: Scope | "any";
  readonly query?: Record<string, QueryDescription>;
  readonly body?: OpenAPIV3.RequestBodyObject;
  readonly answers: Record<number, OpenAPIV3.ResponseObject>;
  readonly refusals?: readonly RefusalKind[];
}

/** The OpenAPI description of a route; errors that every such route shares are added. */
export function operation(described: Operation): OpenAPIV3.OperationObject & { detail?: never } {
  const { tag, summary, scope, query = {}, body, answers, refusals = [] } = described;
  const keyed: RefusalKind[] = scope ? ["unauthorized", "forbidden", "rate_limited"] : [];
  const strict: RefusalKind[] = ["unknown_parameter", "bad_parameter"];
  const needs = scope && scope !== "any" ? [`Needs a key with the scope \`${scope}\`.`] : [];
  return {
    tags: [tag],
    summary,
    description: [...(described.description ? [described.description] : []), ...needs].join("\n\n"),
    security: scope ? [{ apiKey: [] }] : [],
    parameters: queryParameters(query),
    ...(body ? { requestBody: body } : {}),
    responses: { ...answers, ...errorAnswers([...strict, ...keyed, ...refusals, "internal", "shutting_down"]) },
  };
}

function queryParameters(query: Record<string, QueryDescription>): OpenAPIV3.ParameterObject[] {
  return Object.entries(query).map(([name, { schema, description }]) => ({
    name,
    in: "query",
    required: false,
    schema,
    description,
  }));
}

/** One response for each status, listing the codes that share it. */
export function errorAnswers(kinds: readonly RefusalKind[]): Record<number, OpenAPIV3.ResponseObject> {
  const answers: Record<number, OpenAPIV3.ResponseObject> = {};
  const statuses = [...new Set(kinds.map((kind) => REFUSALS[kind].status))].sort((a, b) => a - b);
  for (const status of statuses) {
    const shared = [...new Set(kinds)].filter((kind) => REFUSALS[kind].status === status);
    answers[status] = {
      description: shared.map((kind) => `\`${kind}\`: ${REFUSALS[kind].meaning}`).join("\n\n"),
      content: {
        "application/json": {
          schema: { $ref: "#/components/schemas/Error" },
          examples: Object.fromEntries(
            shared.map((kind) => [kind, { value: { error: REFUSALS[kind].meaning, code: kind } }]),
          ),
        },
      },
    };
  }
  return answers;
}

/** An answer in JSON with an example to go by. */
export function jsonAnswer(description: string, example: unknown, schema?: string): OpenAPIV3.ResponseObject {
  const described = schema ? { $ref: `#/components/schemas/${schema}` } : { type: "object" as const };
  return { description, content: { "application/json": { schema: described, example } } };
}

export function binaryAnswer(
  description: string,
  mediaType = "application/octet-stream",
): OpenAPIV3.ResponseObject {
  return { description, content: { [mediaType]: { schema: { type: "string", format: "binary" } } } };
}

/** A form with one file. */
export function fileForm(...fields: string[]): OpenAPIV3.MediaTypeObject {
  const properties = Object.fromEntries(
    fields.map((field) => [field, { type: "string", format: "binary" } as const]),
  );
  return { schema: { type: "object", properties, ...(fields.length === 1 ? { required: fields } : {}) } };
}

export function jsonBody(schema: TSchema, example: unknown): OpenAPIV3.RequestBodyObject {
  return { required: true, content: { "application/json": { schema: openApiSchema(schema), example } } };
}

/** A JSON Schema for OpenAPI 3.0, which has neither `const` nor the type `null`. */
export function openApiSchema(schema: TSchema): OpenAPIV3.SchemaObject {
  return JSON.parse(JSON.stringify(schema), (_key, value) => {
    if (value?.type === "null") return { nullable: true, enum: [null] };
    if (value?.const === undefined) return value;
    const { const: only, ...rest } = value;
    return { ...rest, enum: [only] };
  });
}
