"""What of a map the judge has seen in another map of the picture, so that it is not asked about it again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.proposals.hypotheses import Hypotheses

SURE = 0.97
"""Chance of a digit from which nothing is asked again."""

NEAR = 0.1
"""By how much, in longer sides, the sides of two boxes of the same ink are apart at most."""


def unseen_nodes(nodes: Hypotheses, before: Judged, scale: float = 1.0) -> NDArray[np.intp]:
    """Indices of ``nodes`` but for those that are nodes of ``before`` too, by their boxes and areas, and those where it
    has surely seen a digit. scale: pixels of the nodes' map for one of the map of ``before``."""
    known = set(_rows(before.hypotheses)) if scale == 1.0 else set()
    unseen = np.array([row not in known for row in _rows(nodes)], np.bool_)
    index = np.flatnonzero(unseen)
    sure = before.asked[before.chances[:, :REJECT].max(axis=1, initial=0.0) >= SURE]
    if not len(sure) or not len(index):
        return index
    boxes, digits = _sides(nodes)[index], scale * _sides(before.hypotheses)[sure]
    longer = np.maximum(digits[:, 2] - digits[:, 0], digits[:, 3] - digits[:, 1])
    apart = np.abs(boxes[:, None] - digits[None]).max(axis=2)
    return index[~(apart <= NEAR * longer).any(axis=1)]


def _sides(of: Hypotheses) -> NDArray[np.float64]:
    """(N, 4): left, top, right, bottom in pixels."""
    return np.stack([of.x, of.y, of.x + of.width, of.y + of.height], axis=1).astype(np.float64)


def _rows(of: Hypotheses) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in (of.x, of.y, of.width, of.height, of.area)), strict=True))
