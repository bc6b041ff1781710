// Boxes and readings drawn over a picture, as `edge-digits read --draw` has them: from red over amber to green, and
// purple for what was rejected.

import { inUnits } from "./dom.js";

const REJECTED = "#a65ad6";
const REGION = "#2f8fff";

const colour = (confidence) => `hsl(${120 * Math.max(0, Math.min(1, (confidence - 0.5) / 0.5))} 85% 45%)`;

/** page: lines and rejected, in a picture `page.width` wide. The canvas holds that picture already;
 * shownWidth: in pixels of the screen. */
export function drawPage(canvas, page, shownWidth = canvas.clientWidth || canvas.width) {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / page.width;
  // Legible however small the picture is shown.
  const pixel = canvas.width / shownWidth;
  const size = Math.min(Math.max(12 * pixel, canvas.width / 34), canvas.width / 12);
  const scaled = ({ box: [x, y, w, h] }) => [x * scale, y * scale, w * scale, h * scale];
  pen.lineWidth = Math.max(1.2 * pixel, canvas.width / 500);
  pen.strokeStyle = REJECTED;
  pen.setLineDash([4 * pixel, 3 * pixel]);
  for (const item of page.rejected) pen.strokeRect(...scaled(item));
  pen.setLineDash([]);
  const digits = page.lines.flatMap((line) => line.digits);
  for (const digit of digits) {
    pen.strokeStyle = colour(digit.confidence);
    pen.strokeRect(...scaled(digit));
  }
  const taken = digits.map(scaled);
  for (const line of page.lines) {
    plate(pen, `${inUnits(line)}  ${Math.round(100 * line.confidence)} %`, scaled(line), size, colour(line.confidence), taken, true);
  }
  // A page of print would vanish behind reasons.
  for (const item of page.rejected) plate(pen, item.reason, scaled(item), size * 0.75, REJECTED, taken, false);
}

/** Where the regions are, in a picture `page.width` wide: `page.outlines` has their corners by name, or null, and
 * `page.titles` what they are called. */
export function drawOutlines(canvas, page, shownWidth = canvas.clientWidth || canvas.width) {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / page.width;
  const pixel = canvas.width / shownWidth;
  pen.lineWidth = 1.5 * pixel;
  pen.strokeStyle = pen.fillStyle = REGION;
  pen.font = `600 ${11 * pixel}px system-ui, sans-serif`;
  for (const [name, corners] of Object.entries(page.outlines)) {
    if (corners === null) continue;
    const [first, ...others] = corners.map((point) => point.map((side) => side * scale));
    pen.beginPath();
    pen.moveTo(...first);
    for (const point of others) pen.lineTo(...point);
    pen.closePath();
    pen.stroke();
    pen.fillText(page.titles[name] ?? name, first[0] + 3 * pixel, first[1] + 12 * pixel);
  }
}

/** Text on a dark plate beside a box, where it hides least of what is taken; unless `always`, only where it hides
 * nothing. */
function plate(pen, text, [x, y, w, h], size, edge, taken, always) {
  pen.font = `600 ${size}px ui-monospace, "DejaVu Sans Mono", monospace`;
  const width = pen.measureText(text).width + size * 0.7;
  const height = size * 1.3;
  const gap = size * 0.15;
  const { width: columns, height: rows } = pen.canvas;
  const spots = [[x, y - height - gap], [x + w + gap, y + h / 2 - height / 2], [x, y + h + gap], [x - width - gap, y + h / 2 - height / 2], [x + w - width, y - height - gap], [x + w - width, y + h + gap]]
    .map(([left, top]) => [Math.max(0, Math.min(left, columns - width)), Math.max(0, Math.min(top, rows - height)), width, height]);
  const hidden = (spot) => taken.reduce((sum, box) => sum + shared(spot, box), shared(spot, [x, y, w, h]));
  const best = spots.map((spot) => [hidden(spot), spot]).sort((a, b) => a[0] - b[0])[0];
  if (!always && best[0] > 0) return;
  const [left, top] = best[1];
  taken.push(best[1]);
  pen.fillStyle = "rgb(16 20 26 / .86)";
  pen.fillRect(left, top, width, height);
  pen.fillStyle = edge;
  pen.fillRect(left, top, size * 0.18, height);
  pen.fillStyle = "#fff";
  pen.fillText(text, left + size * 0.42, top + size * 0.98);
}

const shared = ([a, b, c, d], [x, y, w, h]) => Math.max(0, Math.min(a + c, x + w) - Math.max(a, x)) * Math.max(0, Math.min(b + d, y + h) - Math.max(b, y));

/** What a page says, for those who do not see the canvas. */
export function inWords(page) {
  if (!page.lines.length) return "no digits";
  return page.lines.map(inUnits).join(", ");
}
