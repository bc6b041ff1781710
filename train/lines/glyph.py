"""What stands on a line: a digit from a bitmap or from strokes, or something that is no digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge_digits.charset import REJECT
from edge_digits.synthesis import pen as pens
from edge_digits.synthesis.pen import Pen
from edge_digits.types import Image
from train.data.digit_sets import Stroke


@dataclass(frozen=True)
class BitmapGlyph:
    """A scanned digit. image: (H, W) uint8 ink. label: 0..9."""

    image: Image
    label: int


@dataclass(frozen=True)
class StrokeGlyph:
    """Something written with pen movements, a digit's height being 1. label: 0..9, or ``charset.REJECT``. Digits are
    drawn as high as asked for, whatever their points span; what is no digit keeps its natural size."""

    strokes: Sequence[Stroke]
    label: int

    def draw(self, height: float, pen: Pen, random: np.random.Generator) -> Image:
        """Its ink (h, w) uint8 coverage, 0 paper … 255 ink; a digit is about ``height`` pixels high."""
        points = np.concatenate(list(self.strokes))
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        tall = max(float(span[1]), 0.5 * float(span[0]), 1e-6)
        factor = height if self.label == REJECT else height / tall
        return pens.draw(random, [s - low for s in self.strokes], factor, pen).ink


Glyph = BitmapGlyph | StrokeGlyph


def to_ink(coverage: Image) -> Image:
    """``coverage`` without the empty border."""
    x, y, w, h = cv2.boundingRect((coverage >= 64).view(np.uint8))
    return coverage[y : y + h, x : x + w] if w else coverage
