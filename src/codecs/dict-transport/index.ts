import { Type } from "@sinclair/typebox";
import type { Codec } from "../codec";
import { type Asset, css, html, js } from "./assets";
import { assetSegments } from "./plan";

export const dictTransport: Codec = {
  name: "dict-transport",
  version: 2,
  title: "Web assets",
  summary: "JavaScript, CSS and HTML files; bit-exact.",
  formats: [js, css, html],
  formatParam: "type",
  params: Type.Object({}),
  plan: (source, { format, level }) => assetSegments(source, format as Asset, level),
};
