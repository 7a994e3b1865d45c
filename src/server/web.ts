import { basename } from "node:path";
import { type AnyElysia, Elysia } from "elysia";
import page from "../../web/index.html";
import { sized } from "./answer";

interface Asset {
  /** `/` for the page itself, else its name. */
  readonly path: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Scripts and styles of the page come from here, and from nowhere else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

let assets: Promise<Asset[]> | undefined;

/** The web page at `/` and its assets beside it. */
export async function web(): Promise<AnyElysia> {
  const app: AnyElysia = new Elysia();
  assets ??= loadAssets();
  for (const asset of await assets) app.get(asset.path, () => serve(asset), { detail: { hide: true } });
  return app;
}

/** The executable carries the page bundled; run from source it is bundled at the start. */
async function loadAssets(): Promise<Asset[]> {
  if (page.files) {
    const embedded = page.files.map(({ path, headers }) => asset(path, Bun.file(path), headers["content-type"]));
    return Promise.all(embedded);
  }
  const { outputs } = await Bun.build({ entrypoints: [page.index], minify: true });
  return Promise.all(outputs.map((output) => asset(output.path, output, output.type)));
}

async function asset(path: string, blob: Blob, mediaType = "application/octet-stream"): Promise<Asset> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return { path: path.endsWith(".html") ? "/" : `/${basename(path)}`, mediaType, bytes };
}

function serve({ path, mediaType, bytes }: Asset): Response {
  return sized(bytes, {
    "content-type": mediaType,
    // All but the page itself have their hash in their name.
    "cache-control": path === "/" ? "no-cache" : "public, max-age=31536000, immutable",
    "content-security-policy": POLICY,
  });
}
