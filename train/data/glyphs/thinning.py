"""Skeletons of scanned digits, so that another pen can write them (Zhang and Suen 1984)."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.glyphs.fields import FIELD_FINE, SIDE, Field, placed, quantized, sharpened

_NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""P2 … P9 of the paper, row and column: clockwise from the one above."""


def _deletable() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each of 256 neighbourhoods whether the paper's first and second step take the pixel away."""
    first, second = np.zeros(256, np.uint8), np.zeros(256, np.uint8)
    for code in range(256):
        p = [code >> k & 1 for k in range(8)]
        rises = sum(p[k] == 0 and p[(k + 1) % 8] == 1 for k in range(8))
        if not (2 <= sum(p) <= 6 and rises == 1):
            continue
        first[code] = p[0] * p[2] * p[4] == 0 and p[2] * p[4] * p[6] == 0
        second[code] = p[0] * p[2] * p[6] == 0 and p[0] * p[4] * p[6] == 0
    return first, second


_STEPS = tuple(1 - deletable for deletable in _deletable())
"""By each neighbourhood: 1 keeps the pixel, 0 takes it away."""
_CODE = np.zeros((3, 3), np.float32)
for _bit, (_row, _column) in enumerate(_NEIGHBOURS):
    _CODE[_row + 1, _column + 1] = 1 << _bit


def skeleton(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask (H, W) of 0 and 1 thinned to lines of one pixel."""
    thin = mask.copy()
    while True:
        before = int(thin.sum())
        for kept in _STEPS:
            code = cv2.filter2D(thin, cv2.CV_8U, _CODE, borderType=cv2.BORDER_CONSTANT)
            thin &= np.asarray(cv2.LUT(code, kept), np.uint8)
        if int(thin.sum()) == before:
            return thin


def skeleton_field(ink: NDArray[np.float32]) -> Field:
    """The field of a bitmap's middle line, (SIDE, SIDE). ink: (H, W) 0..1 at any size."""
    thin = skeleton((placed(ink, FIELD_FINE) > 0.5).view(np.uint8))
    distance = cv2.distanceTransform(1 - thin, cv2.DIST_L2, 5)
    # The skeleton's stairs are half a pixel high: smoothed away they leave a line.
    smooth = cv2.GaussianBlur(distance, (0, 0), 2.0)
    small = cast(NDArray[np.float32], cv2.resize(smooth, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return quantized(sharpened(small / FIELD_FINE, 0.8))
