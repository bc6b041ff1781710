"""The glyphs that lines are written with: those of the sets, and our own strokes."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from edge_digits.charset import REJECT
from edge_digits.synthesis import strokes as writing
from train.data import digit_sets
from train.data.digit_sets import Bitmaps, Trajectories
from train.lines.glyph import BitmapGlyph, Glyph, StrokeGlyph

logger = logging.getLogger(__name__)

Item = tuple[str, int]
"""A set's name and which of its digits; or "strokes" and a seed."""


class Pool:
    """The digits of one part ("train", "validation" or "test") of all sets that are in the data folder."""

    def __init__(self, folder: Path, part: str) -> None:
        """Raises DataError if MNIST is missing or a set is damaged; other sets that are missing are left out."""
        self._sets: dict[str, Bitmaps | Trajectories] = {"mnist": digit_sets.read_mnist(folder, part)}
        for name, read in (
            ("usps", digit_sets.read_usps),
            ("semeion", digit_sets.read_semeion),
            ("pendigits", digit_sets.read_pendigits),
        ):
            if (folder / name).is_dir():
                self._sets[name] = read(folder, part)
            else:
                logger.warning("%s is not in %s: going on without it", name, folder)

    def has(self, kind: str) -> bool:
        """Whether there are glyphs of a kind."""
        return kind == "strokes" or kind in self._sets

    def size(self, kind: str) -> int:
        """How many digits a set holds."""
        return len(self._sets[kind])

    def other(self, random: np.random.Generator) -> Glyph:
        """A letter or a mark."""
        return StrokeGlyph(writing.other_strokes(random), REJECT)

    def glyph(self, item: Item) -> Glyph:
        """What an item stands for."""
        kind, number = item
        if kind == "strokes":
            random = np.random.default_rng(number)
            value = int(random.integers(10))
            return StrokeGlyph(writing.digit_strokes(random, value), value)
        return self._digit(self._sets[kind], number)

    @staticmethod
    def _digit(digits: Bitmaps | Trajectories, index: int) -> Glyph:
        label = int(digits.labels[index])
        if isinstance(digits, Bitmaps):
            return BitmapGlyph(digits.images[index], label)
        return StrokeGlyph(digits.strokes[index], label)
