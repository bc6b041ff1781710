// Readings: the record as a table and a chart, filtered, and as CSV.

import { $, ask, el, inUnits, named, questions, shownNumber, sure, when } from "./dom.js";
import { chart } from "./chart.js";
import { on } from "./stream.js";

const LIMIT = 300;
const PAUSE = 2000; // milliseconds between two looks at the record
const begin = questions();
let visible = false;
let pending = null;

function query() {
  const seconds = Number($("rec-time").value);
  const region = $("rec-region").value;
  return new URLSearchParams({
    kind: $("rec-kind").value,
    ...(region === "*" ? {} : { region }),
    ...(seconds ? { since: Math.floor(Date.now() / 1000 - seconds) } : {}),
  });
}

async function load() {
  const wanted = query();
  const isNewest = begin();
  try {
    const { recorded, regions, titles, entries } = await ask(`/api/readings?${wanted}&limit=${LIMIT}`);
    if (!isNewest()) return;
    names(regions, titles);
    table(entries);
    const picture = chart(entries, Math.max(300, $("chart").clientWidth));
    $("chart").replaceChildren(...(picture ? [picture] : []));
    $("rec-csv").hidden = !recorded;
    $("rec-csv").href = `/api/readings.csv?${wanted}`;
    const refused = $("rec-kind").value === "refusals";
    const count = `${entries.length === LIMIT ? `the newest ${LIMIT}` : entries.length} ${refused ? "rejected" : `reading${entries.length === 1 ? "" : "s"}`}`;
    const none = refused ? "Nothing was rejected. Numbers are rejected when they break the rules of their region." : "Nothing was read in this time.";
    $("rec-said").textContent = (entries.length ? count : none) + (recorded ? "" : " (there is no [record] in the configuration: only the last ones, until the camera is restarted)");
  } catch (error) {
    if (isNewest()) $("rec-said").textContent = error.message;
  }
}

function names(regions, titles) {
  const chosen = $("rec-region").value;
  const options = [["*", "all"], ...regions.map((name) => [name ?? "", titles[name] ?? name ?? "whole picture"])];
  if (!options.some(([value]) => value === chosen)) options.push([chosen, chosen || "whole picture"]);
  $("rec-region").replaceChildren(...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}

function notes(entry, note) {
  return [note, entry.clock && `clock ${entry.clock}`].filter(Boolean).join("; ");
}

function table(entries) {
  const refused = $("rec-kind").value === "refusals";
  const pictures = refused || entries.some((entry) => entry.picture);
  const head = ["Time", "Number", "Sure", "Region", ...(refused ? ["Why rejected"] : ["Frames", "Note"]), ...(pictures ? ["Picture"] : [])];
  const rows = entries.map((entry) => el("tr", {},
    el("td", {}, el("time", { datetime: entry.time }, when(entry.time))),
    el("td", {}, ...shownNumber(entry)), el("td", {}, entry.text === "" ? "–" : sure(entry.confidence)), el("td", {}, named(entry) ?? "–"),
    ...(refused
      ? [el("td", { class: "long" }, notes(entry, entry.reason))]
      : [el("td", {}, String(entry.frames ?? "–")), el("td", { class: "long" }, notes(entry, entry.alert))]),
    ...(pictures ? [el("td", {}, entry.picture ? el("img", { src: `/api/${$("rec-kind").value}/${entry.id}/picture`, alt: `what was read as ${inUnits(entry)}`, loading: "lazy" }) : "–")] : [])));
  $("rec-table").replaceChildren(
    ...(entries.length ? [el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...rows)] : []));
}

export function show() {
  visible = true;
  load();
}

export function hide() {
  visible = false;
}

for (const id of ["rec-kind", "rec-region", "rec-time"]) $(id).addEventListener("change", load);
for (const kind of ["reading", "refusal"]) {
  on(kind, () => {
    if (!visible || pending !== null) return;
    pending = setTimeout(() => { pending = null; if (visible) load(); }, PAUSE);
  });
}
