// Teach: samples are shown, and labelled with one key each.

import { $, ask, askJSON, el, percent, when } from "./dom.js";
import { drawCrop, pictureOf } from "./crop.js";
import { connectTeaching, say } from "./teaching.js";

const REFRESH = 8000; // milliseconds between two looks for new samples
const NEAR = [3, 2]; // longer sides of a sample that are shown around it, in the grid
const WIDE = [9, 5]; // and below

const KEYS = { x: "none", n: "none", s: "skip", ...Object.fromEntries([..."0123456789"].map((digit) => [digit, digit])) };
const WORDS = { none: "labelled no digit", skip: "skipped" };

const samples = new Map(); // by file: what is known of it, and its button
const history = [];
const touched = new Set(); // files labelled here, which stay to be seen
let chosen = null;
let saving = Promise.resolve();
let puts = 0;

async function load() {
  try {
    await saving;
    const before = puts;
    const { samples: rows } = await ask("/api/samples");
    // What was labelled meanwhile, these do not know yet.
    if (puts !== before) return;
    const files = new Set(rows.map((row) => row.file));
    for (const [file, { button }] of samples) {
      if (files.has(file)) continue;
      button.remove();
      samples.delete(file);
    }
    for (const row of rows) {
      const known = samples.get(row.file);
      if (known) known.label = row.label;
      else samples.set(row.file, { ...row, button: buttonOf(row) });
    }
    if (placeOf(chosen) < 0) choose(nextOpen(-1) ?? null, false);
    else refresh();
  } catch (error) {
    say(error.message, true);
  }
}

function buttonOf(row) {
  const canvas = el("canvas", { width: 240, height: 160 });
  const button = el("button", { class: "sample", onclick: () => choose(row.file) }, canvas, el("b"));
  // Only what is looked at is fetched: there may be hundreds.
  new IntersectionObserver(async ([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    await pictureOf(row.file).then((image) => drawCrop(canvas, image, row.box, NEAR), () => {});
  }, { rootMargin: "300px" }).observe(button);
  $("samples").append(button);
  return button;
}

const inWords = ({ read, confidence }) => (read === "" ? "not read" : `read as ${read}, ${percent(confidence)}`);
const named = (label) => (label === null ? "no label" : WORDS[label] ?? `labelled ${label}`);

/** The samples that are to be seen, in their order. */
function shown() {
  const all = $("all").checked;
  return [...samples.values()].filter((sample) => all || sample.label === null || touched.has(sample.file));
}

function refresh() {
  const seen = new Set(shown());
  let open = 0;
  for (const sample of samples.values()) {
    const { button, label, file } = sample;
    if (label === null) open += 1;
    button.hidden = !seen.has(sample);
    button.classList.toggle("labelled", label !== null);
    button.classList.toggle("chosen", file === chosen);
    button.tabIndex = file === chosen ? 0 : -1;
    button.lastElementChild.textContent = label === "none" ? "×" : label === "skip" ? "–" : label ?? "";
    button.setAttribute("aria-label", `${inWords(sample)}, ${named(label)}`);
    if (file === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  $("counts").textContent = `${samples.size - open} labelled · ${open} to label`;
  $("none").hidden = seen.size > 0;
  $("none").textContent = samples.size ? "All samples are labelled." : "No samples yet. Unsure digits come here by themselves; in Live you can tap a number.";
  $("desk").hidden = chosen === null;
  if (chosen !== null) about(samples.get(chosen));
}

function about(sample) {
  $("about").textContent = [inWords(sample), named(sample.label), sample.why, sample.region, when(sample.time)].filter(Boolean).join(" · ");
  $("picture").setAttribute("aria-label", `The sample and the paper around it: ${inWords(sample)}`);
  pictureOf(sample.file).then((image) => { if (sample.file === chosen) drawCrop($("picture"), image, sample.box, WIDE); }, () => {});
}

function choose(file, focus = true) {
  chosen = file;
  refresh();
  if (file === null) return;
  const { button } = samples.get(file);
  if (focus) button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "nearest" });
}

/** The file of the first sample without a label after a place among those that are shown, or before it. */
function nextOpen(place) {
  const list = shown();
  return [...list.slice(place + 1), ...list.slice(0, place + 1)].find((sample) => sample.label === null)?.file;
}

const placeOf = (file) => shown().findIndex((sample) => sample.file === file);

/** Say what a sample is; null takes back what was said. */
function put(file, label) {
  const sample = samples.get(file);
  const before = sample.label;
  sample.label = label;
  puts += 1;
  touched.add(file);
  saving = saving.then(async () => {
    try {
      await askJSON("PUT", `/api/samples/${encodeURIComponent(file)}/label`, { label: label ?? "" });
      say("");
    } catch (error) {
      sample.label = before;
      refresh();
      say(`Not labelled: ${error.message}`, true);
    }
  });
}

function label(given) {
  if (chosen === null) return;
  const place = placeOf(chosen);
  history.push([chosen, samples.get(chosen).label]);
  put(chosen, given);
  choose(nextOpen(place) ?? chosen);
}

function undo() {
  const [file, before] = history.pop() ?? [];
  if (!samples.has(file)) return;
  put(file, before);
  choose(file);
}

function move(key) {
  const list = shown();
  const columns = getComputedStyle($("samples")).gridTemplateColumns.split(" ").length;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const next = list[placeOf(chosen) + steps[key]];
  if (next) choose(next.file);
}

document.addEventListener("keydown", (event) => {
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey);
  if (event.altKey || ((event.ctrlKey || event.metaKey) && !isUndo)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (isUndo || key === "u" || key === "Backspace") undo();
  else if (key.startsWith("Arrow")) move(key);
  else if (key in KEYS) label(KEYS[key]);
  else return;
  event.preventDefault();
});

$("keys").append(
  ...[..."0123456789"].map((digit) => el("button", { class: "digit", onclick: () => label(digit) }, digit)),
  el("button", { class: "word", onclick: () => label("none") }, "not a digit"),
  el("button", { class: "word", onclick: () => label("skip") }, "skip"),
  el("button", { class: "word", onclick: undo }, "undo"));
$("all").addEventListener("change", () => { refresh(); if (placeOf(chosen) < 0) choose(nextOpen(-1) ?? null, false); });

connectTeaching(load);
load();
setInterval(() => { if (!document.hidden) load(); }, REFRESH);
