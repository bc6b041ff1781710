"""The pictures of the conversion report, as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import numpy as np

# Chosen before pyplot is imported: there may be no screen.
matplotlib.use("Agg")
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from docs.results.conversion.row import Row

_MARKERS = {"tflite": "o", "onnx": "s"}
_COLOURS = {"float32": "tab:blue", "float16": "tab:orange", "int8": "tab:green"}


def trade_off(path: Path, rows: Sequence[Row]) -> None:
    """Accuracy against time per input, and against size: one point for each file."""
    figure, panels = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
    for axes, label, values in (
        (panels[0], "time per input (ms)", [row.milliseconds for row in rows]),
        (panels[1], "size (kB)", [row.bytes / 1000 for row in rows]),
    ):
        for row, value in zip(rows, values, strict=True):
            axes.scatter(
                value,
                100 * row.accuracy,
                s=70,
                marker=_MARKERS[row.spec.format],
                color=_COLOURS[row.spec.precision],
                label=row.name,
                alpha=0.8,
            )
        axes.set(xlabel=label, xlim=(0, 1.15 * max(values)))
        axes.grid(alpha=0.3)
    panels[0].set(ylabel="accuracy on what judges (%)")
    # Files that differ by less than this are equal for all purposes, and must not look far apart.
    low, high = panels[0].get_ylim()
    middle, half = (low + high) / 2, max((high - low) / 2, 0.15)
    panels[0].set(ylim=(middle - half, middle + half))
    panels[0].ticklabel_format(axis="y", useOffset=False)
    panels[1].legend(fontsize=8)
    _save(figure, path)


def layers(path: Path, rows: Sequence[Row]) -> None:
    """Signal-to-quantization-noise ratio by layer, one group of bars for each int8 file."""
    shown = [row for row in rows if row.noise]
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    width = 0.8 / max(len(shown), 1)
    for number, row in enumerate(shown):
        values = np.array([item.signal_to_noise for item in row.noise])
        # Few loud inputs can lift the ratio over all above most single ones, so a whisker may have no length.
        whiskers = np.maximum([values - [i.low for i in row.noise], [i.high for i in row.noise] - values], 0)
        places = np.arange(len(values)) + (number - (len(shown) - 1) / 2) * width
        axes.bar(places, values, width, yerr=whiskers, capsize=3, label=row.name)
    longest = max(shown, key=lambda row: len(row.noise)).noise if shown else ()
    axes.set_xticks(range(len(longest)), [item.layer for item in longest], rotation=30, ha="right", fontsize=8)
    axes.set(xlabel="layer", ylabel="signal-to-quantization-noise ratio (dB)")
    axes.margins(y=0.2)
    if shown:
        axes.legend(fontsize=8, loc="upper center", ncols=len(shown))
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:  # pyright: ignore[reportPrivateImportUsage]
    # Without the library's version in it, the same figures give the same bytes.
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
