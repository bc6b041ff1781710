// Set up: how the picture is turned, mirrored and cropped. The server moves the regions along.

import { $, ask, askJSON } from "./dom.js";

const SIDES = ["x", "y", "width", "height"];
const LEAST = 16; // pixels of the frame; a shorter drag is a slip

const canvas = $("setup-picture");
let saved = { rotate: 0, flip: "none", crop: null };
let version = null;
let drag = null;
let isDragging = false;
let setup = null;

/** hooks: frame() is the size of the picture that is seen, hasChanges() whether regions are not saved, reload() reads
 * them again, paint() draws the picture anew. */
export function connectGeometry(hooks) {
  setup = hooks;
}

const FIELDS = ["rotate", "flip", ...SIDES, "save"];

function enable(on) {
  for (const field of FIELDS) $(`geometry-${field}`).disabled = !on;
}

// What is typed before the settings have come would be written over.
enable(false);

export async function loadGeometry() {
  const found = await ask("/api/geometry");
  saved = { rotate: found.rotate, flip: found.flip, crop: found.crop };
  version = found.version;
  $("geometry-rotate").value = String(saved.rotate);
  $("geometry-flip").value = saved.flip;
  show(saved.crop);
  enable(true);
}

function show(crop) {
  SIDES.forEach((side, k) => { $(`geometry-${side}`).value = crop === null ? "" : crop[k]; });
}

function chosen() {
  const sides = SIDES.map((side) => $(`geometry-${side}`).value);
  return {
    rotate: Number($("geometry-rotate").value),
    flip: $("geometry-flip").value,
    crop: sides.every((side) => side === "") ? null : sides.map(Number),
  };
}

const isTurned = () => chosen().rotate !== saved.rotate || chosen().flip !== saved.flip;

function say(text, wrong = false) {
  $("geometry-said").textContent = text;
  $("geometry-said").className = wrong ? "error" : "";
}

for (const id of ["geometry-rotate", "geometry-flip"]) {
  $(id).addEventListener("change", () => {
    if (chosen().crop === null) return;
    show(null);
    say("The crop is taken off: it is in pixels of the turned picture.");
  });
}

$("geometry-whole").addEventListener("click", () => {
  show(null);
  setDragging(false);
});

// --- with the pointer

function setDragging(on) {
  isDragging = on;
  drag = null;
  $("geometry-drag").setAttribute("aria-pressed", String(on));
  setup.paint();
}

$("geometry-drag").addEventListener("click", () => {
  if (!isDragging && isTurned()) return say("Save first; then crop what is seen.", true);
  setDragging(!isDragging);
  say(isDragging ? "Drag over the part of the picture to keep." : "");
});

function place(event) {
  const box = canvas.getBoundingClientRect();
  const { width, height } = setup.frame();
  const along = (value, most) => Math.round(Math.max(0, Math.min(value, most)));
  return [along(((event.clientX - box.left) * width) / box.width, width), along(((event.clientY - box.top) * height) / box.height, height)];
}

const between = ([a, b], [x, y]) => [Math.min(a, x), Math.min(b, y), Math.abs(x - a), Math.abs(y - b)];

// Before the listeners that draw regions.
function listen(name, handle) {
  canvas.addEventListener(name, (event) => {
    if (!isDragging) return;
    event.stopImmediatePropagation();
    handle(event);
    setup.paint();
  }, { capture: true });
}

listen("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  drag = { from: place(event), to: place(event) };
});
listen("pointermove", (event) => {
  if (drag) drag.to = place(event);
});
listen("pointerup", () => {
  if (drag === null) return;
  const [x, y, width, height] = between(drag.from, drag.to);
  drag = null;
  if (width < LEAST || height < LEAST) return;
  const [left, top] = saved.crop ?? [0, 0];
  show([x + left, y + top, width, height]);
  setDragging(false);
  say("Save, to see this part only.");
});
listen("pointercancel", () => { drag = null; });

/** Shade what would be cut off. scale: of the canvas to the frame. */
export function paintCrop(pen, scale) {
  if (drag === null) return;
  const [x, y, width, height] = between(drag.from, drag.to).map((side) => side * scale);
  pen.fillStyle = "rgb(16 20 26 / .6)";
  pen.beginPath();
  pen.rect(0, 0, pen.canvas.width, pen.canvas.height);
  pen.rect(x, y, width, height);
  pen.fill("evenodd");
}

$("geometry-save").addEventListener("click", async (event) => {
  if (setup.hasChanges()) return say("Save the regions first, or load the page again.", true);
  const button = event.currentTarget;
  button.disabled = true;
  try {
    const answer = await askJSON("PUT", "/api/geometry", { ...chosen(), version });
    $("geometry-toml").hidden = answer.saved;
    $("geometry-toml").textContent = answer.text;
    if (answer.saved) await setup.reload();
    say(answer.saved ? "Saved; regions were moved along." : `Not saved: ${answer.why}. Copy this into the configuration:`, !answer.saved);
  } catch (error) {
    say(error.message, true);
  } finally {
    button.disabled = false;
  }
});
