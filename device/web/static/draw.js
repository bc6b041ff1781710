// Draw: paper to write on, and the answer while writing.

import { $, el, last, readPicture } from "./dom.js";
import { showResult } from "./result.js";

const PAUSE = 250; // milliseconds between two questions
const MARGIN = 200; // pixels of paper round the drawing
const EXAMPLE = [
  [[150, 190], [200, 150], [250, 170], [250, 230], [160, 330], [150, 345], [280, 340]],
  [[400, 160], [350, 210], [345, 290], [390, 345], [440, 310], [455, 230], [430, 170], [395, 162]],
  [[520, 190], [565, 150], [615, 175], [605, 235], [530, 320], [515, 340], [640, 335]],
  [[790, 165], [735, 215], [712, 290], [740, 345], [795, 335], [800, 285], [760, 265], [720, 290]],
];

const paper = $("paper");
const pen = paper.getContext("2d");
const strokes = [];
const active = new Map();
let changed = false;
let asking = false;

function repaint() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = pen.fillStyle = "#15181c";
  for (const { width, points } of strokes) {
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(...points[0]);
    if (points.length === 1) pen.lineTo(points[0][0] + 0.1, points[0][1]);
    for (let k = 1; k < points.length - 1; k += 1) {
      const [x, y] = points[k];
      const [u, v] = points[k + 1];
      pen.quadraticCurveTo(x, y, (x + u) / 2, (y + v) / 2);
    }
    if (points.length > 1) pen.lineTo(...points.at(-1));
    pen.stroke();
  }
  $("paper-hint").hidden = strokes.length > 0;
}

/** The drawing on a larger sheet: digits that fill the whole picture are nothing that a camera sees, and a long thin 1
 * would be taken for a ruled line. */
function sheet() {
  const copy = document.createElement("canvas");
  copy.width = paper.width + 2 * MARGIN;
  copy.height = paper.height + 2 * MARGIN;
  const context = copy.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(paper, MARGIN, MARGIN);
  return new Promise((done) => copy.toBlob(done, "image/png"));
}

function place(event) {
  const box = paper.getBoundingClientRect();
  return [((event.clientX - box.left) * paper.width) / box.width, ((event.clientY - box.top) * paper.height) / box.height];
}

paper.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  paper.setPointerCapture(event.pointerId);
  const stroke = { width: Number($("draw-width").value), points: [place(event)] };
  strokes.push(stroke);
  active.set(event.pointerId, stroke);
  touched();
});
paper.addEventListener("pointermove", (event) => {
  const stroke = active.get(event.pointerId);
  if (!stroke) return;
  for (const part of event.getCoalescedEvents?.() ?? [event]) stroke.points.push(place(part));
  touched();
});
for (const name of ["pointerup", "pointercancel"]) paper.addEventListener(name, (event) => active.delete(event.pointerId));

function touched() {
  repaint();
  changed = true;
  if (!asking) ask();
}

async function ask() {
  asking = true;
  try {
    while (changed) {
      changed = false;
      if (!strokes.length) {
        $("draw-result").replaceChildren(el("p", { class: "muted" }, "The answer comes while you write."));
        continue;
      }
      const blob = await sheet();
      last.picture = blob;
      const began = performance.now();
      try {
        const result = await readPicture(blob);
        await showResult($("draw-result"), result, blob, { copy: false });
      } catch (error) {
        $("draw-result").replaceChildren(el("p", { class: "error" }, error.message));
      }
      await new Promise((done) => setTimeout(done, Math.max(0, PAUSE - (performance.now() - began))));
    }
  } finally {
    asking = false;
  }
}

$("draw-clear").addEventListener("click", () => { strokes.length = 0; touched(); });
$("draw-undo").addEventListener("click", () => { strokes.pop(); touched(); });
$("draw-example").addEventListener("click", () => {
  strokes.length = 0;
  for (const points of EXAMPLE) strokes.push({ width: Number($("draw-width").value), points });
  touched();
});
repaint();
