"""What readers made of whole pictures, as Markdown: a section for each set; labelled ones have one for each part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from device.benchmark.results import Results, false_digits, middle, pairs, ranged, table, values, who
from device.benchmark.samples import PAGE_SET
from device.benchmark.statistics import in_short, paired_ratio
from edge_digits.evaluation.intervals import LEVEL, Figures, figures, without_interval

Entry = dict[str, Any]


def markdown(results: Results) -> str:
    """All sections."""
    return "\n\n".join(_section(results, name) for name in results["sets"])


def _section(results: Results, name: str) -> str:
    entries = [e for e in results["reading"] if e["set"] == name]
    usual = _usual(results, entries)
    heads = ["reader", "macro CER", "the same, strict", "lines exact", "digits where there are none", "ms per picture"]
    heads += [f"times as long as {usual['model'] if usual else 'our own'}", "peak memory (MB)"]
    pictures = results["sets"][name]
    count = sum(bool(p["lines"]) for p in pictures)
    written = sum(len(line) for picture in pictures for line in picture["lines"])
    title = f"### Whole pictures: {name}, {count} with digits, {written} digits"
    parts = [title, table(heads, [_row(results, e, usual) for e in entries])]
    if name != PAGE_SET:
        parts.append(f"In brackets {LEVEL:.0%} intervals: sources are drawn again; few sources have none.")
        parts += [_kinds(results, usual)] if usual else []
    return "\n\n".join(parts)


def _row(results: Results, entry: Entry, usual: Entry | None) -> list[str]:
    every, strict = _figures(results, entry), _figures(results, entry, strict=True)
    void = results["validity"]["void"]
    seconds = [float(np.mean(w["seconds"])) for w in entry["windows"]]
    slower = "–"
    if usual is not None and not void and usual is not entry:
        slower = in_short(paired_ratio([float(np.mean(w["seconds"])) for w in usual["windows"]], seconds))
    wrong, empty = false_digits(results, entry)
    return [
        who(entry),
        ranged(every.macro_cer),
        ranged(strict.macro_cer),
        ranged(every.line_exact, ".1%"),
        f"{wrong} in {empty}" if empty else "–",
        "void" if void else middle(seconds, 1e3),
        slower,
        middle(values(entry, "peak_memory"), 1e-6, ".0f"),
    ]


def _kinds(results: Results, entry: Entry) -> str:
    """One reader by kind of picture."""
    read = pairs(results, entry)
    rows = []
    for kind in sorted({picture.category for picture, _ in read}):
        scored = figures([pair for pair in read if pair[0].category == kind])
        m = scored.measures
        cells = [str(m.pictures), str(m.sources), f"{m.digits:,}", ranged(scored.macro_cer), ranged(scored.cer)]
        rows.append([kind or "–", *cells, ranged(scored.line_exact, ".1%")])
    heads = [f"{entry['model']}, kind", "pictures", "sources", "digits", "macro CER", "CER", "lines exact"]
    return table(heads, rows)


def _figures(results: Results, entry: Entry, strict: bool = False) -> Figures:
    """Of synthesized pages the sources are kinds, none of which stands for others: they have no interval."""
    scored = figures(pairs(results, entry, strict))
    return without_interval(scored) if entry["set"] == PAGE_SET else scored


def _usual(results: Results, entries: Sequence[Entry]) -> Entry | None:
    """What others are compared with: the int8 TFLite network that reads digits; without one, the first of our own."""
    digits = {m["file"] for m in results["models"] if m["precision"] == "int8" and not m["reads_lines"]}
    ours = [e for e in entries if e["reader"] == "edge-digits"]
    usual = [e for e in ours if e["model"] in digits and e["model"].endswith(".tflite")]
    return next(iter([*usual, *ours]), None)
