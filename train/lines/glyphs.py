"""What lines are written with: digits of the sets and of our own strokes, side by side, with what disturbs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np

from edge_digits.charset import REJECT
from edge_digits.synthesis.pen import Pen
from edge_digits.types import Image
from train.lines import spacing
from train.lines.glyph import BitmapGlyph, Glyph, to_ink
from train.lines.glyph_pool import Item, Pool

MOST = 10
"""Digits in a line."""

_SOURCES = {"mnist": 0.56, "usps": 0.07, "semeion": 0.05, "pendigits": 0.08, "strokes": 0.24}
"""Shares of the lines that are written with digits of one set; missing sets leave theirs to the others."""
_WITH_OTHERS, _OTHER, _WORDS = 0.12, 0.25, 0.05
"""Share of lines in which letters and marks stand too, how many of their places those take, and share of lines that
hold nothing else."""


@dataclass(frozen=True)
class LineGlyphs:
    """The glyphs of one line from left to right, and how each but the first stands beside the one before it."""

    glyphs: tuple[Glyph, ...]
    spacings: tuple[str, ...]

    @property
    def labels(self) -> list[int]:
        """0..9 for each digit, one ``charset.REJECT`` for all that stands between two and is none: how many letters
        there are nobody asks."""
        return [label for label, same in groupby(g.label for g in self.glyphs) for _ in _counted(label, same)]

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """Their ink (h, w) uint8 coverage, digits being about ``height`` pixels high; scanned ones as they are, only
        enlarged."""
        same = random.uniform(0.0, 0.12)
        drawn = []
        for glyph in self.glyphs:
            size = height * float(np.exp(random.normal(0, same)))
            drawn.append(
                enlarged(glyph.image, size) if isinstance(glyph, BitmapGlyph) else glyph.draw(size, pen, random)
            )
        return spacing.beside([to_ink(part) for part in drawn], self.spacings, random)


def _counted(label: int, same: Iterable[int]) -> Iterable[int]:
    return [label] if label == REJECT else same


def random_line(pool: Pool, random: np.random.Generator) -> LineGlyphs:
    """A line of 1 to ``MOST`` glyphs, mostly digits, written in one way or in several."""
    count = 1 if random.random() < 0.22 else int(random.integers(2, MOST + 1))
    kinds = [kind for kind in _SOURCES if pool.has(kind)]
    shares = np.array([_SOURCES[kind] for kind in kinds])
    kind = str(random.choice(kinds, p=shares / shares.sum()))
    what = random.random()
    others = 1.0 if what < _WORDS else _OTHER if what < _WORDS + _WITH_OTHERS else 0.0
    glyphs = tuple(
        pool.other(random) if random.random() < others else pool.glyph(_item(pool, kind, random)) for _ in range(count)
    )
    return LineGlyphs(glyphs, random_spacings(count - 1, random))


def random_spacings(count: int, random: np.random.Generator) -> tuple[str, ...]:
    """``count`` ways to stand beside another, all the same in half of the lines."""
    shares = (0.4, 0.15, 0.18, 0.17, 0.1)
    if random.random() < 0.5:
        return (str(random.choice(spacing.SPACINGS, p=shares)),) * count
    return tuple(str(kind) for kind in random.choice(spacing.SPACINGS, count, p=shares))


def disturbed(coverage: Image, foreign: Image, random: np.random.Generator) -> Image:
    """Coverage (h, w) with what a line's ink may hold that is none of its own: a rest of a rule, a piece of ``foreign``
    (another line's ink) from above or below."""
    height = coverage.shape[0]
    if random.random() < 0.15:
        coverage = coverage.copy()
        _draw_rule(coverage, random)
    if random.random() < 0.08:
        reach = max(1, round(height * random.uniform(0.05, 0.2)))
        piece = foreign[:reach, : coverage.shape[1]] if random.random() < 0.5 else foreign[-reach:, : coverage.shape[1]]
        gap = np.zeros((max(1, round(0.04 * height)), coverage.shape[1]), np.uint8)
        strip = np.zeros((len(piece), coverage.shape[1]), np.uint8)
        at = int(random.integers(0, coverage.shape[1] - piece.shape[1] + 1))
        strip[:, at : at + piece.shape[1]] = piece
        coverage = np.concatenate([coverage, gap, strip] if random.random() < 0.5 else [strip, gap, coverage])
    return coverage


def _draw_rule(coverage: Image, random: np.random.Generator) -> None:
    """A rest of a rule along the line, broken and faint, in place."""
    height, width = coverage.shape
    y = round(height * random.uniform(0.05, 0.98))
    ink, thickness = int(random.uniform(60, 255)), max(1, round(height * random.uniform(0.02, 0.06)))
    x = -round(random.uniform(0, 0.5) * height)
    slope = random.normal(0, 0.02)
    while x < width:
        end = x + round(height * random.uniform(0.1, 2.0))
        line = np.zeros_like(coverage)
        cv2.line(line, (x, round(y + slope * x)), (end, round(y + slope * end)), (ink,), thickness, cv2.LINE_AA)
        np.maximum(coverage, line, out=coverage)
        x = end + round(height * random.uniform(0.05, 1.5))


def _item(pool: Pool, kind: str, random: np.random.Generator) -> Item:
    if kind == "strokes":
        return kind, int(random.integers(2**62))
    return kind, int(random.integers(pool.size(kind)))


def enlarged(image: Image, height: float) -> Image:
    """A scanned digit (H, W) uint8 cut to its ink and as high as asked for; a flat one keeps its width."""
    ink = to_ink(image)
    factor = height / max(ink.shape[0], 0.5 * ink.shape[1], 1)
    size = (max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR), np.uint8)
