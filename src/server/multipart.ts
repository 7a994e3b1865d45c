import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { Refusal } from "../errors";
import type { Spooled } from "../vault/vault";

/** The one file of a form, on disk. */
export interface FilePart {
  /** The form field that it came in. */
  readonly field: string;
  /** As the client sent it: not to be trusted, empty when there was none. */
  readonly name: string;
  readonly spooled: Spooled;
}

/** A second file must be seen to be refused. */
const LIMITS = { files: 2, fields: 64, parts: 80, fieldSize: 64 << 10, fieldNameSize: 256 };

/**
 * Reads a `multipart/form-data` body (RFC 7578) as it comes in, the file part straight into `store`; small fields
 * may stand before and after it. Nothing is left on disk when this throws.
 *
 * @param wanted names of the field that carries the file
 * @param refuseField throws for small fields that must not be overlooked
 * @throws Refusal `bad_multipart`, `no_file`, `several_files`, `aborted`, and those of `store`
 */
export async function readForm(
  body: IncomingMessage,
  wanted: readonly string[],
  store: (part: Readable) => Promise<Spooled>,
  refuseField: (name: string) => void = () => {},
): Promise<FilePart> {
  const parser = openParser(body.headers["content-type"] ?? "");
  let storing: Promise<FilePart> | undefined;
  const complete = new Promise<void>((resolve, reject) => {
    parser.on("file", (field, part, { filename }) => {
      let broken: unknown;
      part.on("error", (error) => (broken = error));
      const refusal = refusalOfFile(field, wanted, storing !== undefined);
      if (refusal) {
        part.resume();
        return reject(refusal);
      }
      const name = (filename ?? "").replaceAll("%22", '"');
      storing = store(part).then((spooled) => ({ field, name, spooled }));
      storing.catch((error) => reject(error === broken ? malformed(error) : error));
    });
    parser.on("field", (name) => {
      if (wanted.includes(name)) reject(noFile(wanted, "it came without a file name, as text"));
      attempt(() => refuseField(name), reject);
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      parser.on(limit, () => reject(new Refusal("bad_multipart", "The multipart body has too many parts.")));
    }
    parser.on("error", (error) => reject(malformed(error)));
    parser.on("finish", resolve);
    body.on("aborted", () => reject(new Refusal("aborted", "The upload was aborted.")));
    body.on("error", reject);
  });
  body.pipe(parser);
  try {
    await complete;
    if (!storing) throw noFile(wanted, "it has none");
    return await storing;
  } catch (error) {
    body.unpipe(parser);
    parser.destroy();
    await storing?.then(({ spooled }) => spooled.discard()).catch(() => {});
    throw error;
  }
}

function openParser(contentType: string) {
  const boundary = /;\s*boundary=(?:"([^"]*)"|([^\s;]*))/i.exec(contentType);
  const length = (boundary?.[1] ?? boundary?.[2] ?? "").length;
  // RFC 2046 section 5.1.1.
  if (length < 1 || length > 70) {
    throw new Refusal("bad_multipart", "The multipart Content-Type needs a boundary of 1 to 70 characters.");
  }
  const headers = { "content-type": contentType };
  return busboy({ headers, defParamCharset: "utf8", preservePath: true, limits: LIMITS });
}

function refusalOfFile(field: string | undefined, wanted: readonly string[], second: boolean): Refusal | undefined {
  if (second) {
    return new Refusal("several_files", "Send one file a request; the multipart body has more than one file part.");
  }
  if (field === undefined || !wanted.includes(field)) return noFile(wanted, "its file part has another name");
  return undefined;
}

function noFile(wanted: readonly string[], why: string): Refusal {
  const names = wanted.map((name) => `\`${name}\``).join(" or ");
  return new Refusal("no_file", `The multipart body needs a file part named ${names}; ${why}.`);
}

function malformed(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  return new Refusal("bad_multipart", "The multipart body is malformed or ends early.");
}

function attempt(work: () => void, failed: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    failed(error);
  }
}
