"""What is put on a sheet: a digit from a bitmap or from strokes, or something that is no digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from edge_digits.charset import REJECT
from edge_digits.synthesis import pen as pens
from edge_digits.synthesis.pen import Pen
from edge_digits.types import Image
from train.sources import Stroke


class Glyph(Protocol):
    """Something with a class that can be drawn at any height."""

    @property
    def label(self) -> int:
        """0..9, or ``charset.REJECT``."""
        ...

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """Its ink (h, w) uint8 coverage, 0 paper … 255 ink; a digit is about ``height`` pixels high."""
        ...


@dataclass(frozen=True)
class BitmapGlyph:
    """A scanned digit. image: (H, W) uint8 ink."""

    image: Image
    label: int

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """See ``Glyph.draw``: the bitmap enlarged, its edge sharpened where the enlargement blurred it."""
        x, y, w, h = cv2.boundingRect((self.image >= 48).view(np.uint8))
        own = cv2.copyMakeBorder(self.image[y : y + h, x : x + w], 1, 1, 1, 1, cv2.BORDER_CONSTANT)
        factor = height / max(h, 0.5 * w, 1)
        size = (max(1, round((w + 2) * factor)), max(1, round((h + 2) * factor)))
        if factor <= 1:
            return np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), np.uint8)
        # Smoothing over the source's pixels rounds its stairs; the threshold then sets the stroke's width.
        large = cv2.GaussianBlur(cv2.resize(own, size, interpolation=cv2.INTER_CUBIC), (0, 0), 0.45 * factor)
        threshold = random.uniform(0.3, 0.6) * float(np.percentile(large[large >= large.max() // 2], 75))
        # The edge becomes as steep as a pen's, about a pixel wide; the ground stays empty.
        steepness = max(128 / threshold, 0.8 * factor)
        sharp = np.clip((large.astype(np.float32) - threshold) * steepness + 128, 0, 255).astype(np.uint8)
        return pens.roughen(random, sharp, pen.grain) if pen.grain else sharp


@dataclass(frozen=True)
class StrokeGlyph:
    """Something written with pen movements, a digit's height being 1. Digits are drawn as high as asked for, whatever
    their points span; what is no digit keeps its natural size."""

    strokes: Sequence[Stroke]
    label: int

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """See ``Glyph.draw``."""
        points = np.concatenate(list(self.strokes))
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        tall = max(float(span[1]), 0.5 * float(span[0]), 1e-6)
        factor = height if self.label == REJECT else height / tall
        return pens.draw(random, [s - low for s in self.strokes], factor, pen).ink


FRAGMENTS: dict[int, tuple[str, ...]] = {0: ("top", "bottom"), 2: ("bottom",), 3: ("left",), 5: ("top",)}
"""Halves that no longer look like a digit. Left out is what does: both halves of an 8 are a 0, a 9's top and a 6's
bottom too, the right half of a 0, 3 or 5 is a bent 1, the top of a 2 or 7 a small 7; of a 4 any half is some 1."""


@dataclass(frozen=True)
class Fragment:
    """A part of a digit, cut straight. side: which one is left ("top", "bottom", "left"); kept: share of it, 0..1."""

    whole: Glyph
    side: str
    kept: float
    label: int = REJECT

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """See ``Glyph.draw``."""
        own = to_ink(self.whole.draw(height, pen, random))
        h, w = max(1, round(own.shape[0] * self.kept)), max(1, round(own.shape[1] * self.kept))
        return {"top": own[:h], "bottom": own[-h:], "left": own[:, :w]}[self.side]


@dataclass(frozen=True)
class Joined:
    """Digits or letters that touch: two, or more until they are together ``aspect`` times as wide as high, since what
    is narrow could be one digit. kept: share of the last one that is not cut off, 0..1. overlap: in shares of the
    height."""

    parts: tuple[Glyph, ...]
    kept: float
    overlap: float
    aspect: float = 0.95
    label: int = REJECT

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """See ``Glyph.draw``."""
        own = to_ink(self.parts[0].draw(height, pen, random))
        for number, part in enumerate(self.parts[1:], 2):
            right = to_ink(part.draw(height * random.uniform(0.85, 1.1), pen, random))
            if number == len(self.parts) or number > 2:
                right = right[:, : max(1, round(right.shape[1] * self.kept))]
            own = _beside(own, right, round(self.overlap * height))
            if own.shape[1] >= self.aspect * own.shape[0]:
                break
        return own


@dataclass(frozen=True)
class Texture:
    """Specks and blotches as paper, shadows and erased writing leave them. size: in digit heights; grain: how many
    blotches lie side by side; share: of the area that is ink."""

    size: tuple[float, float]
    grain: int
    share: float
    label: int = REJECT

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """See ``Glyph.draw``."""
        h, w = (max(4, round(s * height)) for s in self.size)
        coarse = random.random((self.grain, self.grain), np.float32)
        field = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)
        field += 0.3 * random.random((h, w), np.float32)
        threshold = float(np.quantile(field, 1 - self.share))
        return np.clip((field - threshold) * 2000, 0, 255).astype(np.uint8)


def to_ink(coverage: Image) -> Image:
    """``coverage`` without the empty border."""
    x, y, w, h = cv2.boundingRect((coverage >= 64).view(np.uint8))
    return coverage[y : y + h, x : x + w] if w else coverage


def _beside(left: Image, right: Image, overlap: int) -> Image:
    """``right`` pushed against ``left`` until their ink touches, and ``overlap`` pixels further; feet level."""
    h = max(left.shape[0], right.shape[0])
    a = np.zeros((h, left.shape[1]), np.uint8)
    a[h - left.shape[0] :] = left
    b = np.zeros((h, right.shape[1]), np.uint8)
    b[h - right.shape[0] :] = right
    inked = (a >= 64).any(axis=1) & (b >= 64).any(axis=1)
    room = np.argmax(a[:, ::-1] >= 64, axis=1) + np.argmax(b >= 64, axis=1)
    push = (int(room[inked].min()) if inked.any() else 0) + overlap
    push = min(push, min(a.shape[1], b.shape[1]) // 2)
    out = np.zeros((h, a.shape[1] + b.shape[1] - push), np.uint8)
    out[:, : a.shape[1]] = a
    np.maximum(out[:, a.shape[1] - push :], b, out=out[:, a.shape[1] - push :])
    return out
