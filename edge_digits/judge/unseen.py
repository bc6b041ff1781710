"""What of a map the judge has seen in another map of the picture, so that it is not asked about it again."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.proposals.hypotheses import Hypotheses

_SURE, _COVERED = 0.9, 0.5
"""Chance of being a digit from which one is found, and share of a box from which what found digits cover is theirs."""


def changed_nodes(nodes: Hypotheses, before: Hypotheses) -> NDArray[np.intp]:
    """Indices of ``nodes`` that are no nodes of ``before`` too, a map of the same size, by their boxes and areas."""
    known = set(_rows(before))
    return np.array([index for index, row in enumerate(_rows(nodes)) if row not in known], np.intp)


def _rows(of: Hypotheses) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in (of.x, of.y, of.width, of.height, of.area)), strict=True))


def covered_nodes(nodes: Hypotheses, scale: float, judged: Sequence[Judged]) -> NDArray[np.bool_]:
    """(N,) bool: which of ``nodes`` lie where digits were found in maps of the picture's own size, ``judged``. scale:
    pixels of the nodes' map for one of the picture's."""
    covered = np.zeros(nodes.contrast.shape, np.uint8)
    for own in judged:
        digits = own.asked[own.chances[:, :REJECT].sum(axis=1) > _SURE]
        x, y, width, height = (c[digits] for c in (own.found.x, own.found.y, own.found.width, own.found.height))
        sides = np.rint(np.stack([x, y, x + width, y + height], axis=1) * scale).astype(np.intp)
        for left, top, right, bottom in sides.tolist():
            covered[top:bottom, left:right] = 1
    sums = np.asarray(cv2.integral(covered), np.int32)
    left, top, right, bottom = nodes.x, nodes.y, nodes.x + nodes.width, nodes.y + nodes.height
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return inside >= _COVERED * nodes.width * nodes.height
