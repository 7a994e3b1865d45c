import { Elysia } from "elysia";
import { codecs, describe } from "../codecs/registry";
import { json } from "./answer";
import type { Gate } from "./gate";
import { jsonAnswer, operation } from "./operation";
import { readQuery } from "./query";
import type { Services } from "./services";

const EXAMPLE = {
  codecs: [
    {
      name: "fits",
      title: "FITS",
      summary: "Astronomical images.",
      defaultFormat: "fits",
      formats: [{ name: "fits", title: "FITS", extensions: ["fits"], mediaType: "application/fits" }],
      params: {
        type: "object",
        properties: { tile_size: { type: "integer", minimum: 64, maximum: 1024, default: 256 } },
        additionalProperties: false,
      },
    },
  ],
  limits: { uploadBytes: 1099511627776, mediaBytes: 500000000 },
};

const CODECS = {
  tag: "Codecs",
  summary: "Every codec with its formats and parameters, and the limits of this server",
  scope: "any",
  answers: { 200: jsonAnswer("`params` is a JSON Schema of the query of an upload.", EXAMPLE) },
} as const;

/** `GET /api/codecs`. */
export function codecList({ limits }: Services, gate: Gate) {
  const { uploadBytes, mediaBytes } = limits;
  return new Elysia().use(gate).get(
    "/api/codecs",
    ({ request }) => {
      readQuery(request, {});
      return json({ codecs: codecs.map(describe), limits: { uploadBytes, mediaBytes } });
    },
    { scope: "any", detail: operation(CODECS) },
  );
}
