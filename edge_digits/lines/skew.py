"""Skew of a page from where its digits stand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MOST_SKEW = 30.0
"""Degrees to either side."""

_STEP, _WIDTH, _REACH = 1.0, 0.2, 6.0
"""Degrees between the skews that are tried; heights by which a neighbour of the same row stands higher or lower, one
standard deviation; and heights within which it is a neighbour."""


def estimate_skew(boxes: NDArray[np.floating]) -> float:
    """Radians by which rows fall to the right, 0 where too few digits tell.

    boxes: (N, 4), left, top, right, bottom in pixels. The skew at which most neighbours stand level: for each, a normal
    kernel of how much higher or lower it stands (the docstrum's nearest neighbours, O'Gorman 1993, with a soft vote).
    """
    count = len(boxes)
    if count < 2:
        return 0.0
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    h = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    unit = np.sqrt(h[:, None] * h[None, :])
    dx, dy = (x[None, :] - x[:, None]) / unit, (y[None, :] - y[:, None]) / unit
    first, second = np.nonzero(
        (dx > 0.2) & (np.hypot(dx, dy) < _REACH) & (unit < 2 * np.minimum(h[:, None], h[None, :]))
    )
    if not len(first):
        return 0.0
    dx, dy = dx[first, second], dy[first, second]
    nearness = 1.0 / np.hypot(dx, dy)
    angles = np.radians(np.arange(-MOST_SKEW, MOST_SKEW + _STEP, _STEP))
    off = (dy * np.cos(angles)[:, None] - dx * np.sin(angles)[:, None]) / _WIDTH
    votes = (np.exp(-0.5 * off * off) * nearness).sum(axis=1)
    # Of two skews that explain as much, the smaller one; half the votes of one pair decide between them.
    votes -= 0.5 * nearness.max() * np.abs(angles) / math.radians(MOST_SKEW)
    best = int(votes.argmax())
    if 0 < best < len(angles) - 1:
        before, here, after = votes[best - 1 : best + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
        return float(angles[best] + np.clip(shift, -0.5, 0.5) * math.radians(_STEP))
    return float(angles[best])
