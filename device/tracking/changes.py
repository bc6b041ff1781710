"""Whether a picture shows something new, for a small part of what reading it costs."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.types import Image

BLOCK = 4
"""Side of the blocks, in pixels, whose means are compared: averaging takes most of the sensor's noise away, and the
finest stroke that can be read still changes several."""

LEAST_STEP = 6.0
"""Grey levels that a block's mean must change by at least."""

MOST_STEP = 20.0
"""Grey levels that are a change however noisy the picture is."""

NOISE_FACTOR = 8.0
"""A change must be this many times the mean difference of the blocks, which noise makes (6 standard deviations)."""

LEAST_BLOCKS = 3
"""Blocks that must change: a digit, even a small one, is larger than this; a defective pixel is not."""

SAME_LIGHT = 0.2
"""Change of the overall brightness, as a share, up to which it is divided out; beyond, the light is another."""


class ChangeDetector:
    """Compares each picture with the last one that had changed, so that slow changes add up."""

    def __init__(self) -> None:
        self._reference: Image | None = None
        self._level = 0.0

    def changed(self, image: Image) -> bool:
        """image: (H, W) uint8, at least 1×1. True for the first picture and when its size is another."""
        means = _block_means(image)
        level = float(cv2.mean(means)[0])
        if self._is_new(means, level):
            self._reference, self._level = means, level
            return True
        return False

    def _is_new(self, means: Image, level: float) -> bool:
        reference = self._reference
        if reference is None or reference.shape != means.shape:
            return True
        ratio = level / max(self._level, 1.0)
        if abs(ratio - 1.0) > SAME_LIGHT:
            return abs(level - self._level) >= LEAST_STEP
        difference = cv2.absdiff(means, cv2.convertScaleAbs(reference, alpha=ratio))
        # Cut off, because what has changed is not noise.
        noise = cv2.mean(cv2.threshold(difference, 8.0, 0.0, cv2.THRESH_TRUNC)[1])[0]
        step = min(max(LEAST_STEP, NOISE_FACTOR * noise), MOST_STEP)
        return int(np.count_nonzero(difference > step)) >= min(LEAST_BLOCKS, difference.size)


def _block_means(image: Image) -> Image:
    """(H // BLOCK, W // BLOCK) uint8 means; a picture smaller than a block is one block."""
    height, width = image.shape
    rows, columns = max(1, height // BLOCK), max(1, width // BLOCK)
    # A whole number of pixels per block is many times faster to average.
    whole = image[: rows * BLOCK, : columns * BLOCK]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
