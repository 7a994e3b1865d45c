import { type AnyElysia, Elysia } from "elysia";
import type { OpenAPIV3 } from "openapi-types";
import { version } from "../../package.json";
import { REFUSALS } from "../errors";
import { FILE_EXAMPLE, JOB_EXAMPLE, KEY_EXAMPLE, NEW_KEY_EXAMPLE, USAGE_EXAMPLE } from "./examples";

const SPEC_PATH = "/openapi.json";

const TAGS = [
  { name: "Files", description: "Upload originals, download them again, list, delete." },
  { name: "Media", description: "Images and videos made smaller and returned at once." },
  { name: "Codecs", description: "What can be compressed, and how." },
  { name: "Keys", description: "Who may do what." },
  { name: "Space", description: "Usage, credits, and the audit trail." },
  { name: "Storage", description: "Where archives are kept." },
  { name: "Health", description: "For monitoring." },
];

/**
 * The OpenAPI 3.0 document of the routes of `api`. The plugin's own page would load its scripts from the internet,
 * so the plugin lives in an application that nobody can reach and only writes the document.
 */
export async function openApiDocument(api: AnyElysia): Promise<OpenAPIV3.Document> {
  // Loaded when first asked for: the server starts without it.
  const { swagger } = await import("@elysiajs/swagger");
  const writer = new Elysia().use(api).use(swagger({ specPath: SPEC_PATH, documentation: ABOUT }));
  const response = await writer.handle(new Request(`http://appliance${SPEC_PATH}`));
  return (await response.json()) as OpenAPIV3.Document;
}

const ABOUT = {
  info: {
    title: "Smallest",
    version,
    description:
      "Upload original files; they are compressed by a codec made for their kind, verified and stored. Download " +
      "any time and get the original back. Every error is JSON with a sentence in `error` and a stable `code`.",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  },
  tags: TAGS,
  components: {
    securitySchemes: { apiKey: { type: "apiKey" as const, in: "header" as const, name: "x-api-key" } },
    schemas: {
      Error: errorSchema(),
      File: schemaOf(FILE_EXAMPLE),
      FileList: {
        type: "object" as const,
        required: ["files", "usage"],
        properties: {
          files: { type: "array" as const, items: { $ref: "#/components/schemas/File" } },
          usage: schemaOf(USAGE_EXAMPLE),
        },
      },
      Job: {
        ...schemaOf(JOB_EXAMPLE),
        properties: {
          ...schemaOf(JOB_EXAMPLE).properties,
          status: { type: "integer" as const, description: "What the call would have answered with." },
          result: { $ref: "#/components/schemas/File" },
          error: { $ref: "#/components/schemas/Error" },
        },
      },
      Key: schemaOf(KEY_EXAMPLE),
      NewKey: schemaOf(NEW_KEY_EXAMPLE),
    },
  },
};

function errorSchema(): OpenAPIV3.SchemaObject {
  const codes = Object.entries(REFUSALS).map(
    ([kind, { status, meaning }]) => `- \`${kind}\` (${status}): ${meaning}`,
  );
  return {
    type: "object",
    required: ["error", "code"],
    properties: {
      error: { type: "string", description: "One sentence a person can act on." },
      code: { type: "string", description: `Stable, for programs:\n\n${codes.join("\n")}` },
      uploadId: { type: "string", description: "Of a `duplicate`: the file that is stored already." },
      details: { type: "object", description: "What a program may want to know: `known` values, a `limit`." },
    },
  };
}

/** The schema that an example shows: every field is always there. */
function schemaOf(example: Record<string, unknown>): OpenAPIV3.NonArraySchemaObject {
  const properties: Record<string, OpenAPIV3.SchemaObject> = {};
  for (const [name, value] of Object.entries(example)) properties[name] = fieldSchema(name, value);
  return { type: "object", required: Object.keys(example), properties };
}

function fieldSchema(name: string, value: unknown): OpenAPIV3.SchemaObject {
  if (name.endsWith("At")) return { type: "string", format: "date-time", nullable: name !== "createdAt" };
  if (Array.isArray(value)) return { type: "array", items: { type: "string" } };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return { type: typeof value as "string" | "boolean" | "object" };
}
