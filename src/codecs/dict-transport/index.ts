import { Type } from "@sinclair/typebox";
import { generalSegments } from "../../graph/plan";
import type { Codec } from "../codec";
import { css, html, js } from "./assets";

export const dictTransport: Codec = {
  name: "dict-transport",
  version: 1,
  title: "Web assets",
  summary: "JavaScript, CSS and HTML files; bit-exact.",
  formats: [js, css, html],
  formatParam: "type",
  params: Type.Object({}),
  plan: (source) => generalSegments(0, source.size),
};
