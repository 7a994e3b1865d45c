import { type Format, no, type Probe, type Sniff, yes } from "../codec";
import { knownTextKind, textOf } from "../sniff";

export const js: Format = {
  name: "js",
  title: "JavaScript",
  extensions: ["js", "mjs", "cjs"],
  mediaType: "text/javascript",
  sniff: (probe) => sniffAsset(probe, "js"),
};

export const css: Format = {
  name: "css",
  title: "CSS",
  extensions: ["css"],
  mediaType: "text/css",
  sniff: (probe) => sniffAsset(probe, "css"),
};

export const html: Format = {
  name: "html",
  title: "HTML",
  extensions: ["html", "htm", "xhtml", "svg"],
  mediaType: "text/html",
  sniff: (probe) => sniffAsset(probe, "html"),
};

export type Asset = "js" | "css" | "html";

/** How much of one language the text must show before the others are ruled out. */
const PLAINLY = 4;

function sniffAsset(probe: Probe, asset: Asset): Sniff {
  const text = textOf(probe);
  if (!text) return no("the file is not text: it opens with binary data or a known binary format");
  const kind = knownTextKind(text);
  if (kind) return no(`the text is ${kind}`);
  if (startsAsData(text.head)) return asset === "js" ? yes(0.1) : no("the text is JSON");
  const scores = scoreAssets(text.head);
  const rival = (Object.keys(scores) as Asset[]).find(
    (other) => other !== asset && scores[other] >= PLAINLY && scores[other] > 3 * scores[asset],
  );
  if (rival) return no(`the text reads as ${rival}`);
  const wins = Object.values(scores).every((score) => score <= scores[asset]);
  if (scores[asset] >= PLAINLY && wins) return yes(asset === "html" ? 0.9 : 0.55);
  // Small or odd assets have little to show: the name is enough to accept them, or anything that looks like code.
  if (probe.name.toLowerCase().endsWith(`.${asset}`)) return yes(0.35);
  if (!CODE.test(text.head)) return no("nothing in the text is JavaScript, CSS or HTML");
  return yes(wins && scores[asset] > 0 ? 0.2 : 0.1);
}

/** A call, an assignment, a comment, a tag, or a line that ends as code does. */
const CODE =
  /[\w$)\]]\s?\([^)\n]{0,200}\)|[\w$\])]\s?=\s?[^=\s]|[{};][ \t\r]*$|^[ \t]*\/[/*]|<\/?[a-z][^>\n]{0,200}>/im;

/** JSON is no asset, though it may be full of markup. */
function startsAsData(head: string): boolean {
  return /^\s*[[{]\s*["\]}]/.test(head);
}

const HTML_START = /^\s*(<\?xml[^>]*>\s*)?(<!--((?!-->)[\s\S])*-->\s*)*<(!doctype\s+html|html|head|body|svg)\b/i;

/** Points for constructs that one language has and the others have not. */
function scoreAssets(head: string): Record<Asset, number> {
  if (HTML_START.test(head)) return { html: 1000, js: 0, css: 0 };
  const code = head.replace(/\/\*[\s\S]*?(\*\/|$)/g, " ");
  return {
    js: count(code, JS_CONSTRUCTS),
    css: /^\s*@(charset|import|namespace)\b/.test(code) ? 1000 : count(code, CSS_CONSTRUCTS),
    html: count(code, /<\/?(div|span|p|a|table|tr|td|ul|li|script|meta|link|h[1-6])\b[^>\n]{0,200}>/gi) / 4,
  };
}

const JS_CONSTRUCTS =
  /\bfunction\s{0,4}[\w$]*\s{0,4}\(|=>|\b(const|let|var)\s+[\w$[{]|\breturn\b[ (!{;]|===|!==|\btypeof |\bimport\s*[\w{*'"]|\bexport\s+(default|const|function|class|\{)|\.prototype\b|\bmodule\.exports\b|\bnew [A-Z]/g;

/** A block of declarations, or an at-rule. */
const CSS_CONSTRUCTS =
  /\{\s*-{0,2}[a-z][\w-]*\s*:[^{};]*(;\s*(-{0,2}[a-z][\w-]*\s*:[^{};]*)?)*\}|@(media|font-face|keyframes|supports|layer)\b/gi;

/** Counting stops where more would change no verdict. */
function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) if (++found === 1000) break;
  return found;
}
