// Models: the same picture read by two, side by side, and what is known about all.

import { $, ask, el, kilobytes, last, milliseconds, questions, readPicture, reason } from "./dom.js";
import { inWords } from "./overlay.js";
import { showResult } from "./result.js";

const REPEATS = 5;
const measured = new Map();
const beginTaking = questions();
const beginComparing = questions();
let models = [];
let picture = null;

async function load() {
  models = await ask("/api/models");
  const used = models.find((model) => model.in_use) ?? models[0];
  const other = models.find((model) => model.runs && model !== used && model.precision !== used.precision) ?? models.find((model) => model !== used) ?? used;
  for (const [id, chosen] of [["model-a", used], ["model-b", other]]) {
    $(id).replaceChildren(...models.map((model) => el("option", { value: model.name, selected: model === chosen, disabled: !model.runs }, model.name)));
  }
  table();
}

function table() {
  const sets = [...new Set(models.flatMap((model) => Object.keys(model.scores)))];
  const head = ["Model", "Network", "Precision", "Size", "Latency here", ...sets];
  const rows = models.map((model) => el("tr", {},
    el("td", {}, model.name, model.in_use ? el("span", { class: "tag" }, "in use") : null, model.runs ? null : el("span", { class: "tag" }, "no runtime")),
    el("td", {}, model.network.toUpperCase()), el("td", {}, `${model.precision} ${model.format}`),
    el("td", { class: "n" }, kilobytes(model.bytes)), el("td", { class: "n" }, milliseconds(measured.get(model.name))),
    ...sets.map((set) => el("td", { class: "n" }, set in model.scores ? `${(100 * model.scores[set]).toFixed(2)} %` : "–"))));
  $("model-table").replaceChildren(
    el("thead", {}, el("tr", {}, ...head.map((text, k) => el("th", { scope: "col", class: k > 2 ? "n" : "" }, text)))), el("tbody", {}, ...rows));
}

async function compare() {
  if (!picture) return;
  const isNewest = beginComparing();
  const compared = picture;
  const names = [$("model-a").value, $("model-b").value];
  const cards = names.map((name) => el("div", { class: "card" }, el("h3", { class: "as-is" }, name), el("p", { class: "muted" }, "Reading …")));
  $("model-results").replaceChildren(...cards);
  $("model-verdict").textContent = "";
  const results = [];
  for (const [k, name] of names.entries()) {
    try {
      const result = await readPicture(compared, { model: name });
      if (!isNewest()) return;
      results.push(result);
      const body = el("div");
      await showResult(body, result, compared);
      const { bytes, precision, format } = models.find((model) => model.name === name);
      cards[k].replaceChildren(el("h3", { class: "as-is" }, name), el("p", { class: "muted small" }, `${kilobytes(bytes)}, ${precision} ${format}, the picture read in ${milliseconds(result.ms)}`), body);
    } catch (error) {
      cards[k].replaceChildren(el("h3", { class: "as-is" }, name), el("p", { class: "error" }, error.message));
    }
  }
  if (isNewest() && results.length === 2) {
    const same = inWords(results[0]) === inWords(results[1]);
    $("model-verdict").textContent = same ? "Both read the same." : `They differ: ${inWords(results[0])} – ${inWords(results[1])}`;
  }
}

async function measure() {
  const button = $("model-measure");
  button.disabled = true;
  try {
    const sample = picture ?? (await fromCamera());
    picture ??= sample;
    for (const model of models.filter((known) => known.runs)) {
      button.textContent = `Measuring ${model.name} …`;
      const times = [];
      for (let k = 0; k < REPEATS; k += 1) times.push((await readPicture(sample, { model: model.name, detail: false })).ms);
      measured.set(model.name, times.sort((a, b) => a - b)[Math.floor(REPEATS / 2)]);
      table();
    }
  } catch (error) {
    $("model-verdict").textContent = error.message;
  } finally {
    button.disabled = false;
    button.textContent = "Measure here";
  }
}

async function fromCamera() {
  const response = await fetch("/api/frame.jpg");
  if (!response.ok) throw new Error(await reason(response));
  return response.blob();
}

async function take(get) {
  const isNewest = beginTaking();
  try {
    const found = await get();
    if (!isNewest()) return;
    if (!found) throw new Error("Draw or upload something first.");
    picture = found;
    await compare();
  } catch (error) {
    if (isNewest()) $("model-verdict").textContent = error.message;
  }
}

$("model-camera").addEventListener("click", () => take(fromCamera));
$("model-last").addEventListener("click", () => take(async () => last.picture));
$("model-file").addEventListener("change", (event) => take(async () => event.target.files[0]));
for (const id of ["model-a", "model-b"]) $(id).addEventListener("change", compare);
$("model-measure").addEventListener("click", measure);
load().catch((error) => { $("model-verdict").textContent = error.message; });
