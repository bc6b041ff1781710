"""Scanned digits (MNIST, USPS, Semeion) written on made-up paper."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from edge_digits.synthesis import paper
from edge_digits.synthesis.pen import Pen, ink_box, roughen
from edge_digits.types import Box, Image


def bitmap_ink(rng: np.random.Generator, bitmap: Image, height: float) -> Image:
    """Enlarge a small picture of a digit (MNIST 28×28, USPS or Semeion 16×16) to a pen's smooth, crisp edge.

    bitmap: (h, w) uint8, 0 paper … 255 ink. height: of the digit (not of the bitmap's empty border) in
    pixels. Returns uint8 ink, cut to the digit with a margin of a pixel or two.
    """
    left, top, columns, rows = cv2.boundingRect((bitmap >= 48).view(np.uint8))
    if columns == 0:
        return np.zeros((max(1, round(height)),) * 2, np.uint8)
    padded = cv2.copyMakeBorder(bitmap[top : top + rows, left : left + columns], 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    scale = height / rows
    if scale <= 1.0:
        return cast(Image, cv2.resize(padded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    # Blurring by half a source pixel takes the staircase off; the level at which it is cut sets the width.
    soft = cv2.GaussianBlur(padded, (0, 0), 0.6)
    large = cv2.resize(soft, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    level = float(rng.uniform(80, 140))
    steep = max(128.0 / level, 0.45 * scale)  # bare paper stays bare
    return np.clip((large - level) * steep + 127.0, 0, 255).astype(np.uint8)


def place_bitmap(
    rng: np.random.Generator, sheet: Image, bitmap: Image, x: int, y: int, height: float, tool: Pen
) -> Box:
    """Write a digit's bitmap on paper, in place, with a pen's ink and grain.

    sheet: (H, W) uint8 reflectance. bitmap: see ``bitmap_ink``. x, y: of the digit's left top corner. height:
    of the digit in pixels. Returns the digit's box.
    """
    ink = bitmap_ink(rng, bitmap, height)
    if tool.grain:
        ink = roughen(rng, ink, tool.grain, tool.width)
    inner = ink_box(ink)
    paper.lay_ink(sheet, ink, x - inner.x, y - inner.y, tool.reflectance, tool.kind == "chalk")
    return Box(x, y, inner.width, inner.height)
