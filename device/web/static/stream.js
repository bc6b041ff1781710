// The camera's pictures and events, for as long as somebody looks.

/** Read a multipart/x-mixed-replace stream; calls show(blob, number) for each picture, one after another. */
export async function pictures(show, signal) {
  const response = await fetch("/api/live.mjpeg", { signal });
  if (response.status === 401) location.assign("/login");
  if (!response.ok) throw new Error((await response.json()).error);
  const reader = response.body.getReader();
  let data = new Uint8Array(0);
  const more = async () => {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream ended");
    const joined = new Uint8Array(data.length + value.length);
    joined.set(data);
    joined.set(value, data.length);
    data = joined;
  };
  const text = new TextDecoder("latin1");
  let shown = null;
  for (;;) {
    let end;
    while ((end = find(data, "\r\n\r\n")) < 0) await more();
    const head = text.decode(data.subarray(0, end));
    const length = Number(/content-length: (\d+)/i.exec(head)[1]);
    const number = Number(/x-frame: (\d+)/i.exec(head)[1]);
    while (data.length < end + 4 + length + 2) await more();
    const blob = new Blob([data.slice(end + 4, end + 4 + length)], { type: "image/jpeg" });
    data = data.slice(end + 4 + length + 2);
    // After a silence the last picture comes again, to keep the stream alive.
    if (number !== shown) await show(blob, number);
    shown = number;
  }
}

function find(data, wanted) {
  const bytes = [...wanted].map((character) => character.charCodeAt(0));
  for (let at = 0; at <= data.length - bytes.length; at += 1) {
    if (bytes.every((byte, k) => data[at + k] === byte)) return at;
  }
  return -1;
}

const KEPT = 100; // messages, for parts of the page that are loaded later
const kept = [];
const listeners = new Map();
let source = null;
let connected = () => {};

/** Call listener(message) with every message of a kind, or of several: frame, summary, reading, refusal; at once with
 * those that have come before, but for frames and old summaries. */
export function on(kinds, listener) {
  const wanted = [kinds].flat();
  for (const kind of wanted) listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
  for (const [kind, message] of kept) if (wanted.includes(kind)) listener(message);
}

function keep(kind, message) {
  if (kind === "frame") return;
  const old = kept.findIndex(([other]) => kind === "summary" && other === "summary");
  if (old >= 0) kept.splice(old, 1);
  kept.push([kind, message]);
  if (kept.length > KEPT) kept.shift();
}

/** Connect while the page can be seen; told(isConnected) hears how it goes. */
export function connect(told) {
  connected = told;
  document.addEventListener("visibilitychange", follow);
  follow();
}

function follow() {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (source === null) {
    source = new EventSource("/api/events");
    source.onopen = () => connected(true);
    source.onerror = () => {
      connected(false);
      // A browser asks again by itself, but not after an error status, as when too many are watching.
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(follow, 5000);
    };
    for (const kind of ["frame", "summary", "reading", "refusal"]) {
      source.addEventListener(kind, (event) => {
        const message = JSON.parse(event.data);
        keep(kind, message);
        for (const listener of listeners.get(kind) ?? []) listener(message);
      });
    }
  }
}
