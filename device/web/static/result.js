// What was read in one picture: the numbers, the picture, the ink map, and each input as the model saw it.

import { el, milliseconds, percent, sure } from "./dom.js";
import { drawPage, inWords } from "./overlay.js";

const WIDEST = 900;

/** The parts of a result. picture: a Blob, or null. */
export async function showResult(target, result, picture, { copy = true, show = true } = {}) {
  const parts = [lines(result)];
  const figures = el("div", { class: "pictures" });
  const shown = show ? await pictureWithBoxes(result, picture, target.clientWidth) : null;
  if (shown) figures.append(el("figure", {}, shown, el("figcaption", {}, `${result.width} × ${result.height}, read in ${milliseconds(result.ms)}`)));
  if (result.ink) figures.append(el("figure", {}, el("img", { src: result.ink, alt: "The ink map: what is taken for writing" }), el("figcaption", {}, "Ink: what is taken for writing")));
  parts.push(figures);
  if (result.inputs?.length) {
    const read = result.inputs.filter((input) => input.reason === null);
    const rejected = result.inputs.filter((input) => input.reason !== null);
    if (read.length) parts.push(el("h3", {}, "What the model saw"), el("ul", { class: "inputs" }, ...read.map(input)));
    if (rejected.length) {
      const list = el("ul", { class: "inputs" }, ...rejected.map(input));
      parts.push(el("details", { open: !read.length }, el("summary", {}, `Rejected ink: ${rejected.length}`), list));
    }
  }
  if (result.strips?.length) parts.push(el("h3", {}, "What the line model saw"), el("div", { class: "strips" }, ...result.strips.map(strip)));
  if (result.rejected.length) parts.push(reasons(result.rejected));
  if (copy) parts.push(json(result));
  target.replaceChildren(...parts);
}

function lines(result) {
  if (!result.lines.length) return el("p", { class: "lines muted" }, "No digits were read.");
  return el("div", { class: "lines" }, ...result.lines.map((line) => el("div", {}, el("b", {}, line.text), sure(line.confidence))));
}

async function pictureWithBoxes(result, blob, room) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    return null; // TIFF, or none: the ink map shows it all the same
  }
  const scale = Math.min(1, WIDEST / bitmap.width);
  const canvas = el("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale), role: "img", "aria-label": `The picture: ${inWords(result)}` });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // Two figures stand side by side where there is room for both.
  drawPage(canvas, result, Math.min(canvas.width, room > 460 ? room / 2 : room || canvas.width));
  return canvas;
}

function input({ pixels, probabilities, reason }) {
  const names = Object.keys(probabilities);
  const [best] = names.filter((name) => name !== "reject").sort((a, b) => probabilities[b] - probabilities[a]);
  const label = best === undefined ? "" : reason === null ? best : reason.replaceAll("-", " ");
  const said = names.map((name) => `${name} ${percent(probabilities[name])}`).join(", ");
  const bars = el("div", { class: "bars", role: "img", "aria-label": said || "no probabilities" });
  for (const name of names) {
    const bar = el("i");
    bar.style.height = `${34 * probabilities[name]}px`;
    bars.append(el("span", { title: `${name}: ${percent(probabilities[name])}` }, bar, name === "reject" ? "×" : name));
  }
  return el("li", { class: reason === null ? "" : "rejected" },
    el("img", { src: pixels, alt: reason === null ? `seen as ${best}` : `rejected as ${reason}` }),
    el("div", { class: "what" }, el("b", {}, label), reason === null && best !== undefined ? sure(probabilities[best]) : null),
    names.length ? bars : null);
}

function strip({ pixels, symbols }) {
  const read = symbols.map((symbol) => symbol.text).join("");
  return el("figure", {}, el("img", { src: pixels, alt: read ? `a strip read as ${read}` : "a strip in which nothing was read" }),
    el("figcaption", {}, ...symbols.flatMap(({ text, confidence }) => [el("b", {}, text), " ", sure(confidence), "  "])));
}

function reasons(rejected) {
  const counts = new Map();
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const said = [...counts].map(([reason, count]) => `${count} ${reason.replaceAll("-", " ")}`).join(", ");
  return el("p", { class: "muted small" }, `Not read: ${said}.`);
}

function json(result) {
  const { ink, inputs, strips, ...row } = result;
  const text = JSON.stringify(row);
  const button = el("button", { class: "plain", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre); // only secure pages may write to the clipboard
      button.textContent = "Selected: copy it";
    }
  } }, "Copy");
  const pre = el("pre", { tabindex: 0 }, JSON.stringify(row, null, 1));
  return el("details", {}, el("summary", {}, "JSON"), el("div", { class: "row end" }, button), pre);
}
