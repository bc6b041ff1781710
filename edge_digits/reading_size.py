"""The size at which a picture is read: very large ones are reduced, and small ones enlarged."""

from __future__ import annotations

import cv2

from edge_digits.types import Image, as_image

MOST_PIXELS = 3_000_000
"""A larger picture is reduced to this before it is read: a phone's 12 megapixels show paper grain, not more digits."""

SMALLEST, MOST_ENLARGED = 640, 4.0
"""Pixels of the longer side to which a smaller picture is enlarged, but by no more than so many times: where a stroke
is one pixel thick, each pixel that noise takes away tears it."""


def at_reading_size(grey: Image) -> tuple[Image, float]:
    """``grey`` (H, W) uint8 as large as it is read, and by how much it was enlarged (above 1) or reduced (below)."""
    factor = _factor(grey)
    if factor == 1.0:
        return grey, factor
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)), factor


def _factor(grey: Image) -> float:
    if grey.size > MOST_PIXELS:
        return (MOST_PIXELS / grey.size) ** 0.5
    return max(1.0, min(MOST_ENLARGED, SMALLEST / max(grey.shape)))
