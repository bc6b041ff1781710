"""Pictures of a training and of its mistakes, as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS
from train.fit import Epoch

# Chosen before pyplot is imported: there may be no screen.
matplotlib.use("Agg")
from matplotlib import pyplot as plt

CLASS_NAMES = (*DIGITS, "none")
"""What the classes are called in pictures and tables; the last one is the reject class."""


def curves(path: Path, log: Sequence[Epoch]) -> None:
    """Loss and error by epoch, training and validation."""
    epochs = [e.epoch for e in log]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    left.plot(epochs, [e.train_loss for e in log], label="training (augmented, smoothed labels)")
    left.plot(epochs, [e.validation_loss for e in log], label="validation")
    left.set(xlabel="epoch", ylabel="loss", yscale="log")
    left.legend()
    right.plot(epochs, [100 * (1 - e.train_accuracy) for e in log], label="training (augmented)")
    right.plot(epochs, [100 * (1 - e.validation_accuracy) for e in log], label="validation")
    right.set(xlabel="epoch", ylabel="errors (%)", yscale="log")
    right.legend()
    save(figure, path)


def confusion(path: Path, counts: NDArray[np.int64], title: str) -> None:
    """A confusion matrix (C, C), rows truth, columns read; the diagonal is left uncoloured so that mistakes show."""
    names = CLASS_NAMES[: len(counts)]
    mistakes = counts.astype(float)
    np.fill_diagonal(mistakes, 0)
    figure, axes = plt.subplots(figsize=(6, 5.6), layout="constrained")
    axes.imshow(mistakes, cmap="Reds")
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7)
    axes.set(title=title, xlabel="read", ylabel="is")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    save(figure, path)


def mistakes(
    path: Path,
    images: NDArray[np.uint8],
    truth: NDArray[np.integer],
    predicted: NDArray[np.integer],
    confidence: NDArray[np.floating],
    title: str,
    most: int = 60,
) -> None:
    """The wrong answers, surest first: the crop, "truth → read" and the confidence. No file if there are none."""
    wrong = np.flatnonzero(truth != predicted)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    if not len(worst):
        return
    columns = 12
    rows = -(-len(worst) // columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(columns, rows * 1.25 + 0.4), squeeze=False, layout="constrained"
    )
    for axes in grid.flat:
        axes.axis("off")
    for axes, i in zip(grid.flat, worst, strict=False):
        axes.imshow(images[i], cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(f"{CLASS_NAMES[truth[i]]} → {CLASS_NAMES[predicted[i]]}\n{confidence[i]:.2f}", fontsize=7)
    figure.suptitle(f"{title}: {len(wrong)} of {len(truth)} wrong")
    save(figure, path)


def panels(
    path: Path, moved: Mapping[str, tuple[float, Sequence[tuple[float, ...]]]], names: Sequence[str], title: str
) -> None:
    """A small panel for each number that was moved. moved: by its name its own value, and of each value that it was
    given the value and a figure for each of ``names``. All panels have the same scale of figures."""
    columns = 4
    rows = max(1, -(-len(moved) // columns))
    figure, grid = plt.subplots(
        rows, columns, figsize=(3 * columns, 2.2 * rows + 0.4), squeeze=False, sharey=True, layout="constrained"
    )
    for axes in grid.flat[len(moved) :]:
        axes.axis("off")
    for axes, (name, (current, points)) in zip(grid.flat, moved.items(), strict=False):
        for index, line in enumerate(names, 1):
            axes.plot([point[0] for point in points], [point[index] for point in points], "o-", ms=3, label=line)
        axes.axvline(current, color="grey", linestyle="--", linewidth=1)
        axes.set_title(name, fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    if moved:
        grid.flat[0].legend(fontsize=7)
    figure.suptitle(f"{title}; dashed: the number's own value", fontsize=9)
    save(figure, path)


def save(figure: plt.Figure, path: Path) -> None:  # pyright: ignore[reportPrivateImportUsage]
    """Write a picture, and close it. The same figures give the same bytes: the library's version is not in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
