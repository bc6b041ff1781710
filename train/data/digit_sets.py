"""Where the digits come from: MNIST, USPS, Semeion and Pendigits, each in fixed parts to train, choose and report.

Bitmaps are ink already (0 paper … 255 ink); pen trajectories become strokes. ARDIS and DIDA only report and are read
by ``train.evaluate.command``.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.io import mnist

PARTS = ("train", "validation", "test")
MNIST_VALIDATION = 5_000
"""The last images of MNIST's training set, which only choose."""
_VALIDATION_STEP = 10
"""Every tenth training row of the small sets only chooses."""
_SEMEION_TEST_STEP = 5

Stroke = NDArray[np.float32]
"""One pen movement: (N, 2) float32 points x, y, y downwards; a written digit is about 1 high."""


@dataclass(frozen=True)
class Bitmaps:
    """Labelled ink pictures: images (N, H, W) uint8, 0 paper … 255 ink; labels (N,) uint8."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int | None) -> Bitmaps:
        """The first ``count`` of them (None: all)."""
        return Bitmaps(self.name, self.images[:count], self.labels[:count])


@dataclass(frozen=True)
class Trajectories:
    """Labelled digits as pen movements: strokes[i] is a list of ``Stroke``; labels (N,) uint8."""

    name: str
    strokes: list[list[Stroke]]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int | None) -> Trajectories:
        """The first ``count`` of them (None: all)."""
        return Trajectories(self.name, self.strokes[:count], self.labels[:count])


def read_mnist(folder: Path, part: str) -> Bitmaps:
    """MNIST: 55,000 train, 5,000 validation (the last of the official training set), 10,000 test."""
    images, labels = mnist.load("test" if part == "test" else "train", folder)
    cut = max(len(labels) - MNIST_VALIDATION, len(labels) // 2)
    keep = {"train": slice(0, cut), "validation": slice(cut, None), "test": slice(None)}[part]
    return Bitmaps("mnist", images[keep], labels[keep])


def read_usps(folder: Path, part: str) -> Bitmaps:
    """USPS zip code digits (Hull 1994), 16×16: 6,561 train, 730 validation, 2,007 test."""
    path = folder / "usps" / ("zip.test.gz" if part == "test" else "zip.train.gz")
    rows = _numbers(_text(path), path, columns=257)
    images = np.round((rows[:, 1:] + 1.0) * 127.5).clip(0, 255).astype(np.uint8).reshape(-1, 16, 16)
    keep = _keep(len(rows), part, test_step=0)
    return Bitmaps("usps", images[keep], rows[keep, 0].astype(np.uint8))


def read_semeion(folder: Path, part: str) -> Bitmaps:
    """Semeion digits (Buscema 1998, UCI), 16×16 binary: every fifth row is test, of the rest every tenth validation."""
    rows = semeion_rows(folder)
    keep = _keep(len(rows), part, test_step=_SEMEION_TEST_STEP)
    return Bitmaps(rows.name, rows.images[keep], rows.labels[keep])


def semeion_rows(folder: Path) -> Bitmaps:
    """All of Semeion's digits, in the order of the file."""
    path = folder / "semeion" / "semeion.data"
    # What follows the label in a row, and a last line "E", is no data.
    lines = [" ".join(line.split()[:266]) for line in _text(path).splitlines() if len(line.split()) >= 266]
    rows = _numbers("\n".join(lines), path, columns=266)
    images = (rows[:, :256] * 255).astype(np.uint8).reshape(-1, 16, 16)
    return Bitmaps("semeion", images, rows[:, 256:].argmax(axis=1).astype(np.uint8))


BITMAPS: dict[str, Callable[[Path, str], Bitmaps]] = {"usps": read_usps, "semeion": read_semeion}
"""The sets beside MNIST that are pictures, by their folder."""


def read_pendigits(folder: Path, part: str) -> Trajectories:
    """Pendigits (Alpaydin and Alimoglu 1998, UCI): 8 points along the pen's way per digit.

    Pen lifts are not marked: a crossed 7 and a 5 with a bar carry the movement that joins their parts, and look like a
    2 and a 6. In training and validation it is taken out; from test digits it is not, since that takes the label.
    """
    path = folder / "pendigits" / ("pendigits.tes" if part == "test" else "pendigits.tra")
    # The label is written as ten binary digits, of which the label's is 1; that is found by its power of ten.
    rows = _numbers(_text(path), path, columns=17, delimiter=",")
    points = rows[:, :16].reshape(-1, 8, 2).astype(np.float32) / 100.0
    points[:, :, 1] = 1.0 - points[:, :, 1]
    labels = 9 - np.round(np.log10(rows[:, 16])).astype(np.uint8)
    keep = _keep(len(rows), part, test_step=0)
    paths = [_smooth(p) for p in points[keep]]
    strokes = [[p] if part == "test" else _lifted(p, int(v)) for p, v in zip(paths, labels[keep], strict=True)]
    return Trajectories("pendigits", strokes, labels[keep])


def _lifted(path: Stroke, label: int) -> list[Stroke]:
    """The pen's way (N, 2) without the movement in the air to the bar of a 5 or 7, which is drawn last."""
    lowest = int(path[:, 1].argmax())
    after = path[lowest:]
    if label == 7 and path[lowest, 1] - after[:, 1].min() > 0.2:
        start = lowest + int(after[:, 0].argmin())
        return [path[: lowest + 1], path[start:]] if start + 1 < len(path) else [path[: lowest + 1]]
    if label == 5 and path[lowest, 1] - after[:, 1].min() > 0.5:
        start = lowest + int(np.argmax(after[:, 1] < 0.3))
        end = lowest + int(np.flatnonzero(path[lowest:start, 1] > 0.6)[-1])
        return [path[: end + 1], path[start:]] if start + 1 < len(path) else [path[: end + 1]]
    return [path]


def _smooth(points: Stroke, steps: int = 8) -> Stroke:
    """A Catmull-Rom curve (Catmull and Rom 1974) through ``points``, ``steps`` points per piece."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    a, b, c, d = (padded[k : k + len(points) - 1, None] for k in range(4))
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[None, :, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([curve.reshape(-1, 2), points[-1:]]).astype(np.float32)


def _keep(count: int, part: str, test_step: int) -> NDArray[np.intp]:
    """Indices of a part's rows. test_step: every so manieth row is test (0: the file holds one side of the split)."""
    rows = np.arange(count)
    if part == "test":
        return rows[rows % test_step == 0] if test_step else rows
    if test_step:
        rows = rows[rows % test_step != 0]
    chooses = np.arange(len(rows)) % _VALIDATION_STEP == 0
    return rows[chooses] if part == "validation" else rows[~chooses]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("ascii")
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _numbers(text: str, path: Path, columns: int, delimiter: str | None = None) -> NDArray[np.float64]:
    try:
        rows = np.loadtxt(text.splitlines(), delimiter=delimiter, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: not the numbers expected: {error}") from error
    if rows.shape[1] != columns:
        raise DataError(f"{path}: {rows.shape[1]} columns, expected {columns}")
    return rows
