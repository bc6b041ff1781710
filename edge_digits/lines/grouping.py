"""Digits -> text lines: chains of neighbours that stand level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.lines.settings import SETTINGS

_ASIDE = 2.0
"""How much more standing higher or lower counts than standing further along."""


def group_lines(boxes: NDArray[np.floating], skew: float) -> list[list[int]]:
    """Rows from top to bottom, each the indices of its digits from left to right.

    boxes: (N, 4), left, top, right, bottom in pixels. skew: radians by which rows fall to the right. Each digit is
    followed by the nearest one to its right that stands level with it, where that one has no nearer to its left. A row
    goes on across any gap.
    """
    count = len(boxes)
    if not count:
        return []
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    h = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    along = x * np.cos(skew) + y * np.sin(skew)
    across = y * np.cos(skew) - x * np.sin(skew)
    dx, dy = along[None, :] - along[:, None], np.abs(across[None, :] - across[:, None])
    # What is much smaller stands level with the larger one if it lies anywhere beside it.
    lower, higher = np.minimum(h[:, None], h[None, :]), np.maximum(h[:, None], h[None, :])
    level = dy < SETTINGS.level * np.maximum(lower, 0.6 * higher)
    distance = np.where(level & (dx > 0), dx + _ASIDE * dy, np.inf)
    following, preceding = distance.argmin(axis=1), distance.argmin(axis=0)
    has = np.isfinite(distance[np.arange(count), following])
    linked = has & (preceding[following] == np.arange(count))
    starts = np.ones(count, np.bool_)
    starts[following[linked]] = False
    rows: list[list[int]] = []
    for start in np.flatnonzero(starts).tolist():
        row = [start]
        while linked[row[-1]]:
            row.append(int(following[row[-1]]))
        rows.append(row)
    return sorted(rows, key=lambda row: float(np.mean(across[row])))
