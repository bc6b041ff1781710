"""What a hypothesis is, from the boxes of the digits that were drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge.classes import CLIPPED, NONE, SEVERAL

IGNORED = -1
"""Neither the one nor the other: not to be trained on."""

SAME, OTHER = 0.72, 0.6
"""Intersection over union from which a hypothesis is the digit, and below which it is not."""

COVERED, WHOLE = 0.8, 0.93
"""Share of a digit's box inside a hypothesis that covers it, and inside the picture where it counts as whole."""

_LEAST_WIDTH = 0.35
"""Of a box in heights, as overlaps count it: a 1 is too narrow for its overlap to say anything."""


def label_hypotheses(
    boxes: NDArray[np.floating],
    truth: NDArray[np.floating],
    kinds: NDArray[np.integer],
    size: tuple[int, int],
) -> NDArray[np.int8]:
    """Labels (N,) int8: 0..9, NONE, SEVERAL, CLIPPED or IGNORED.

    boxes: (N, 4) of the hypotheses, left, top, right, bottom in pixels. truth: (M, 4) of the digits, which may reach
    beyond the picture. kinds: (M,), 0..9, or below 0 for what is not to be asked for. size: (H, W) of the picture.
    """
    labels = np.full(len(boxes), NONE, np.int8)
    if not len(boxes) or not len(truth):
        return labels
    rows = np.arange(len(boxes))
    overlap = _iou(_widened(boxes), _widened(truth))
    best = overlap.argmax(axis=1)
    most, kind = overlap[rows, best], kinds[best]
    labels[_covers_several(boxes, truth) & (most < OTHER)] = SEVERAL
    labels[(most >= 0.5) & (kind < 0)] = IGNORED
    labels[(most >= 0.1) & (kind == -2)] = IGNORED
    labels[(most >= OTHER) & (most < SAME)] = IGNORED
    is_digit = (most >= SAME) & (kind >= 0)
    labels[is_digit] = kind[is_digit]
    labels[_clipped(boxes, truth, size)] = CLIPPED
    return labels


def _widened(boxes: NDArray[np.floating]) -> NDArray[np.float32]:
    out = np.array(boxes, np.float32)
    more = np.maximum(0.0, _LEAST_WIDTH * (out[:, 3] - out[:, 1]) - (out[:, 2] - out[:, 0])) / 2
    out[:, 0] -= more
    out[:, 2] += more
    return out


def _intersections(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    across = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    down = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    return np.clip(across, 0, None) * np.clip(down, 0, None)


def _areas(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1e-6)


def _iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    inter = _intersections(a, b)
    return inter / (_areas(a)[:, None] + _areas(b)[None, :] - inter)


def _covers_several(boxes: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(N,) bool: which cover two digits or more and little else."""
    covered = _intersections(boxes, truth) >= COVERED * _areas(truth)
    union = np.empty((len(boxes), 4))
    for side, far, pick in ((0, np.inf, np.min), (1, np.inf, np.min), (2, -np.inf, np.max), (3, -np.inf, np.max)):
        union[:, side] = pick(np.where(covered, truth[None, :, side], far), axis=1)
    several = covered.sum(axis=1) >= 2
    union[~several] = 0
    inter = _intersections(boxes, union)[np.arange(len(boxes)), np.arange(len(boxes))]
    return np.asarray(several & (inter >= OTHER * (_areas(boxes) + _areas(union) - inter)), np.bool_)


def _clipped(boxes: NDArray[np.floating], truth: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(N,) bool: which are what is left of a digit that the picture's edge cuts off."""
    height, width = size
    inside = np.array(truth, np.float32)
    inside[:, [0, 2]] = np.clip(inside[:, [0, 2]], 0, width)
    inside[:, [1, 3]] = np.clip(inside[:, [1, 3]], 0, height)
    visible = _areas(inside) / _areas(truth)
    cut = (visible > 0.05) & (visible < WHOLE)
    if not cut.any():
        return np.zeros(len(boxes), np.bool_)
    return np.asarray((_iou(boxes, inside[cut]) >= OTHER).any(axis=1), np.bool_)
