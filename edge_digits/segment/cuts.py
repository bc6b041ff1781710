"""Where a piece of ink that may be several digits could be cut apart."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.types import Image


def cut_columns(ink: Image, digit_height: float, most: int = 6) -> list[int]:
    """Columns before which to cut, left to right: local minima of the ink that a vertical cut would sever.

    ink: (h, w) uint8. digit_height: of the row, pixels; cuts stand at least a sixth of it apart and from the ends.
    """
    width = ink.shape[1]
    apart = max(2, round(digit_height / 6))
    if width < 2 * apart + 1:
        return []
    severed = cv2.reduce(ink, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[0] / np.float32(255.0)
    kernel = np.ones(3, np.float32) / 3
    severed = np.convolve(severed, kernel, mode="same")
    cuts: list[int] = []
    inner = np.arange(apart, width - apart)
    for column in inner[np.argsort(severed[inner], kind="stable")]:
        if severed[column] > 0.5 * digit_height:
            break
        window = severed[max(0, column - apart // 2) : column + apart // 2 + 1]
        if severed[column] <= window.min() and all(abs(int(column) - c) >= apart for c in cuts):
            cuts.append(int(column))
            if len(cuts) == most:
                break
    return sorted(cuts)
