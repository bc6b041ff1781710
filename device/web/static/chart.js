// Numbers over time as SVG: a step line for each region, dots where the whole picture is read.

import { named } from "./dom.js";

const HEIGHT = 220;
const EDGE = { left: 56, right: 14, top: 12, bottom: 26 };
const COLOURS = ["#3b7dd8", "#d2691e", "#2a9d6f", "#8b5fbf", "#c8453d", "#b8860b"];

const svg = (tag, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

/** The chart, `width` pixels wide, or null if there is nothing to draw. entries: newest first, as /api/readings has
 * them. */
export function chart(entries, width) {
  const points = entries
    .filter((entry) => entry.value !== null)
    .map((entry) => ({ at: Date.parse(entry.time), value: entry.value, region: entry.region, label: named(entry) }))
    .reverse();
  if (points.length < 2) return null;
  const times = points.map((point) => point.at);
  const values = points.map((point) => point.value);
  const [begin, end] = [Math.min(...times), Math.max(...times)];
  const ticks = nice(Math.min(...values), Math.max(...values));
  const [least, most] = [ticks[0], ticks.at(-1)];
  const x = (at) => EDGE.left + ((at - begin) / Math.max(1, end - begin)) * (width - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - ((value - least) / Math.max(1e-9, most - least)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const names = [...new Set(points.map((point) => point.region))];
  const root = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${points.length} numbers from ${least} to ${most} over time; the table below has them` });
  for (const tick of ticks) {
    root.append(svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }));
    root.append(svg("text", { x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, short(tick)));
  }
  const format = new Intl.DateTimeFormat(undefined, end - begin > 86400e3 ? { month: "short", day: "numeric", hour: "2-digit" } : { hour: "2-digit", minute: "2-digit", second: end - begin < 600e3 ? "2-digit" : undefined });
  for (const share of [0, 0.5, 1]) {
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    const at = begin + share * (end - begin);
    root.append(svg("text", { x: x(at), y: HEIGHT - 6, "text-anchor": anchor }, format.format(at)));
  }
  names.forEach((name, k) => {
    const colour = COLOURS[k % COLOURS.length];
    const own = points.filter((point) => point.region === name);
    if (name !== null) {
      const path = own.map((point, n) => (n ? `H${x(point.at).toFixed(1)}V${y(point.value).toFixed(1)}` : `M${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`)).join("");
      root.append(svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 2 }));
      root.append(svg("text", { x: Math.min(x(own.at(-1).at), width - EDGE.right), y: y(own.at(-1).value) - 8, "text-anchor": "end" }, own.at(-1).label));
    }
    for (const point of own) root.append(svg("circle", { cx: x(point.at), cy: y(point.value), r: 3, fill: colour }));
  });
  return root;
}

/** Three to six round numbers from below the least to above the most. */
function nice(least, most) {
  const raw = (most - least || Math.max(1, most)) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const ticks = [];
  for (let tick = Math.floor(least / step) * step; tick < most + step * 0.999; tick += step) ticks.push(tick);
  return ticks;
}

const short = (value) => (Math.abs(value) >= 1e6 ? `${+(value / 1e6).toPrecision(3)} M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toPrecision(3)} k` : String(+value.toPrecision(6)));
