"""Pictures of a benchmark, as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from device.benchmark.results import Results, measured, values, who
from device.benchmark.timing import BIN
from edge_digits.system.extras import require


def draw(results: Results, folder: Path) -> list[tuple[Path, str]]:
    """Draw what the results hold into ``folder``; returns the PNG files with their titles. None of a void run.

    Raises RuntimeMissingError if matplotlib is not installed.
    """
    require("page", "benchmark", ["matplotlib"])
    import matplotlib

    # Chosen before pyplot is imported: there may be no screen.
    matplotlib.use("Agg")
    from matplotlib import pyplot

    if results["validity"]["void"]:
        return []
    drawn = []
    panels = len(_panels(results))
    for name, title, make, height in (
        ("latency", "Distribution of the time of one inference", _latency, 0.6 + 3.6 * panels),
        ("precision", "float32 against int8 by model", _precision, 1.2 * panels + 0.3 * len(_single(results))),
        ("accuracy", "Accuracy against latency", _accuracy, 4.6),
    ):
        figure = pyplot.figure(figsize=(8.5, height), layout="constrained")
        make(figure, results)
        figure.suptitle(title)
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=110, metadata={"Software": None})
        pyplot.close(figure)
        drawn.append((path, title))
    return drawn


def _single(results: Results) -> list[dict[str, Any]]:
    return sorted((e for e in results["infer"] if e["threads"] == 1), key=who)


def _panels(results: Results) -> list[tuple[str, list[dict[str, Any]]]]:
    """What is measured with one thread, by what goes into an inference: a digit and a line are no rivals."""
    lines = {model["file"] for model in results["models"] if model["reads_lines"]}
    entries = _single(results)
    both = [
        ("one digit", [e for e in entries if e["model"] not in lines]),
        ("one strip of a line", [e for e in entries if e["model"] in lines]),
    ]
    return [(title, some) for title, some in both if some]


def _latency(figure: Any, results: Results) -> None:
    """How many inferences took longer than a time: the tail shows, to the slowest one."""
    panels = _panels(results)
    rows = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    for axes, (title, entries) in zip(rows, panels, strict=True):
        for entry in entries:
            counts: dict[int, int] = {}
            for window in entry["windows"]:
                for place, count in window["histogram"].items():
                    counts[int(place)] = counts.get(int(place), 0) + count
            places = sorted(counts)
            number = np.array([counts[place] for place in places])
            longer = 1 - (np.cumsum(number) - number) / number.sum()
            axes.plot([1e3 * BIN**place for place in places], longer, label=who(entry), drawstyle="steps-pre")
        axes.set(xscale="log", yscale="log", ylabel="share that takes longer")
        axes.set_title(title, fontsize=10)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    rows[-1].set_xlabel("milliseconds")


def _precision(figure: Any, results: Results) -> None:
    panels = _panels(results)
    rows = figure.subplots(
        len(panels), squeeze=False, gridspec_kw={"height_ratios": [len(entries) + 1 for _, entries in panels]}
    )[:, 0]
    precision = {model["file"]: model["precision"] for model in results["models"]}
    for axes, (title, entries) in zip(rows, panels, strict=True):
        windows = [[1e3 * p50 for p50 in values(entry, "p50")] for entry in entries]
        heights = [float(np.median(some)) for some in windows]
        below = [height - min(some) for height, some in zip(heights, windows, strict=True)]
        above = [max(some) - height for height, some in zip(heights, windows, strict=True)]
        colours = ["tab:orange" if precision[e["model"]] == "int8" else "tab:blue" for e in entries]
        bars = axes.barh([who(e) for e in entries], heights, xerr=[below, above], color=colours, capsize=3)
        axes.bar_label(bars, [f" {height:.3g}" for height in heights], padding=6, fontsize=8)
        axes.margins(x=0.12)
        axes.set_title(title, fontsize=10)
        axes.invert_yaxis()
    rows[-1].set_xlabel("milliseconds for one inference, one thread: median of the windows, and their range")


_MARKERS = "os^Dv<>Ph*X"


def _accuracy(figure: Any, results: Results) -> None:
    """Mistakes on whole pictures, those that people labelled if there are some, over time."""
    axes = figure.subplots()
    name = list(results["sets"])[-1]
    readings = [e for e in results["reading"] if e["set"] == name]
    for number, entry in enumerate(readings):
        milliseconds = 1e3 * float(np.median([np.mean(w["seconds"]) for w in entry["windows"]]))
        # Several formats read alike, and one would hide the other.
        axes.scatter(
            milliseconds,
            100 * measured(results, entry).macro_cer,
            label=who(entry),
            s=45,
            alpha=0.75,
            marker=_MARKERS[number % len(_MARKERS)],
            clip_on=False,
            zorder=3,
        )
    # Readers are about as fast as each other now, so a scale from nothing shows how far they differ.
    axes.set(xlim=(0, None), xlabel=f"milliseconds per picture ({name}), one thread", ylabel="macro CER (%)")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
