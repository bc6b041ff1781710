// Small helpers: elements, requests, numbers in words.

export const $ = (id) => document.getElementById(id);

/** An element; properties beginning with "on" are listeners, others attributes; children are nodes or text. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Ask the API; returns the parsed JSON. Throws an Error whose message is for people. */
export async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("the camera does not answer");
  }
  if (response.status === 401) location.assign("/login");
  if (!response.ok) throw new Error(await reason(response));
  return response.json();
}

export async function reason(response) {
  try {
    return (await response.json()).error;
  } catch {
    return `the camera answers ${response.status}`;
  }
}

export const askJSON = (method, path, body) =>
  ask(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** For questions of which only the last one's answer is wanted, whichever comes first. Returns a function to call when
 * one is asked; what that returns tells whether no other was asked since. */
export function questions() {
  let asked = 0;
  return () => {
    const own = ++asked;
    return () => own === asked;
  };
}

/** Have a picture (a Blob) read. */
export function readPicture(blob, { model = null, detail = true, signal = null } = {}) {
  const query = new URLSearchParams({ detail: String(detail), ...(model ? { model } : {}) });
  const kind = blob.type.startsWith("image/") ? blob.type : "application/octet-stream";
  return ask(`/api/read?${query}`, { method: "POST", headers: { "Content-Type": kind }, body: blob, signal });
}

export const percent = (share) => (share > 0.995 && share < 1 ? "> 99 %" : `${Math.round(100 * share)} %`);
export const grade = (share) => (share >= 0.9 ? "good" : share >= 0.6 ? "fair" : "bad");
export const sure = (share) => el("span", { class: `sure ${grade(share)}` }, percent(share));
export const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
export const milliseconds = (ms) => (ms === null || ms === undefined ? "–" : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`);

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateAndTime = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const clock = (iso) => time.format(new Date(iso));
export const when = (iso) => dateAndTime.format(new Date(iso));

/** A number as people take it: a region's value with its unit; the text where it is no number, or stands in no region. */
export function inUnits({ text, value = null, unit = null, region = null }) {
  if (text === "") return "gone";
  return region === null || value === null ? text : [value, unit].filter((part) => part !== null).join(" ");
}

/** The same as elements, with the text as it was read where that looks otherwise. */
export function shownNumber(entry) {
  const { text, value = null, unit = null, region = null } = entry;
  if (text === "" || region === null || value === null) return [el("b", {}, inUnits(entry))];
  const isSame = text === String(value);
  return [el("b", {}, String(value), unit === null ? null : el("i", { class: "unit" }, ` ${unit}`)),
    isSame ? null : el("small", { class: "as-read" }, ` read as ${text}`)];
}

/** What people call the region of an entry; null is the whole picture. */
export const named = ({ region, title = null }) => title ?? region;

/** The picture that was drawn or uploaded last, for comparing models. */
export const last = { picture: null };
