"""Pictures of a benchmark. The only module of the device that draws with matplotlib, and only when it is asked to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from device.benchmark.results import Results, measured, values, who
from device.benchmark.timing import BIN
from edge_digits.errors import RuntimeMissingError


def draw(results: Results, folder: Path) -> list[tuple[Path, str]]:
    """Draw what the results hold into ``folder``; returns the PNG files with their titles. None of a void run.

    Raises RuntimeMissingError if matplotlib is not installed.
    """
    try:
        import matplotlib

        # Chosen before pyplot is imported: there may be no screen.
        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise RuntimeMissingError("matplotlib is not installed: pip install 'edge-digits[benchmark]'") from error
    if results["validity"]["void"]:
        return []
    drawn = []
    for name, title, make in (
        ("latency", "Distribution of the time of one inference", _latency),
        ("precision", "float32 against int8 by model", _precision),
        ("accuracy", "Accuracy against latency", _accuracy),
    ):
        figure, axes = pyplot.subplots(figsize=(8, 4.2), layout="constrained")
        make(axes, results)
        axes.set_title(title)
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=110, metadata={"Software": None})
        pyplot.close(figure)
        drawn.append((path, title))
    return drawn


def _single(results: Results) -> list[dict[str, Any]]:
    return sorted((e for e in results["infer"] if e["threads"] == 1), key=who)


def _latency(axes: Any, results: Results) -> None:
    """How many inferences took longer than a time: the tail shows, to the slowest one."""
    for entry in _single(results):
        counts: dict[int, int] = {}
        for window in entry["windows"]:
            for place, count in window["histogram"].items():
                counts[int(place)] = counts.get(int(place), 0) + count
        places = sorted(counts)
        number = np.array([counts[place] for place in places])
        longer = 1 - (np.cumsum(number) - number) / number.sum()
        axes.plot([1e3 * BIN**place for place in places], longer, label=who(entry), drawstyle="steps-pre")
    axes.set(xscale="log", yscale="log", xlabel="milliseconds", ylabel="share of inferences that take longer")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def _precision(axes: Any, results: Results) -> None:
    entries = _single(results)
    heights = [1e3 * float(np.median(values(entry, "p50"))) for entry in entries]
    spread = [
        [1e3 * (np.median(values(e, "p50")) - min(values(e, "p50"))) for e in entries],
        [1e3 * (max(values(e, "p50")) - np.median(values(e, "p50"))) for e in entries],
    ]
    precision = {model["file"]: model["precision"] for model in results["models"]}
    colours = ["tab:orange" if precision[e["model"]] == "int8" else "tab:blue" for e in entries]
    bars = axes.barh([who(e) for e in entries], heights, xerr=spread, color=colours, capsize=3)
    axes.bar_label(bars, [f" {height:.3g}" for height in heights], padding=6, fontsize=8)
    axes.margins(x=0.12)
    axes.set(xlabel="milliseconds for one inference, one thread: median of the windows, and their range")
    axes.invert_yaxis()


def _accuracy(axes: Any, results: Results) -> None:
    """Mistakes on whole pictures where some were read, else on single digits, over time."""
    readings = [e for e in results["reading"] if e["set"] == list(results["sets"])[-1]]
    for entry in readings:
        milliseconds = 1e3 * float(np.median([np.mean(w["seconds"]) for w in entry["windows"]]))
        axes.scatter(
            milliseconds, 100 * measured(results, entry).macro_cer, label=who(entry), s=50, clip_on=False, zorder=3
        )
    axes.set(
        xscale="log",
        xlabel=f"milliseconds per picture ({list(results['sets'])[-1]}), one thread",
        ylabel="macro CER (%)",
    )
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
