"""Pictures at a quarter of the size: light and texture vary slowly, and are measured there."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.types import Image, as_image

SHRINK = 4
"""Pixels across and down of which one is the average."""


def odd(share: float, small: Image, least: int = 3) -> int:
    """A window's side in pixels of the shrunken picture, odd as OpenCV's filters want it."""
    return max(least, round(share * max(small.shape))) | 1


def square(side: int) -> Image:
    """A filter's window, (side, side)."""
    return np.ones((side, side), np.uint8)


def shrunken(grey: Image) -> Image:
    """``grey`` (H, W) at a quarter of the size, each side at least 2."""
    height, width = grey.shape
    size = (max(2, width // SHRINK), max(2, height // SHRINK))
    return as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def quantile(values: Image, share: float) -> float:
    """The value below which a ``share`` of ``values`` (h, w) lies, by counting: there are but 256. As
    ``numpy.quantile`` has it."""
    below = np.cumsum(cv2.calcHist([values], [0], None, [256], [0, 256]).ravel())
    place = share * (values.size - 1)
    low, high = np.searchsorted(below, [np.floor(place), np.ceil(place)], side="right").tolist()
    return low + (high - low) * (place - np.floor(place))
