"""What a run under emulation says beside a run on this machine: that it runs, what is read, instructions; no times."""

from __future__ import annotations

from device.benchmark.accuracy import unpack
from device.benchmark.results import Results, who


def section(results: Results, emulated: Results) -> str:
    """As Markdown. Pictures are the same if the file and what is written in it are."""
    here = {who(e): e["per_inference"] for e in results["instructions"]}
    counted = {who(e): e["per_inference"] for e in emulated["instructions"]}
    m = emulated["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items())
    lines = [
        f"### Under emulation: {m['architecture']}",
        f"{m['system']}, Python {m['python']}, {versions}. Emulation says nothing of time.",
        "| model, runtime | digits right | pages read as here | instructions per inference | on this machine |",
        "|---|---:|---:|---:|---:|",
    ]
    right = {who(e): unpack(e["right"], e["count"]) for e in emulated["digits"]}
    for entry in emulated["reading"]:
        name = who(entry)
        if entry["set"] != "pages":
            continue
        digits = f"{int(right[name].sum())} of {len(right[name])}" if name in right else "–"
        same, both = _same_pages(results, emulated, name)
        cells = [f"{found[name]:,}" if name in found else "–" for found in (counted, here)]
        lines.append(f"| {name} | {digits} | {same} of {both} | {' | '.join(cells)} |")
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def _same_pages(results: Results, emulated: Results, name: str) -> tuple[int, int]:
    """How many pages that both runs have were read the same, and how many both have."""
    ours, theirs = (_read(run, name) for run in (results, emulated))
    both = ours.keys() & theirs.keys()
    return sum(ours[page] == theirs[page] for page in both), len(both)


def _read(results: Results, name: str) -> dict[tuple[str, ...], list[str]]:
    entries = [e for e in results["reading"] if e["set"] == "pages" and who(e) == name]
    pages = results["sets"]["pages"]
    return {
        (page["file"], *page["lines"]): lines
        for entry in entries
        for page, lines in zip(pages, entry["lines"], strict=True)
    }
