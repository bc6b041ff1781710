// The six parts: shown by the address's fragment, loaded when they are first wanted.

import { $, ask } from "./dom.js";
import { connect, on } from "./stream.js";

const PARTS = ["live", "draw", "upload", "models", "setup", "readings"];
const loaded = new Map();
let shown = null;
let heard = 0;

async function show(name, byHand) {
  if (shown === name) return;
  loaded.get(shown)?.hide?.();
  shown = name;
  for (const part of PARTS) {
    const link = document.querySelector(`nav a[href="#${part}"]`);
    if (part === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${document.querySelector(`nav a[href="#${name}"]`).textContent} · Edge Digits`;
  // Nothing is shown before it can be used.
  if (!loaded.has(name)) loaded.set(name, await import(`./${name}.js`));
  if (shown !== name) return;
  for (const part of PARTS) $(`part-${part}`).hidden = part !== name;
  if (byHand) {
    scrollTo(0, 0);
    $("content").focus({ preventScroll: true });
  }
  loaded.get(name).show?.();
}

function follow(byHand) {
  const wanted = location.hash.slice(1);
  if (wanted === "content") return;
  show(PARTS.includes(wanted) ? wanted : "live", byHand);
}

function state(text, grade) {
  const pill = $("state");
  if (pill.textContent !== text) pill.firstElementChild.textContent = text;
  pill.className = `pill ${grade}`;
}

on("summary", (summary) => {
  heard = Date.now();
  state(summary.frame_rate === null ? "reading" : `${Math.round(summary.frame_rate)} frames/s`, "good");
});

connect(async (isConnected) => {
  if (!isConnected) {
    state("not connected", "bad");
    // Tells a session that has ended from a camera that has.
    await ask("/api/status").catch(() => {});
  }
});

setInterval(() => {
  if (heard && Date.now() - heard > 15000) state("no frames", "bad");
}, 5000);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) loaded.get(shown)?.hide?.();
  else loaded.get(shown)?.show?.();
});
addEventListener("hashchange", () => follow(true));
follow(false);
