// Teach: what was labelled is learned, forgotten or deleted.

import { $, ask } from "./dom.js";

const PAUSE = 1000; // milliseconds between two looks at how teaching goes
let reload = () => {};

/** changed(): the samples are not what they were. */
export function connectTeaching(changed) {
  reload = changed;
  look().catch(wrong);
}

export function say(text, isWrong = false) {
  $("said").textContent = text;
  $("said").className = isWrong ? "error" : "";
}

const wrong = (error) => say(error.message, true);

/** Show how teaching goes, until it is done. */
async function look(method = "GET") {
  let job = await ask("/api/teach", { method });
  show(job);
  while (job.state === "running") {
    await new Promise((done) => setTimeout(done, PAUSE));
    job = await ask("/api/teach");
    show(job);
  }
}

function show({ state, seconds, summary, is_taught: isTaught }) {
  const isRunning = state === "running";
  $("teaching").hidden = !isRunning;
  for (const id of ["teach", "delete"]) $(id).disabled = isRunning;
  $("undo-teaching").disabled = isRunning || !isTaught;
  if (isRunning) say(`Learning for ${Math.round(seconds)} s; the camera is read meanwhile.`);
  else if (state === "failed") say(summary, true);
  else if (state === "done") say(`Done in ${Math.round(seconds)} s.`);
  $("summary").hidden = state !== "done";
  $("summary").textContent = state === "done" ? summary : "";
}

$("teach").addEventListener("click", () => look("POST").catch(wrong));

$("undo-teaching").addEventListener("click", async () => {
  try {
    const { undone } = await ask("/api/teach", { method: "DELETE" });
    await look();
    $("summary").hidden = true;
    say(undone ? "Undone: numbers are read as before." : "There was nothing to undo.");
  } catch (error) {
    wrong(error);
  }
});

$("delete").addEventListener("click", async () => {
  if (!confirm("Delete all samples and labels? What was learned from them stays until it is undone.")) return;
  try {
    const { deleted } = await ask("/api/samples", { method: "DELETE" });
    say(`${deleted} samples are deleted.`);
    reload();
  } catch (error) {
    wrong(error);
  }
});
