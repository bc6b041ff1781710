// Set up: regions drawn on the live picture, tried and saved; how sharp and how bright the picture is.

import { $, ask, askJSON, el, questions } from "./dom.js";
import { connectGeometry, loadGeometry, paintCrop } from "./geometry.js";
import { regionForm, showFound, showLastValues } from "./region-form.js";
import { on, pictures } from "./stream.js";

const AIM = 1500; // milliseconds between two looks at focus and light
const GRIP = 14; // pixels on the screen around a corner that resize
const LEAST = 8; // pixels of the frame; a shorter drag is a slip

const canvas = $("setup-picture");
const pen = canvas.getContext("2d");
const begin = questions();
let regions = [];
let version = null;
let bitmap = null;
let frame = { width: 640, height: 480 };
let selected = null;
let drag = null;
let stop = null;
let isLoaded = false;
let asLoaded = "[]"; // the regions, to tell whether they were changed since

export async function show() {
  stop?.abort();
  const own = new AbortController();
  stop = own;
  if (!isLoaded) await load();
  watch(own.signal);
  aim(own.signal);
}

export function hide() {
  stop?.abort();
}

async function load() {
  const isNewest = begin();
  try {
    const found = await ask("/api/regions");
    // The part may have been left and shown again meanwhile: regions that are being changed are not loaded anew.
    if (!isNewest()) return;
    regions = found.regions.map((region) => ({ ...region, found: null, saved: region.name }));
    version = found.version;
    isLoaded = true;
    asLoaded = JSON.stringify(rows());
    list();
    for (const id of ["region-add", "region-try", "region-save"]) $(id).disabled = false;
    if (found.file === null) say("Started without --config FILE: regions can be tried here, and copied.");
    await loadGeometry();
  } catch (error) {
    if (isNewest()) say(error.message, true);
  }
}

async function watch(signal) {
  while (!signal.aborted) {
    try {
      await pictures(async (blob) => {
        const next = await createImageBitmap(blob);
        bitmap?.close();
        bitmap = next;
        $("setup-note").hidden = true;
        paint();
      }, signal);
    } catch (error) {
      if (!signal.aborted) $("setup-note").hidden = false;
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

async function aim(signal) {
  while (!signal.aborted) {
    try {
      const seen = await ask("/api/aim", { signal });
      frame = seen;
      const meter = el("meter", { min: 0, max: 100, low: 40, high: 70, optimum: 100, value: seen.focus ?? 0, "aria-label": "Focus" });
      $("aim").replaceChildren(
        el("span", {}, "Focus ", meter, ` ${seen.focus === null ? "nothing to focus on" : `${Math.round(seen.focus)} of 100`}`),
        el("span", {}, "Light ", el("b", { class: `sure ${seen.light === "good" ? "good" : "bad"}` }, seen.light), ` (paper ${Math.round(seen.brightness)} of 255)`),
        el("span", { class: "muted" }, `${seen.width} × ${seen.height}`));
      paint();
    } catch (error) {
      if (!signal.aborted) $("aim").replaceChildren(el("span", { class: "error" }, error.message));
    }
    await new Promise((done) => setTimeout(done, AIM));
  }
}

function paint() {
  if (bitmap && (canvas.width !== bitmap.width || canvas.height !== bitmap.height)) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  if (bitmap) pen.drawImage(bitmap, 0, 0);
  const scale = canvas.width / frame.width;
  const size = Math.max(13, canvas.width / 45);
  for (const region of regions) {
    const [x, y, w, h] = region.box.map((side) => side * scale);
    const chosen = region === selected;
    pen.lineWidth = (chosen ? 4 : 2.5) * (canvas.width / 640);
    pen.strokeStyle = chosen ? "#ffb000" : "#2f8fff";
    pen.fillStyle = chosen ? "rgb(255 176 0 / .12)" : "rgb(47 143 255 / .10)";
    pen.fillRect(x, y, w, h);
    pen.strokeRect(x, y, w, h);
    pen.font = `600 ${size}px system-ui, sans-serif`;
    const label = region.title ?? region.name;
    const width = pen.measureText(label).width + size;
    const top = y > size * 1.6 ? y - size * 1.5 : y;
    pen.fillStyle = "rgb(16 20 26 / .86)";
    pen.fillRect(x, top, width, size * 1.5);
    pen.fillStyle = "#fff";
    pen.fillText(label, x + size / 2, top + size * 1.08);
  }
  paintCrop(pen, scale);
}

// --- with the pointer

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * frame.width) / box.width, ((event.clientY - box.top) * frame.height) / box.height];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  const [x, y] = place(event);
  const grip = (GRIP * frame.width) / canvas.getBoundingClientRect().width;
  for (const region of [...regions].reverse()) {
    const [left, top, width, height] = region.box;
    const right = left + width;
    const bottom = top + height;
    for (const [u, v, a, b] of [[left, top, right, bottom], [right, top, left, bottom], [left, bottom, right, top], [right, bottom, left, top]]) {
      if (Math.hypot(x - u, y - v) < grip) {
        drag = { region, from: [a, b], moved: true };
        return select(region);
      }
    }
    if (x > left && x < right && y > top && y < bottom) {
      drag = { region, offset: [x - left, y - top] };
      return select(region);
    }
  }
  drag = { region: null, from: [x, y] };
});

canvas.addEventListener("pointermove", (event) => {
  if (drag === null) return;
  const [x, y] = place(event);
  if (drag.offset) {
    const [, , width, height] = drag.region.box;
    drag.region.box = [clamp(x - drag.offset[0], frame.width - width), clamp(y - drag.offset[1], frame.height - height), width, height];
  } else {
    const box = between(drag.from, [x, y]);
    if (drag.region === null && box[2] >= LEAST && box[3] >= LEAST) {
      drag.region = add(box);
    } else if (drag.region !== null) {
      drag.region.box = box;
    }
  }
  if (drag.region) sides(drag.region);
  paint();
});
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { drag = null; });

const clamp = (value, most) => Math.round(Math.max(0, Math.min(value, most)));

function between([a, b], [x, y]) {
  const left = clamp(Math.min(a, x), frame.width - 1);
  const top = clamp(Math.min(b, y), frame.height - 1);
  return [left, top, Math.max(1, clamp(Math.max(a, x), frame.width) - left), Math.max(1, clamp(Math.max(b, y), frame.height) - top)];
}

// --- with fields

function add(box) {
  let number = regions.length + 1;
  while (regions.some((region) => region.name === `number-${number}`)) number += 1;
  const region = { name: `number-${number}`, box, found: null };
  regions.push(region);
  list();
  select(region);
  return region;
}

function select(region) {
  selected = region;
  paint();
}

function list() {
  $("regions").replaceChildren(...regions.map(form));
}

function sides(region) {
  region.box.forEach((side, k) => { if (region.parts) region.parts.box[k].value = side; });
}

const form = (region) => regionForm(region, { changed: paint, chosen: () => select(region), removed: () => remove(region) });

function remove(region) {
  regions = regions.filter((other) => other !== region);
  if (selected === region) selected = null;
  list();
  paint();
  $("region-add").focus();
}

const rows = () => regions.map(({ found: _, parts: __, saved: ___, ...row }) => row);

connectGeometry({
  frame: () => frame,
  hasChanges: () => JSON.stringify(rows()) !== asLoaded,
  reload: load,
  paint,
});

on("summary", ({ last_values }) => showLastValues(regions, last_values));

function say(text, wrong = false) {
  $("setup-said").textContent = text;
  $("setup-said").className = wrong ? "error" : "";
}

async function busy(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    say(error.message, true);
  } finally {
    button.disabled = false;
  }
}

$("region-add").addEventListener("click", () => {
  const box = [0.3 * frame.width, 0.4 * frame.height, 0.4 * frame.width, 0.2 * frame.height].map(Math.round);
  add(box);
  $("regions").lastElementChild.querySelector("input").select();
});
$("region-try").addEventListener("click", (event) => busy(event.target, async () => {
  const answer = await askJSON("POST", "/api/regions/try", { regions: rows() });
  for (const region of regions) {
    region.found = answer.regions[region.name] ?? undefined;
    showFound(region);
  }
  say("This is what would be read now.");
}));
$("region-save").addEventListener("click", (event) => busy(event.target, async () => {
  const answer = await askJSON("PUT", "/api/regions", { regions: rows(), version });
  $("setup-toml").hidden = answer.saved;
  $("setup-toml").textContent = answer.text;
  version = answer.version ?? version;
  if (answer.saved) {
    asLoaded = JSON.stringify(rows());
    for (const region of regions) {
      region.saved = region.name;
      region.parts.last.whole.hidden = false;
    }
    await loadGeometry();
  }
  say(answer.saved ? "Saved, and read from now on." : `Not saved: ${answer.why}. Copy this into the configuration:`, !answer.saved);
}));
