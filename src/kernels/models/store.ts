import type { Model } from "../model";

/** The bytes themselves. */
export const store: Model = {
  id: 0,
  version: 1,
  name: "store",
  encode: (raw) => raw,
  decode(payload, _params, rawLength) {
    if (payload.length !== rawLength) throw new Error(`stored ${payload.length} bytes for ${rawLength}`);
    return payload;
  },
};
