const ZERO = 0x30;
const FIVE = 0x35;
const NINE = 0x39;
const POINT = 0x2e;
const MINUS = 0x2d;

/**
 * Rounds a JSON number to `precision` decimals on its decimal text, ties to even; no binary fraction is involved.
 *
 * @returns the shortest plain decimal (no exponent, no trailing zeros, zero without sign), or undefined when the
 *   number as it is written has no more decimals than that
 */
export function roundDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: number,
): Uint8Array | undefined {
  let point = end;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === POINT) point = i;
    else if (byte > NINE) return roundText(bytes, start, end, precision);
  }
  if (end - point - 1 <= precision) return undefined;
  const last = precision === 0 ? point - 1 : point + precision;
  const rounded = new Uint8Array(bytes.subarray(start, last + 1));
  if (roundsUp(bytes, point + 1 + precision, end, bytes[last]!) && !increment(rounded)) {
    return roundText(bytes, start, end, precision);
  }
  return shortest(rounded, precision > 0);
}

/** Whether the digits from `cut` on are more than a half, or a half behind an odd digit. */
function roundsUp(bytes: Uint8Array, cut: number, end: number, last: number): boolean {
  if (bytes[cut] !== FIVE) return bytes[cut]! > FIVE;
  for (let i = cut + 1; i < end; i++) if (bytes[i] !== ZERO) return true;
  return (last & 1) === 1;
}

/** Adds one to the last digit, in place; false where all digits are nines, which takes another digit. */
function increment(digits: Uint8Array): boolean {
  for (let i = digits.length - 1; i >= 0 && digits[i] !== MINUS; i--) {
    if (digits[i] === POINT) continue;
    if (digits[i] !== NINE) {
      digits[i]!++;
      return true;
    }
    digits[i] = ZERO;
  }
  return false;
}

/** Without zeros at the end of the fraction, without sign for zero. */
function shortest(digits: Uint8Array, hasPoint: boolean): Uint8Array {
  let end = digits.length;
  if (hasPoint) {
    while (digits[end - 1] === ZERO) end--;
    if (digits[end - 1] === POINT) end--;
  }
  const isZero = end === 2 && digits[0] === MINUS && digits[1] === ZERO;
  return digits.subarray(isZero ? 1 : 0, end);
}

/** The rare cases: exponents, and 9.99 that becomes 10. */
function roundText(bytes: Uint8Array, start: number, end: number, precision: number): Uint8Array | undefined {
  const text = Buffer.from(bytes.subarray(start, end)).toString("latin1");
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)!;
  const drop = fraction.length - Number(exponent) - precision;
  if (drop <= 0) return undefined;
  const digits = whole! + fraction;
  return Buffer.from(drop > digits.length ? "0" : print(sign!, roundOff(digits, drop), precision));
}

/** Divides by ten `drop` times, rounding half to even. */
function roundOff(digits: string, drop: number): string {
  const kept = digits.slice(0, digits.length - drop);
  const first = digits.charCodeAt(kept.length) - ZERO;
  const tie = first === 5 && /^0*$/.test(digits.slice(kept.length + 1));
  const odd = kept !== "" && (kept.charCodeAt(kept.length - 1) & 1) === 1;
  return first > 5 || (first === 5 && (!tie || odd)) ? successor(kept) : kept;
}

function successor(digits: string): string {
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
