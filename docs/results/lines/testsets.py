"""Lines that only report: MNIST's test digits one by one, and 4 to 10 of them side by side, in three ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_digits.model_input import normalize
from edge_digits.types import Image
from train.data import digit_sets
from train.data.digit_sets import Bitmaps
from train.lines import labelled_lines, spacing
from train.lines.glyph import to_ink
from train.lines.glyphs import enlarged
from train.lines.labelled_lines import Lines

KINDS = ("apart", "touching", "overlapping")
"""How the digits of a line stand beside one another, see ``train.lines.spacing.SPACINGS``: overlapping ones are pushed
up to 15 % of their mean width beyond the point where their ink touches."""
COUNT = 10_000
"""Lines of each kind."""
SHORTEST, LONGEST = 4, 10
HEIGHT, SIZES = 40.0, 0.06
"""Pixels, and how much the digits of a line differ in size: standard deviation of its logarithm."""
_SEED = 20_261_122


@dataclass(frozen=True)
class WrittenLine:
    """A line as it is written. coverage: (h, w) uint8, 0 paper … 255 ink, cut to the ink. labels: digits in it."""

    coverage: Image
    labels: list[int]

    def picture(self) -> Image:
        """The line in black on a white page, (H, W) uint8 grey, as a scan of it would be."""
        return 255 - np.pad(self.coverage, round(HEIGHT))


def written(folder: Path, kind: str, count: int = COUNT, part: str = "test") -> Iterator[WrittenLine]:
    """``count`` lines of one of ``KINDS``, always the same; no line depends on how many there are.

    part: of MNIST; lines of "validation" digits may choose. Raises DataError if MNIST cannot be had.
    """
    digits = digit_sets.read_mnist(folder, part)
    for number in range(count):
        yield _write(digits, kind, np.random.default_rng([_SEED, KINDS.index(kind), number]))


def strips(kind: str, some: list[WrittenLine]) -> Lines:
    """Written lines as model input; none is left out, however wide."""
    return labelled_lines.from_strips(kind, [(normalize.line(line.coverage)[0], line.labels) for line in some])


def _write(digits: Bitmaps, kind: str, random: np.random.Generator) -> WrittenLine:
    count = int(random.integers(SHORTEST, LONGEST + 1))
    chosen = random.integers(0, len(digits), count)
    sizes = HEIGHT * np.exp(random.normal(0, SIZES, count))
    parts = [to_ink(enlarged(digits.images[i], float(size))) for i, size in zip(chosen, sizes, strict=True)]
    coverage = spacing.beside(parts, (kind,) * (count - 1), random)
    return WrittenLine(coverage, [int(digits.labels[i]) for i in chosen])


def sheet(some: list[WrittenLine], columns: int = 3) -> Image:
    """A picture of a few lines, (H, W) uint8 grey, to look at."""
    high = max(line.coverage.shape[0] for line in some) + 8
    wide = max(line.coverage.shape[1] for line in some) + 24
    out = np.full((-(-len(some) // columns) * high, columns * wide), 255, np.uint8)
    for index, line in enumerate(some):
        h, w = line.coverage.shape
        y, x = index // columns * high + 4, index % columns * wide + 12
        out[y : y + h, x : x + w] = cv2.bitwise_not(line.coverage)
    return out
