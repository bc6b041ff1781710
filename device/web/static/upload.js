// Upload: pictures that are chosen, dropped, pasted or taken, read one after another.

import { $, el, last, readPicture } from "./dom.js";
import { showResult } from "./result.js";

const MOST_BYTES = 16 * 2 ** 20;
let queue = Promise.resolve();

function add(files) {
  for (const file of files) {
    const body = el("div", {}, el("p", { class: "muted" }, "Waiting …"));
    const name = file.name || "pasted picture";
    $("uploads").prepend(el("article", { class: "card", "aria-label": name }, el("div", { class: "spread" }, el("h3", { class: "as-is" }, name)), body));
    queue = queue.then(() => read(file, body));
  }
}

async function read(file, body) {
  body.replaceChildren(el("p", { class: "muted" }, "Reading …"));
  try {
    if (file.size > MOST_BYTES) throw new Error("larger than 16 MB, the most that is read");
    const result = await readPicture(file);
    last.picture = file;
    await showResult(body, result, file);
  } catch (error) {
    body.replaceChildren(el("p", { class: "error" }, error.message));
  }
}

for (const id of ["files", "photo"]) {
  $(id).addEventListener("change", (event) => {
    add(event.target.files);
    event.target.value = "";
  });
}

const drop = $("drop");
drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  add(event.dataTransfer.files);
});
// Beside the place it would replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
addEventListener("paste", (event) => {
  if (!$("part-upload").hidden && event.clipboardData.files.length) add(event.clipboardData.files);
});
