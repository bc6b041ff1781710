// Live: a number is tapped, and what it is typed; each of its digits is labelled so.

import { $, ask, askJSON, el } from "./dom.js";

const SLOP = 12; // pixels on the screen beside a number that count as it

let line = null;

/** Lets a line of the canvas be tapped if samples are kept. frame(): the message of the frame that is shown, if there is
 * one. */
export async function connectCorrect(canvas, frame) {
  const { collects } = await ask("/api/status").catch(() => ({}));
  if (!collects) return;
  $("live-collects").hidden = false;
  canvas.classList.add("tapped");
  canvas.addEventListener("click", (event) => {
    const message = frame();
    if (message) open(lineAt(message, canvas, event));
  });
}

function lineAt(message, canvas, event) {
  const seen = canvas.getBoundingClientRect();
  const scale = message.width / seen.width;
  const x = (event.clientX - seen.left) * scale;
  const y = (event.clientY - seen.top) * scale;
  const away = ({ box: [left, top, width, height] }) => Math.max(left - x, x - left - width, top - y, y - top - height);
  const [nearest] = [...message.lines].sort((a, b) => away(a) - away(b));
  return nearest && away(nearest) <= SLOP * scale ? nearest : null;
}

function open(tapped) {
  line = tapped;
  $("correct").hidden = line === null;
  if (line === null) return;
  $("correct-read").textContent = line.text;
  $("correct-typed").value = "";
  $("correct-typed").focus();
  say();
}

function say(text = "", wrong = false, leads = false) {
  $("correct-said").replaceChildren(...(text ? [text] : []), ...(leads ? [" ", el("a", { href: "/teach" }, "Teach")] : []));
  $("correct-said").className = `correct-said ${wrong ? "error" : ""}`;
}

$("correct-cancel").addEventListener("click", () => open(null));
$("correct").addEventListener("keydown", (event) => { if (event.key === "Escape") open(null); });
$("correct").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { text, box } = line;
  try {
    const { labelled, why } = await askJSON("POST", "/api/samples/line", { text, box, digits: $("correct-typed").value });
    const done = labelled ? `${labelled} digit${labelled === 1 ? " is" : "s are"} labelled` : "Nothing is labelled";
    if (labelled) open(null);
    say(why ? `${done}: ${why}.` : `${done}.`, !labelled, true);
  } catch (error) {
    say(error.message, true);
  }
});
