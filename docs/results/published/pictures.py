"""The pictures of the report, as PNG; the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

from docs.results.published.answers import PLAIN, Answers, set_name
from docs.results.published.contestants import Contestant
from docs.results.published.distortions import LEVELS, distorted
from train.digits.crops import Crops

# Chosen before pyplot is imported: there may be no screen.
matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import LogLocator, NullFormatter

NONE = "none"
MOST_SHOWN = 40
"""Pictures of a kind of mistake."""
_COLUMNS = 4
_STYLES = ("-", "--", ":")


def curves(path: Path, trained: Sequence[Contestant]) -> None:
    """Loss and errors by epoch, one column of two pictures for each network."""
    columns = min(len(trained), _COLUMNS)
    rows = -(-len(trained) // columns)
    size = (3.1 * columns, 4.2 * rows)
    figure, grid = plt.subplots(2 * rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axes in grid.flat:
        axes.axis("off")
    for index, one in enumerate(trained):
        row, column = divmod(index, columns)
        epochs = [e.epoch for e in one.log]
        # A line through one point is none.
        dot = "o" if len(epochs) == 1 else ""
        parts = [("training", "train"), ("test (only told)", "test")]
        if not np.isnan(one.log[0].validation_loss):
            parts.insert(1, ("validation", "validation"))
        above, below = grid[2 * row, column], grid[2 * row + 1, column]
        for label, part in parts:
            above.plot(epochs, [getattr(e, f"{part}_loss") for e in one.log], label=label, marker=dot)
            wrong = [max(100 * (1 - getattr(e, f"{part}_accuracy")), 1e-2) for e in one.log]
            below.plot(epochs, wrong, label=label, marker=dot)
        for axes in (above, below):
            axes.axis("on")
            axes.set_yscale("log")
            axes.grid(alpha=0.3)
            axes.tick_params(which="both", labelsize=7)
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter(NullFormatter())
        above.set_title(one.title, fontsize=9)
        above.set_ylabel("loss", fontsize=8)
        below.set_ylabel("errors (%)", fontsize=8)
        below.set_xlabel("epoch", fontsize=8)
        above.legend(fontsize=6)
    _save(figure, path)


def robustness(path: Path, contestants: Sequence[Contestant], answers: Sequence[Answers], labels: NDArray) -> None:
    """Share of right answers by level, one picture for each kind of distortion."""
    figure, grid = plt.subplots(2, 3, figsize=(11, 6.6), layout="constrained")
    colours = plt.get_cmap("tab10")
    for axes, (kind, (unit, levels)) in zip(grid.flat, LEVELS.items(), strict=False):
        for index, (one, given) in enumerate(zip(contestants, answers, strict=True)):
            names = [PLAIN, *(set_name(kind, level) for level in levels)]
            right = [100 * float((given.classes[name] == labels).mean()) for name in names]
            places = [0 if kind != "scaled" else 1, *levels]
            style = _STYLES[index // 10 % len(_STYLES)]
            axes.plot(places, right, style, color=colours(index % 10), marker=".", label=one.title)
        axes.set_title(kind)
        axes.set_xlabel(unit, fontsize=8)
        axes.set_ylabel("right (%)", fontsize=8)
        axes.grid(alpha=0.3)
        axes.tick_params(labelsize=8)
    handles, names = grid.flat[0].get_legend_handles_labels()
    grid.flat[5].axis("off")
    grid.flat[5].legend(handles, names, fontsize=8, loc="center", ncols=1 if len(names) <= 12 else 2)
    _save(figure, path)


def examples(path: Path, test: Crops) -> None:
    """Two test digits at every level of every distortion."""
    figure, grid = plt.subplots(2 * len(LEVELS), 6, figsize=(5.2, 8.6), layout="constrained")
    for row, (kind, (_, levels)) in enumerate(LEVELS.items()):
        for column, level in enumerate((None, *levels)):
            some = test.images[:2] if level is None else distorted(test.images[:2], kind, level)
            for number, image in enumerate(some):
                axes = grid[2 * row + number, column]
                axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
                axes.set(xticks=[], yticks=[])
                if not number:
                    axes.set_title("as it is" if level is None else f"{kind} {level:g}", fontsize=7)
    # Noise is what PNG keeps worst.
    _save(figure, path, dpi=72)


def confusions(
    path: Path, contestants: Sequence[Contestant], matrices: Sequence[NDArray[np.int64]], names: Sequence[str]
) -> None:
    """Confusion matrices, rows truth, columns read; the diagonal is left out so that mistakes show."""
    columns = min(len(contestants), _COLUMNS)
    rows = -(-len(contestants) // columns)
    size = (3.1 * columns, 3.3 * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    widest = max(matrix.shape[1] for matrix in matrices)
    for axes in grid.flat:
        axes.axis("off")
    for axes, one, matrix in zip(grid.flat, contestants, matrices, strict=False):
        # All alike, with the column of what is taken for none.
        wrong = np.pad(matrix.astype(float), ((0, 0), (0, widest - matrix.shape[1])))
        np.fill_diagonal(wrong, 0)
        axes.axis("on")
        axes.imshow(wrong, cmap="Reds", vmin=0, vmax=max(wrong.max(), 1))
        if len(names) <= 11:
            for row, column in zip(*np.nonzero(wrong), strict=True):
                colour = "white" if wrong[row, column] > 0.6 * wrong.max() else "black"
                text = str(int(wrong[row, column]))
                axes.text(column, row, text, ha="center", va="center", fontsize=5.5, color=colour)
            axes.set_xticks(range(wrong.shape[1]), names[: wrong.shape[1]], fontsize=6)
            axes.set_yticks(range(len(wrong)), names[: len(wrong)], fontsize=6)
        axes.set_title(f"{one.title}: {int(wrong.sum())} wrong", fontsize=8)
    figure.supxlabel("read", fontsize=8)
    figure.supylabel("is", fontsize=8)
    _save(figure, path)


def worst(path: Path, contestants: Sequence[Contestant], answers: Sequence[Answers], test: Crops) -> None:
    """Of each system the mistakes that it is surest of, truth and answer above each."""
    most = 12
    size = (most * 0.78, 1.12 * len(contestants))
    figure, grid = plt.subplots(len(contestants), most, figsize=size, squeeze=False, layout="constrained")
    for row, one, given in zip(grid, contestants, answers, strict=True):
        read = given.classes[PLAIN]
        wrong = np.flatnonzero(read != test.labels)
        chosen = wrong[np.argsort(-given.confidence[PLAIN][wrong], kind="stable")][:most]
        for axes in row:
            axes.axis("off")
        for axes, i in zip(row, chosen, strict=False):
            axes.imshow(test.images[i], cmap="gray_r", vmin=0, vmax=255)
            axes.set_title(f"{test.labels[i]} → {_digit(int(read[i]))}", fontsize=6, pad=2)
        row[0].text(
            -0.1, 0.5, one.title.replace(" (", "\n("), ha="right", va="center", fontsize=7, transform=row[0].transAxes
        )
    _save(figure, path)


def shared_mistakes(path: Path, test: Crops, chosen: Sequence[int], captions: Sequence[str], title: str) -> None:
    """Some test pictures with what is to be said of each. No file if there are none."""
    if not len(chosen):
        path.unlink(missing_ok=True)
        return
    columns = 10
    rows = -(-min(len(chosen), MOST_SHOWN) // columns)
    size = (columns * 0.95, rows * 1.25 + 0.35)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axes in grid.flat:
        axes.axis("off")
    for axes, i, caption in zip(grid.flat, chosen, captions, strict=False):
        axes.imshow(test.images[i], cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(caption, fontsize=6, pad=2)
    figure.suptitle(title, fontsize=9)
    _save(figure, path)


def _digit(value: int) -> str:
    return str(value) if value < 10 else NONE


def _save(figure: plt.Figure, path: Path, dpi: int = 100) -> None:  # pyright: ignore[reportPrivateImportUsage]
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the library's version in it, the same figures give the same bytes.
    figure.savefig(path, dpi=dpi, metadata={"Software": None})
    plt.close(figure)
