import binary from "../../../wasm/dist/mail.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const TEXT = 1;
const LIGHT_TEXT = 2;

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

/** The same with half of the contexts. */
export const mailLight: Model = {
  id: 66,
  version: 1,
  name: "mail-light",
  encode: (raw, params) => library.encode(LIGHT_TEXT, raw, params),
  decode: (payload, params, rawLength) => library.decode(LIGHT_TEXT, payload, params, rawLength),
};
