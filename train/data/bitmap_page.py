"""Photographed pages of digits that are bitmaps: of a data set, or of a font."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from edge_digits.synthesis import paper, pen
from edge_digits.synthesis.camera import random_view
from edge_digits.synthesis.light import random_light
from edge_digits.synthesis.page import Sheet, SyntheticPage, photograph_sheet
from edge_digits.types import Box, Digit, Image, Line, as_image, union

Bitmap = tuple[Image, int]
"""Ink (H, W) uint8, 0 paper … 255 ink, and the digit that it is."""

_ROWS, _COLUMNS = 6, 9
_KINDS = ("plain", "plain", "ruled", "squared")
_BORDER = 30
_INK = 40
"""From which value on a pixel is ink."""


def bitmap_page(
    random: np.random.Generator,
    bitmap: Callable[[np.random.Generator], Bitmap],
    width: int = 800,
    height: int = 600,
    kinds: tuple[str, ...] = _KINDS,
) -> SyntheticPage:
    """A page of rows of digits, each as ``bitmap`` gives it, some 26 to 56 pixels high. kinds: of its paper."""
    size = float(random.uniform(26, 56))
    reflectance = pen.random_pen(random, size).reflectance
    wide, high = width + 2 * _BORDER, height + 2 * _BORDER
    surface = str(random.choice(kinds))
    sheet = paper.random_paper(random, high, wide, surface, 1.6 * size, _BORDER + size)
    gap = size * float(random.uniform(0.25, 0.8))
    lines = []
    for row in range(_ROWS):
        x, y = _BORDER + size * float(random.uniform(0.3, 1.0)), _BORDER + 0.4 * size + row * 1.6 * size
        digits: list[Digit] = []
        for _ in range(_COLUMNS):
            ink, value = bitmap(random)
            ink = _at_height(ink, size * float(random.uniform(0.92, 1.08)))
            high_ink, wide_ink = ink.shape
            if x + wide_ink > wide - _BORDER - 10 or y + high_ink > high - _BORDER - 10:
                break
            paper.lay_ink(sheet, ink, round(x), round(y), reflectance)
            digits.append(Digit(value, 1.0, Box(round(x), round(y), wide_ink, high_ink)))
            x += wide_ink + gap
        if digits:
            lines.append(Line("", 1.0, union([digit.box for digit in digits]), tuple(digits)))
    view = np.array([(1.0, 0.0, -_BORDER), (0.0, 1.0, -_BORDER), (0.0, 0.0, 1.0)])
    view = view @ random_view(random, high, wide, tilt=0.02, turn=1.5, zoom=0.02)
    written = Sheet(sheet, tuple(lines), 0.1 * size)
    return photograph_sheet(random, written, light=random_light(random, high, wide), view=view, size=(width, height))


def _at_height(ink: Image, height: float) -> Image:
    """A digit's ink alone, ``height`` pixels high."""
    x, y, wide, high = cv2.boundingRect((ink > _INK).view(np.uint8))
    factor = height / high
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = (max(1, round(wide * factor)), max(1, round(high * factor)))
    return as_image(cv2.resize(ink[y : y + high, x : x + wide], size, interpolation=smooth))
