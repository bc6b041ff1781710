"""Which glyphs a part of the data is made of: a list of (kind, number), and the glyph behind each of them."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from edge_digits.charset import REJECT
from edge_digits.synthesis import strokes as writing
from train import sources
from train.glyphs import FRAGMENTS, BitmapGlyph, Fragment, Glyph, Joined, StrokeGlyph, Texture
from train.recipes import PHOTOGRAPHED
from train.sources import Bitmaps, Trajectories

logger = logging.getLogger(__name__)

Item = tuple[str, int]
"""A kind (one of ``recipes.PHOTOGRAPHED``), and which of it: an index into the set, or a seed for what is made."""

_MADE = ("strokes", "rejects", "blanks")


class Pool:
    """The digits of one part ("train", "validation" or "test") of all sets that are in the data folder."""

    def __init__(self, folder: Path, part: str) -> None:
        """Raises DataError if MNIST is missing or a set is damaged; other sets that are missing are left out."""
        self._sets: dict[str, Bitmaps | Trajectories] = {"mnist": sources.read_mnist(folder, part)}
        for name, read in (
            ("usps", sources.read_usps),
            ("semeion", sources.read_semeion),
            ("pendigits", sources.read_pendigits),
        ):
            if (folder / name).is_dir():
                self._sets[name] = read(folder, part)
            else:
                logger.warning("%s is not in %s: going on without it", name, folder)

    def bitmaps(self) -> list[Bitmaps]:
        """The sets that are pictures."""
        return [s for s in self._sets.values() if isinstance(s, Bitmaps)]

    def has(self, kind: str) -> bool:
        """Whether there are glyphs of a kind."""
        return kind in _MADE or kind in self._sets

    def size(self, kind: str) -> int:
        """How many digits a set holds."""
        return len(self._sets[kind])

    def other(self, random: np.random.Generator) -> Glyph:
        """A letter or a mark."""
        return StrokeGlyph(writing.other_strokes(random), REJECT)

    def items(self, counts: dict[str, int], random: np.random.Generator) -> list[Item]:
        """``counts`` of each kind, mixed; a set is used up before any of its digits comes again."""
        items: list[Item] = []
        for kind in PHOTOGRAPHED:
            count = counts.get(kind, 0)
            if kind in _MADE:
                items += [(kind, int(s)) for s in random.integers(0, 2**62, count)]
            elif kind in self._sets:
                size = len(self._sets[kind])
                order = np.concatenate([random.permutation(size) for _ in range(-(-count // size))] or [np.empty(0)])
                items += [(kind, int(i)) for i in order[:count]]
        return [items[i] for i in random.permutation(len(items))]

    def glyph(self, item: Item) -> Glyph:
        """What an item stands for."""
        kind, number = item
        if kind == "strokes":
            random = np.random.default_rng(number)
            value = int(random.integers(10))
            return StrokeGlyph(writing.digit_strokes(random, value), value)
        if kind == "rejects":
            return self._reject(np.random.default_rng(number))
        return self._digit(self._sets[kind], number)

    @staticmethod
    def _digit(digits: Bitmaps | Trajectories, index: int) -> Glyph:
        label = int(digits.labels[index])
        if isinstance(digits, Bitmaps):
            return BitmapGlyph(digits.images[index], label)
        return StrokeGlyph(digits.strokes[index], label)

    def _any_digit(self, random: np.random.Generator) -> Glyph:
        """A digit of MNIST or of our own strokes."""
        if random.random() < 0.5:
            return self._digit(self._sets["mnist"], int(random.integers(len(self._sets["mnist"]))))
        return self.glyph(("strokes", int(random.integers(2**62))))

    def _reject(self, random: np.random.Generator) -> Glyph:
        kind = random.random()
        if kind < 0.48:
            return StrokeGlyph(writing.other_strokes(random), REJECT)
        if kind < 0.62:
            hand = writing.random_hand(random)
            letters = tuple(StrokeGlyph(writing.other_strokes(random, hand), REJECT) for _ in range(6))
            return Joined(letters, 1.0, float(random.uniform(0.0, 0.1)), float(random.uniform(0.95, 3.0)))
        if kind < 0.84:
            parts = tuple(self._any_digit(random) for _ in range(4))
            kept = 1.0 if random.random() < 0.6 else float(random.uniform(0.4, 0.7))
            return Joined(parts, kept, float(random.uniform(0.0, 0.12)))
        if kind < 0.93:
            whole = self._any_digit(random)
            while whole.label not in FRAGMENTS:
                whole = self._any_digit(random)
            side = str(random.choice(FRAGMENTS[whole.label]))
            return Fragment(whole, side, float(random.uniform(0.35, 0.5)))
        tall = float(random.uniform(0.15, 1.0))
        size = (tall, tall * float(random.uniform(1.0, 2.5)))
        return Texture(size, int(random.integers(2, 8)), float(random.uniform(0.15, 0.5)))
