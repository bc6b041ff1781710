"""The tables of the pages on benchmarks: those of ``device.benchmark``, and what is measured beside it."""

from __future__ import annotations

from device.benchmark import reading_table, table
from device.benchmark.results import Results, middle, unpack, values, who
from device.benchmark.results import table as cells
from device.benchmark.statistics import in_short, paired_ratio


def markdown(results: Results) -> str:
    """All tables of a run. Times of a void run are not in them."""
    parts = [table.machine(results), table.left_out(results), table.void(results)]
    if not parts[-1]:
        parts += [table.speed(results), ten_digits(results), table.stages(results), overhead(results)]
        parts += [table.precisions(results)]
    parts += [models(results), table.digits(results), reading_table.markdown(results)]
    return "\n\n".join(part for part in parts if part)


def ten_digits(results: Results) -> str:
    """What a line costs beside its digits one by one."""
    rows = []
    for e in sorted(results["ten_digits"], key=who):
        line, digits = values(e, "line"), values(e, "digits")
        times_ = in_short(paired_ratio(digits, line))
        strips = middle(values(e, "strips"), 1, ".2f")
        rows.append([e["model"], e["beside"], e["runtime"], strips, middle(line, 1e3), middle(digits, 1e3), times_])
    if not rows:
        return ""
    text = (
        "Ten digits of MNIST test side by side, read at once by a network for lines, and one by one by the one for "
        "digits: what the networks take, in turns in one process, one thread."
    )
    heads = ["lines", "digits", "runtime", "strips of a line", "at once (ms)", "one by one (ms)", "times as long"]
    return f"### A line of ten digits\n\n{text}\n\n{cells(heads, rows, 3)}"


def overhead(results: Results) -> str:
    """What the wrapper around a runtime costs."""
    rows = []
    for e in sorted(results["overhead"], key=who):
        ratios = [values(e, "ratios", batch) for batch in ("1", "10")]
        times = [in_short(paired_ratio([1.0] * len(measured), measured)) for measured in ratios]
        rows.append([e["model"], e["runtime"], *times])
    if not rows:
        return ""
    text = "Time of `Model.scores` over that of the bare interpreter's `invoke`, both in turn in one process."
    return f"### What the wrapper costs\n\n{text}\n\n{cells(['model', 'runtime', 'one digit', 'ten digits'], rows, 2)}"


def models(results: Results) -> str:
    """What is in the files."""
    rows = [
        [
            m["file"],
            f"{m['bytes']:,}",
            *("–" if m[key] is None else f"{m[key]:,}" for key in ("weights", "weight_bytes", "macs")),
            m["sha256"][:12],
        ]
        for m in results["models"]
    ]
    heads = ["model", "file (bytes)", "weights", "weights (bytes)", "MACs of one inference", "sha256"]
    return f"### Models\n\n{cells(heads, rows)}"


def emulation(results: Results, emulated: Results) -> str:
    """What a run under emulation says beside a run on this machine: that it runs, what is read, and instructions; no
    times. Pictures are the same if the file and what is written in it are."""
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
        cells = [f"{counts[name]:,}" if name in counts else "–" for counts in (counted, here)]
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
