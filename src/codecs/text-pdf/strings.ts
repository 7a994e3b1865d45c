const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

/** The string object that begins at or soon after `at` (ISO 32000-2, 7.3.4), literal or hexadecimal. */
export function stringAfter(text: string, at: number): Buffer | undefined {
  const start = at + text.slice(at).search(/\S/);
  if (text[start] === "<") return hexadecimal(text, start + 1);
  return text[start] === "(" ? literal(text, start + 1) : undefined;
}

function hexadecimal(text: string, from: number): Buffer | undefined {
  const end = text.indexOf(">", from);
  if (end < 0) return undefined;
  const digits = text.slice(from, end).replaceAll(/\s/g, "");
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, "hex");
}

function literal(text: string, from: number): Buffer | undefined {
  const bytes: number[] = [];
  for (let at = from, depth = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === ")" && depth-- === 0) return Buffer.from(bytes);
    if (character === "(") depth++;
    if (character !== "\\") {
      // A line end in a string is a line feed, however it is written.
      if (character === "\r" && text[at + 1] === "\n") at++;
      bytes.push(character === "\r" ? 10 : character.charCodeAt(0));
      continue;
    }
    const [octal] = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4)) ?? [];
    if (octal) {
      bytes.push(Number.parseInt(octal, 8) & 255);
      at += octal.length;
      continue;
    }
    const next = text[++at] ?? "";
    if (next === "\r" && text[at + 1] === "\n") at++;
    else if (next !== "\n" && next !== "\r") bytes.push(ESCAPES[next] ?? next.charCodeAt(0));
  }
  return undefined;
}
