import { type AnyElysia, Elysia } from "elysia";
import { type WebAsset, webAssets } from "../../web/assets";
import { sized } from "./answer";

/** Scripts and styles of the page come from here, and from nowhere else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The web page at `/` and its assets beside it. */
export async function web(): Promise<AnyElysia> {
  const app: AnyElysia = new Elysia();
  for (const [path, asset] of await webAssets()) app.get(path, () => serve(asset), { detail: { hide: true } });
  return app;
}

function serve({ bytes, mediaType, immutable }: WebAsset): Response {
  return sized(bytes, {
    "content-type": mediaType,
    "cache-control": immutable ? "public, max-age=31536000, immutable" : "no-cache",
    "content-security-policy": POLICY,
  });
}
