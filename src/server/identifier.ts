import { Refusal } from "../errors";

/** An id out of a path: anything that is none need not be looked up. @throws Refusal `not_found` */
export function identifier(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text;
  throw new Refusal("not_found", "There is nothing under this id in this space.");
}
