import binary from "../../../wasm/dist/mail.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const TEXT = 1;

/**
 * Text of mailboxes by context mixing that knows where in a message it is (`wasm/crates/mailing`). The parameters are
 * text that came before.
 */
export const mail: Model = {
  id: 65,
  version: 1,
  name: "mail",
  encode: (raw, params) => library.encode(TEXT, raw, params),
  decode: (payload, params, rawLength) => library.decode(TEXT, payload, params, rawLength),
};
