import { nameOf, type Total } from "./summary";

const WIDTH = 720;
const HEIGHT = 420;
const MARGIN = { left: 64, right: 150, top: 40, bottom: 48 };

/** Size against compression speed, as an SVG of its own: down is smaller, right is faster. */
export function plot(title: string, totals: readonly Total[]): string {
  const points = totals.filter(({ encodeSpeed }) => Number.isFinite(encodeSpeed) && encodeSpeed > 0);
  const x = logScale(points.map(({ encodeSpeed }) => encodeSpeed));
  const y = linearScale(points.map(({ ratio }) => ratio));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="22" font-size="15">${escaped(title)}: compressed size against speed</text>`,
    ...x.ticks.map((tick) => verticalTick(x.place(tick), `${tick}`)),
    ...y.ticks.map((tick) => horizontalTick(y.place(tick), `${(100 * tick).toFixed(1)} %`)),
    `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 12}" text-anchor="end">MB per CPU second, compression</text>`,
    ...points.map((total) => mark(total, x.place(total.encodeSpeed), y.place(total.ratio))),
    "</svg>\n",
  ].join("\n");
}

interface Scale {
  readonly ticks: readonly number[];
  place(value: number): number;
}

/** Whole powers of ten around the values. */
function logScale(values: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const span = WIDTH - MARGIN.left - MARGIN.right;
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => Number((10 ** (low + index)).toPrecision(1))),
    place: (value) => MARGIN.left + (span * (Math.log10(value) - low)) / (high - low),
  };
}

function linearScale(values: readonly number[]): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values, low + 0.001);
  const span = HEIGHT - MARGIN.top - MARGIN.bottom;
  return {
    ticks: Array.from({ length: 5 }, (_, index) => low + ((high - low) * index) / 4),
    place: (value) => HEIGHT - MARGIN.bottom - (span * (value - low)) / (high - low),
  };
}

function verticalTick(x: number, label: string): string {
  const bottom = HEIGHT - MARGIN.bottom;
  return (
    `<path d="M${fixed(x)} ${MARGIN.top}V${bottom}" stroke="#ddd"/>` +
    `<text x="${fixed(x)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`
  );
}

function horizontalTick(y: number, label: string): string {
  return (
    `<path d="M${MARGIN.left} ${fixed(y)}H${WIDTH - MARGIN.right}" stroke="#ddd"/>` +
    `<text x="${MARGIN.left - 6}" y="${fixed(y + 4)}" text-anchor="end">${label}</text>`
  );
}

const COLOURS: Record<Total["kind"], string> = { codec: "#c22", kernel: "#e80", peer: "#46a" };

function mark(total: Total, x: number, y: number): string {
  const colour = COLOURS[total.kind];
  return (
    `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" fill="${colour}"/>` +
    `<text x="${fixed(x + 7)}" y="${fixed(y + 4)}" fill="${colour}">${escaped(nameOf(total))}</text>`
  );
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
