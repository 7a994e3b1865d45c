const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;

/**
 * Rounds a JSON number to `precision` decimals on its decimal text, ties to even; no binary fraction is involved.
 *
 * @returns the shortest plain decimal (no exponent, no trailing zeros, zero without sign), or undefined when the
 *   number as it is written has no more decimals than that
 */
export function roundDecimal(bytes: Uint8Array, start: number, end: number, precision: number): string | undefined {
  if (fewDecimals(bytes, start, end, precision)) return undefined;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)!;
  const drop = fraction.length - Number(exponent) - precision;
  if (drop <= 0) return undefined;
  const digits = whole! + fraction;
  if (drop > digits.length) return "0";
  return print(sign!, roundOff(digits, drop), precision);
}

/** Whether a number without exponent has at most `precision` digits behind the point. */
function fewDecimals(bytes: Uint8Array, start: number, end: number, precision: number): boolean {
  let point = end;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === POINT) point = i;
    else if (byte > NINE) return false;
  }
  return end - point - 1 <= precision;
}

/** Divides by ten `drop` times, rounding half to even. */
function roundOff(digits: string, drop: number): string {
  const kept = digits.slice(0, digits.length - drop);
  const first = digits.charCodeAt(kept.length) - ZERO;
  const tie = first === 5 && /^0*$/.test(digits.slice(kept.length + 1));
  const odd = kept !== "" && (kept.charCodeAt(kept.length - 1) & 1) === 1;
  return first > 5 || (first === 5 && (!tie || odd)) ? increment(kept) : kept;
}

function increment(digits: string): string {
  const nines = /9*$/.exec(digits)![0].length;
  const head = digits.slice(0, digits.length - nines);
  const raised = head === "" ? "1" : head.slice(0, -1) + String.fromCharCode(head.charCodeAt(head.length - 1) + 1);
  return raised + "0".repeat(nines);
}

/** Prints `digits` times 10 to the power of `-precision`. */
function print(sign: string, digits: string, precision: number): string {
  const padded = digits.padStart(precision + 1, "0");
  const whole = padded.slice(0, padded.length - precision).replace(/^0+(?=\d)/, "");
  const fraction = padded.slice(padded.length - precision).replace(/0+$/, "");
  const value = fraction === "" ? whole : `${whole}.${fraction}`;
  return value === "0" ? value : sign + value;
}
