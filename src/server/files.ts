import { Elysia } from "elysia";
import { codecs } from "../codecs/registry";
import { json } from "./answer";
import { FILE_EXAMPLE, USAGE_EXAMPLE } from "./examples";
import type { Gate } from "./gate";
import { identifier } from "./identifier";
import { jsonAnswer, operation } from "./operation";
import { fileBody } from "./present";
import { integer, type QueryField, readQuery, text, timestamp } from "./query";
import type { Services } from "./services";

const MAX_PAGE = 200;

const LIST_QUERY = {
  limit: integer(1, 50, `Number of files to return; above ${MAX_PAGE} means ${MAX_PAGE}.`, MAX_PAGE),
  offset: integer(0, 0, "Number of files to skip."),
  codec: codecName(),
  q: text(200, "Only files whose name contains this, in any case."),
  before: timestamp("Only files uploaded before this time."),
  after: timestamp("Only files uploaded after this time."),
};

const LIST = {
  tag: "Files",
  summary: "List files, newest first",
  description: "`usage` counts the whole space, not the page.",
  scope: "read",
  query: LIST_QUERY,
  answers: { 200: jsonAnswer("A page of files.", { files: [FILE_EXAMPLE], usage: USAGE_EXAMPLE }, "FileList") },
} as const;

const METADATA = {
  tag: "Files",
  summary: "Metadata of a file",
  scope: "read",
  answers: { 200: jsonAnswer("The file.", FILE_EXAMPLE, "File") },
  refusals: ["not_found"],
} as const;

const DELETE = {
  tag: "Files",
  summary: "Delete a file for good",
  description: "Content shared with other files stays until the last of them is deleted.",
  scope: "delete",
  answers: { 200: jsonAnswer("Gone.", { deleted: true, uploadId: FILE_EXAMPLE.uploadId }) },
  refusals: ["not_found"],
} as const;

/** `GET /api/files`, `GET /api/files/{id}`, `DELETE /api/files/{id}`. */
export function files({ vault }: Services, gate: Gate) {
  return new Elysia({ prefix: "/api/files" })
    .use(gate)
    .get(
      "",
      async ({ request, actor }) => {
        const page = await vault.files(actor, readQuery(request, LIST_QUERY));
        return json({ files: page.files.map(fileBody), usage: page.usage });
      },
      { scope: "read", detail: operation(LIST) },
    )
    .get(
      "/:id",
      async ({ request, params, actor }) => {
        readQuery(request, {});
        return json(fileBody(await vault.file(actor, identifier(params.id))));
      },
      { scope: "read", detail: operation(METADATA) },
    )
    .delete(
      "/:id",
      async ({ request, params, actor }) => {
        readQuery(request, {});
        const uploadId = identifier(params.id);
        await vault.remove(actor, uploadId);
        return json({ deleted: true, uploadId });
      },
      { scope: "delete", detail: operation(DELETE) },
    );
}

function codecName() {
  const names = codecs.map(({ name }) => name as string);
  return {
    parse: (value: string) => names.find((name) => name === value),
    expected: `one of ${names.join(", ")}`,
    schema: { type: "string", enum: names },
    description: "Only files of this codec.",
  } satisfies QueryField<string>;
}
