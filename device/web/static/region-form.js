// Set up: the form of one region, and setting its last value by hand.

import { askJSON, el, inUnits, shownNumber, sure } from "./dom.js";

const MOST_DECIMALS = 6;

/** The form as an element. It changes `region`, whose `parts` are elements of the form afterwards. hooks: changed() is
 * called after each change, chosen() when the form is gone into, removed() for the button. */
export function regionForm(region, hooks) {
  const change = (key, value) => { region[key] = value; hooks.changed(); };
  const number = (value, step, take, limits = { min: 0 }) => el("input", { type: "number", step, ...limits, value: value ?? "",
    oninput: ({ target }) => take(target.value === "" ? null : Number(target.value)) });
  const rule = (key, text, step, limits) => el("label", { class: "half" }, text, number(region[key], step, (value) => change(key, value), limits));
  const words = (key, text, most) => el("label", { class: "half" }, text, el("input", { type: "text", maxlength: most, value: region[key] ?? "",
    oninput: ({ target }) => change(key, target.value.trim() || null) }));
  const name = el("input", { type: "text", value: region.name, maxlength: 64, pattern: "[A-Za-z0-9_\\-]+", autocapitalize: "off", spellcheck: "false",
    oninput: ({ target }) => change("name", target.value) });
  const box = [0, 1, 2, 3].map((k) => number(region.box[k], 1, (value) => { region.box[k] = value ?? 0; hooks.changed(); }, { min: k > 1 ? 1 : 0 }));
  const end = (k) => number(region.range?.[k], "any", (value) => {
    const both = region.range ?? [null, null];
    both[k] = value;
    change("range", both.every((side) => side === null) ? null : both);
  }, {});
  const counter = { rise_per_hour: rule("rise_per_hour", "Largest rise an hour", "any"), rollover: rule("rollover", "Rolls over after digits", 1, { min: 1, max: 100 }) };
  const rises = el("input", { type: "checkbox", checked: Boolean(region.counter), onchange: ({ target }) => {
    change("counter", target.checked);
    follow();
  } });
  // What only a counter has would be refused without it.
  const follow = () => Object.entries(counter).forEach(([key, label]) => {
    const [input] = label.getElementsByTagName("input");
    input.disabled = !region.counter;
    if (region.counter || region[key] === null || region[key] === undefined) return;
    input.value = "";
    change(key, null);
  });
  const means = ["title", "unit", "decimals"].some((key) => region[key] !== null && region[key] !== undefined);
  const expects = Boolean(region.digits || region.range || region.change_per_minute || region.counter || region.min_confidence);
  region.parts = { box, found: el("p", { class: "found", role: "status" }), last: lastValue(region) };
  follow();
  showFound(region);
  return el("div", { class: "region", role: "group", "aria-label": `Region ${region.name}`, onfocusin: hooks.chosen },
    el("div", { class: "row name" }, el("label", {}, "Name", name), el("button", { class: "plain push", "aria-label": `Remove ${region.name}`, onclick: hooks.removed }, "Remove")),
    region.parts.found,
    el("div", { class: "grid" }, ...["x", "y", "width", "height"].map((text, k) => el("label", {}, text, box[k]))),
    el("details", { open: means }, el("summary", {}, "What it means"),
      el("div", { class: "grid" }, words("title", "Title", 100), words("unit", "Unit", 30), el("label", { class: "half" }, "Decimals", decimals(region, change)))),
    el("details", { open: expects }, el("summary", {}, "What is expected"),
      el("div", { class: "grid" },
        rule("digits", "Digits", 1, { min: 1, max: 100 }), rule("min_confidence", "Least confidence", 0.01, { min: 0, max: 1, placeholder: "0 to 1" }),
        el("label", { class: "half" }, "Least", end(0)), el("label", { class: "half" }, "Most", end(1)),
        rule("change_per_minute", "Change a minute", "any"), rule("accept_after", "Accept after", 1, { min: 1 }),
        el("label", { class: "check whole" }, rises, "Only rises, as a meter does"), counter.rise_per_hour, counter.rollover)),
    region.parts.last.whole);
}

function decimals(region, change) {
  const choices = [["", "none"], ...Array.from({ length: MOST_DECIMALS + 1 }, (_, k) => [String(k), String(k)]), ["seen", "as seen"]];
  // None is a whole number too, and is how most say it.
  const shown = choices.filter(([value]) => value !== "0" || region.decimals === 0);
  const chosen = String(region.decimals ?? "");
  return el("select", { onchange: ({ target }) => change("decimals", target.value === "" ? null : target.value === "seen" ? "seen" : Number(target.value)) },
    ...shown.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}

/** What was read in the region when it was tried: null is not tried, undefined is nothing. */
export function showFound(region) {
  const place = region.parts.found;
  if (region.found === null) return place.replaceChildren();
  if (region.found === undefined) return place.replaceChildren(el("span", { class: "muted" }, "nothing read"));
  const { confidence, reason } = region.found;
  const [value, asRead] = shownNumber({ ...region.found, region: region.name, unit: region.unit });
  place.replaceChildren(...[value, " ", sure(confidence), asRead].filter(Boolean), reason ? el("span", { class: "error" }, ` rejected: ${reason}`) : "");
}

function lastValue(region) {
  const now = el("b", {}, "–");
  const said = el("p", { class: "small", role: "status" });
  const input = el("input", { type: "number", step: "any", min: 0 });
  const button = el("button", { class: "plain", onclick: () => set(region, input, said, button) }, "Set");
  const whole = el("details", { hidden: !region.saved }, el("summary", {}, "Last value"),
    el("p", { class: "small" }, "It is ", now, ". The next numbers are compared with it."),
    el("div", { class: "row name" }, el("label", {}, "Set it to", input), button), said);
  return { whole, now };
}

async function set(region, input, said, button) {
  const say = (text, wrong) => {
    said.textContent = text;
    said.className = wrong ? "small error" : "small";
  };
  if (input.value === "") return say("value: expected a number such as 1234.5", true);
  button.disabled = true;
  try {
    const { value } = await askJSON("PUT", `/api/regions/${encodeURIComponent(region.saved)}/value`, { value: Number(input.value) });
    say(`Set to ${inUnits({ value, unit: region.unit, region: region.name })}.`, false);
    input.value = "";
  } catch (error) {
    say(error.message, true);
  } finally {
    button.disabled = false;
  }
}

/** values: the last ones, by the names of regions as they are saved. */
export function showLastValues(regions, values) {
  for (const region of regions) {
    const value = values[region.saved] ?? null;
    const text = value === null ? "not known yet" : inUnits({ value, unit: region.unit, region: region.saved });
    // Said anew, screen readers would read it every second.
    if (region.parts && region.parts.last.now.textContent !== text) region.parts.last.now.textContent = text;
  }
}
