import { Type } from "@sinclair/typebox";
import type { Codec } from "../codec";
import { mbox } from "./mbox";
import { planMailbox } from "./plan";

export const email: Codec = {
  name: "email",
  version: 1,
  title: "Email",
  summary: "mbox archives; attachments are decoded, stored once across all archives, and put back exactly.",
  formats: [mbox],
  params: Type.Object({}),
  plan: (source, { level }) => planMailbox(source, level),
};
