// Live: the camera's picture with what is read in it, the settled numbers, and how the reader does.

import { $, clock, el, milliseconds, named, percent, shownNumber, sure } from "./dom.js";
import { connectCorrect } from "./correct.js";
import { drawOutlines, drawPage, inWords } from "./overlay.js";
import { on, pictures } from "./stream.js";

const KEPT = 40; // frame messages, until their picture comes
const STAGES = ["waiting", "illumination", "component_tree", "normalize", "judge", "selection", "classifier", "lines"];
const SETTLED = 6;

const canvas = $("live-picture");
const messages = new Map();
const settled = new Map();
let stop = null;
let paused = false;
let current = null;

on("frame", (message) => {
  messages.set(message.number, message);
  for (const number of messages.keys()) if (messages.size > KEPT) messages.delete(number);
  if (current !== null && current.number === message.number) draw();
});

function draw() {
  if (current === null) return;
  const pen = canvas.getContext("2d");
  if (canvas.width !== current.bitmap.width || canvas.height !== current.bitmap.height) {
    canvas.width = current.bitmap.width;
    canvas.height = current.bitmap.height;
  }
  pen.drawImage(current.bitmap, 0, 0);
  const message = messages.get(current.number);
  if (message) {
    if ($("live-boxes").checked) {
      drawOutlines(canvas, message);
      drawPage(canvas, message);
    }
    canvas.setAttribute("aria-label", `The camera's picture: ${inWords(message)}`);
  }
  $("live-number").textContent = `frame ${current.number}`;
}

async function start(single = false) {
  stop?.abort();
  const own = new AbortController();
  stop = own;
  try {
    await pictures(async (blob, number) => {
      const bitmap = await createImageBitmap(blob);
      if (own.signal.aborted) return;
      current?.bitmap.close();
      current = { bitmap, number };
      $("live-note").hidden = true;
      draw();
      performance.mark("first-picture");
      if (single) own.abort();
    }, own.signal);
  } catch (error) {
    if (own.signal.aborted) return;
    $("live-note").hidden = false;
    $("live-note").textContent = `No picture: ${error.message}. Trying again …`;
    setTimeout(() => { if (!own.signal.aborted) start(single); }, 2000);
  }
}

export function show() {
  if (!paused) start();
}

export function hide() {
  stop?.abort();
}

function pause(on) {
  paused = on;
  $("live-pause").setAttribute("aria-pressed", String(on));
  $("live-pause").textContent = on ? "Go on" : "Pause";
  if (on) hide();
  else start();
}

$("live-pause").addEventListener("click", () => pause(!paused));
$("live-single").addEventListener("click", () => {
  if (!paused) pause(true);
  start(true);
});
$("live-boxes").addEventListener("change", draw);
connectCorrect(canvas, () => (current === null ? undefined : messages.get(current.number)));

const order = (a, b) => (a.region && b.region
  ? named(a).localeCompare(named(b)) || a.region.localeCompare(b.region) || a.type.localeCompare(b.type)
  : b.time.localeCompare(a.time));

function note(event) {
  // A region has one number, and below it one that its guard holds back; without regions the newest ones stand here.
  const key = event.region ?? event.id;
  const held = `${key} rejected`;
  settled.delete(held);
  settled.set(event.type === "refusal" && event.region ? held : key, event);
  const free = [...settled].filter(([, item]) => item.region === null);
  for (const [old] of free.slice(0, Math.max(0, free.length - SETTLED))) settled.delete(old);
  $("settled").replaceChildren(...[...settled.values()].sort(order).map(card));
}

function card(event) {
  const refused = event.type === "refusal";
  const about = [named(event), clock(event.time), refused ? `rejected: ${event.reason}` : event.alert].filter(Boolean);
  const [number, asRead] = shownNumber(event);
  return el("div", { class: `${event.region ? "named" : ""} ${refused ? "refused" : ""}` },
    number, event.text === "" ? el("span") : sure(event.confidence), asRead, el("small", {}, about.join(" · ")));
}

on(["reading", "refusal"], note);

const said = (problem) => `Not read: ${problem}. Draw the regions anew in Set up, or save them again if they are right.`;

on("summary", ({ drift }) => {
  const warning = $("live-warning");
  const problem = drift?.problem ?? "";
  warning.hidden = !problem;
  // Said anew, screen readers would say it every second.
  if (problem && warning.textContent !== said(problem)) warning.textContent = said(problem);
});

on("summary", ({ frame_rate, latency_ms, counts, stages_ms, temperature }) => {
  const facts = [
    ["Frames a second", frame_rate === null ? "–" : frame_rate.toFixed(1)],
    ["Frame to reading, median", milliseconds(latency_ms.median)],
    ["99 of 100 within", milliseconds(latency_ms.p99)],
    ["Dropped frames", `${counts.skipped} (${percent(counts.skipped / Math.max(1, counts.skipped + counts.frames))})`],
    ["Unchanged, not read again", percent(1 - counts.read / Math.max(1, counts.frames))],
    ...(temperature === null ? [] : [["Processor", `${temperature.toFixed(0)} °C`]]),
  ];
  $("live-facts").replaceChildren(...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  stages(stages_ms);
});

function stages(ms) {
  const total = STAGES.reduce((sum, name) => sum + (ms[name] ?? 0), 0);
  if (!total || !ms.illumination) return;
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  const legend = el("div", { class: "legend" });
  STAGES.forEach((name, k) => {
    const part = el("i", { class: `s${k}` });
    part.style.width = `${(100 * (ms[name] ?? 0)) / total}%`;
    bar.append(part);
    legend.append(el("span", {}, el("i", { class: `s${k}` }), `${name.replace("_", " ")} ${milliseconds(ms[name] ?? 0)}`));
  });
  $("live-stages").replaceChildren(bar, legend);
}
