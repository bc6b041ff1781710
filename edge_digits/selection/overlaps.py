"""Boxes that overlap: how much of each other they share, and greedy non-maximum suppression by that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class OverlapSettings:
    """most_shared: share of the smaller box that two hypotheses share at most, if both are to stand."""

    most_shared: float = 0.5


SETTINGS = OverlapSettings()

_AT_ONCE = 128
"""Boxes that are compared with all others in one go."""


def shared(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """(N, M): the share of the smaller of two boxes, of ``a`` (N, 4) and of ``b`` (M, 4), that both have. Boxes are
    left, top, right, bottom, and not empty."""
    across = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    down = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    area_a, area_b = ((c[:, 2] - c[:, 0]) * (c[:, 3] - c[:, 1]) for c in (a, b))
    both = np.maximum(across, 0) * np.maximum(down, 0)
    return both / np.minimum(area_a[:, None], area_b[None, :])


def without_overlaps(
    boxes: NDArray[np.floating],
    worth: NDArray[np.floating],
    index: NDArray[np.intp],
    settings: OverlapSettings = SETTINGS,
) -> NDArray[np.intp]:
    """Of ``index`` those that overlap with none worthier that is kept, the worthier first. boxes: (N, 4) left, top,
    right, bottom; worth: (N,); both of all."""
    order = index[np.argsort(-worth[index], kind="stable")]
    ordered = boxes[order]
    gone = np.zeros(len(order), np.bool_)
    for start in range(0, len(order), _AT_ONCE):
        rows = start + np.flatnonzero(~gone[start : start + _AT_ONCE])
        overlap = shared(ordered[rows], ordered[start:]) > settings.most_shared
        for row, place in enumerate(rows.tolist()):
            if not gone[place]:
                gone[place + 1 :] |= overlap[row, place + 1 - start :]
    return order[~gone]
