// Boxes and readings drawn over a picture, as `edge-digits read --draw` has them: from red over amber to green, and
// purple for what was rejected.

const REJECTED = "#a65ad6";

export const hue = (confidence) => 120 * Math.max(0, Math.min(1, (confidence - 0.5) / 0.5));
const colour = (confidence) => `hsl(${hue(confidence)} 85% 45%)`;

/** page: lines and rejected, in a picture `page.width` wide. The canvas holds that picture already. */
export function drawPage(canvas, page, { reasons = true } = {}) {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / page.width;
  const thin = Math.max(1, canvas.width / 480);
  const size = Math.max(11, Math.min(canvas.width / 32, 30));
  const rect = ([x, y, w, h]) => pen.strokeRect(x * scale, y * scale, w * scale, h * scale);
  pen.lineWidth = thin;
  pen.font = `600 ${size * 0.7}px system-ui, sans-serif`;
  for (const item of page.rejected) {
    pen.strokeStyle = REJECTED;
    pen.setLineDash([4 * thin, 3 * thin]);
    rect(item.box);
    if (reasons && item.box[2] * scale > 3 * size) plate(pen, item.reason, item.box[0] * scale, (item.box[1] + item.box[3]) * scale + size * 0.9, size * 0.7, REJECTED);
  }
  pen.setLineDash([]);
  for (const line of page.lines) {
    for (const digit of line.digits) {
      pen.strokeStyle = colour(digit.confidence);
      rect(digit.box);
    }
    const text = `${line.text}  ${Math.round(100 * line.confidence)} %`;
    pen.font = `600 ${size}px ui-monospace, monospace`;
    const top = line.box[1] * scale - thin * 2;
    const below = (line.box[1] + line.box[3]) * scale + size * 1.15;
    plate(pen, text, line.box[0] * scale, top > size * 1.3 ? top : below, size, colour(line.confidence));
  }
}

/** Text on a dark plate whose lower left corner is at x, y, kept inside the canvas. */
function plate(pen, text, x, y, size, edge) {
  const width = pen.measureText(text).width + size * 0.7;
  const left = Math.max(0, Math.min(x, pen.canvas.width - width));
  pen.fillStyle = "rgb(16 20 26 / .86)";
  pen.fillRect(left, y - size * 1.25, width, size * 1.25);
  pen.fillStyle = edge;
  pen.fillRect(left, y - size * 1.25, size * 0.18, size * 1.25);
  pen.fillStyle = "#fff";
  pen.fillText(text, left + size * 0.42, y - size * 0.3);
}

/** What a page says, for those who do not see the canvas. */
export function inWords(page) {
  if (!page.lines.length) return "no digits";
  return page.lines.map((line) => line.text).join(", ");
}
