"""What a hypothesis is, from the boxes of what was drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import CLIPPED, MARK, NONE, SEVERAL
from edge_digits.lines.grouping import group_lines
from edge_digits.lines.skew import estimate_skew
from edge_digits.model_input.gaps import WIDEST, gap_boxes
from train.data.page.canvas import CUT_OFF, TOO_SMALL, WRITING

IGNORED = -1
"""Not to be trained on."""

SAME, OTHER = 0.72, 0.6
"""Intersection over union from which a hypothesis is the digit, and below which it is not."""

TOUCHED, DOUBTFUL = 0.1, 0.5
"""Intersection over union from which a hypothesis is of a digit that is too small, and of what nobody asks for."""

COVERED, LEAST_OF_MARK = 0.8, 0.4
"""Share of a digit's box inside a hypothesis that covers it, and of a hypothesis inside writing that it belongs to; and
how high or wide it is at least, beside that."""

IN_ROW, SAME_ACROSS = 0.6, 0.6
"""Of a digit's height, what stands beside it at least where it shares a row; and intersection over union, across, from
which a piece is what a cut leaves of a digit."""

TALLEST_ROW = 1.7
"""Height of several digits together, in heights of the tallest."""

_LEAST_WIDTH = 0.35
"""Of a box in heights, as overlaps count it: a 1 is too narrow for its overlap to say anything."""


def label_hypotheses(
    boxes: NDArray[np.floating],
    truth: NDArray[np.floating],
    kinds: NDArray[np.integer],
    size: tuple[int, int],
) -> NDArray[np.int8]:
    """Labels (N,) int8: 0..9, NONE, SEVERAL, CLIPPED, MARK or IGNORED.

    boxes: (N, 4) of the hypotheses, left, top, right, bottom in pixels. truth: (M, 4) of what was drawn. kinds: (M,),
    0..9 or one of the kinds of ``train.data.page.canvas``. size: (H, W) of the picture.
    """
    labels = np.full(len(boxes), NONE, np.int8)
    if not len(boxes) or not len(truth):
        return labels
    writing = kinds == WRITING
    labels[_belong_to(boxes, truth[writing])] = MARK
    truth, kinds = truth[~writing], kinds[~writing]
    if not len(truth):
        return labels
    rows = np.arange(len(boxes))
    overlap = _iou(_widened(boxes), _widened(truth))
    best = overlap.argmax(axis=1)
    most, kind = overlap[rows, best], kinds[best]
    labels[_cover_several(boxes, truth) & (most < OTHER)] = SEVERAL
    labels[(most >= TOUCHED) & (kind == TOO_SMALL)] = IGNORED
    labels[(most >= DOUBTFUL) & (kind < 0)] = IGNORED
    labels[(most >= OTHER) & (most < SAME)] = IGNORED
    is_digit = (most >= SAME) & (kind >= 0)
    labels[is_digit] = kind[is_digit]
    labels[(most >= OTHER) & (kind == CUT_OFF) & touches_edge(boxes, size)] = CLIPPED
    return labels


def label_pieces(
    labels: NDArray[np.int8], pieces: NDArray[np.floating], truth: NDArray[np.floating], kinds: NDArray[np.integer]
) -> NDArray[np.int8]:
    """``labels`` of pieces of hypotheses that are several digits, with those that are the best that a cut from top to
    bottom can leave of a digit: where digits overlap, that is less than its box.

    labels: (N,) as ``label_hypotheses`` gives them. pieces: (N, 4) in pixels. truth, kinds: as there.
    """
    is_digit = kinds >= 0
    digits, values = truth[is_digit].astype(np.float32), kinds[is_digit]
    if not len(pieces) or not len(digits):
        return labels
    shares = _uncovered(digits)
    middles = (digits[:, 0] + digits[:, 2]) / 2
    beside = np.minimum(pieces[:, None, 3], digits[:, 3]) - np.maximum(pieces[:, None, 1], digits[:, 1])
    in_row = beside >= IN_ROW * (digits[:, 3] - digits[:, 1])
    inside = in_row & (pieces[:, None, 0] < middles) & (middles < pieces[:, None, 2])
    own = inside.argmax(axis=1)
    both = np.minimum(pieces[:, 2], shares[own, 2]) - np.maximum(pieces[:, 0], shares[own, 0])
    either = np.maximum(pieces[:, 2], shares[own, 2]) - np.minimum(pieces[:, 0], shares[own, 0])
    fits = (inside.sum(axis=1) == 1) & (both >= SAME_ACROSS * either)
    out = labels.copy()
    out[fits] = values[own[fits]]
    return out


def _uncovered(digits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Boxes (M, 4) of digits up to the middle of what each shares with its neighbours in a row."""
    out = digits.copy()
    middles = (digits[:, 0] + digits[:, 2]) / 2
    for i, j in zip(*np.nonzero(middles[:, None] < middles[None]), strict=True):
        (_, top, right, bottom), (left, other_top, _, other_bottom) = digits[i], digits[j]
        beside = min(bottom, other_bottom) - max(top, other_top)
        if right > left and beside >= IN_ROW * min(bottom - top, other_bottom - other_top):
            middle = (left + right) / 2
            out[i, 2], out[j, 0] = min(out[i, 2], middle), max(out[j, 0], middle)
    return out


def label_gaps(truth: NDArray[np.floating], kinds: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Gaps (N, 4) between neighbouring digits of a row, and what is in each, (N,) int8: NONE, MARK or IGNORED.

    truth, kinds: as ``label_hypotheses`` takes them.
    """
    digits = truth[kinds >= 0]
    rows = group_lines(digits, estimate_skew(digits))
    pairs = np.array([pair for row in rows for pair in pairwise(row)], np.intp).reshape(-1, 2)
    left, right = digits[pairs[:, 0]], digits[pairs[:, 1]]
    apart = right[:, 0] - left[:, 2] < WIDEST * (left[:, 3] - left[:, 1])
    boxes = gap_boxes(left, right)[apart]
    labels = np.full(len(boxes), NONE, np.int8)
    others, writing = truth[kinds < 0], kinds[kinds < 0] == WRITING
    if len(boxes) and len(others):
        inside = _intersections(boxes, others) / _areas(others)[None]
        labels[(inside > TOUCHED).any(axis=1)] = IGNORED
        # Not a part of a drawing that reaches over the row.
        labels[(inside[:, writing] >= DOUBTFUL).any(axis=1)] = MARK
    return boxes, labels


def touches_edge(boxes: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(N,) bool: which boxes touch the edge of a picture of ``size`` (H, W)."""
    near = (boxes[:, :2] <= 1).any(axis=1)
    return np.asarray(near | (boxes[:, 2] >= size[1] - 1) | (boxes[:, 3] >= size[0] - 1), np.bool_)


def _widened(boxes: NDArray[np.floating]) -> NDArray[np.float32]:
    out = np.array(boxes, np.float32)
    more = np.maximum(0.0, _LEAST_WIDTH * (out[:, 3] - out[:, 1]) - (out[:, 2] - out[:, 0])) / 2
    out[:, 0] -= more
    out[:, 2] += more
    return out


def _intersections(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float32]:
    a, b = a.astype(np.float32), b.astype(np.float32)
    across = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    down = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    return np.maximum(across, 0) * np.maximum(down, 0)


def _areas(boxes: NDArray[np.floating]) -> NDArray[np.float32]:
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float32)
    return np.maximum(sides[:, 0] * sides[:, 1], np.float32(1e-6))


def _iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float32]:
    inter = _intersections(a, b)
    return np.asarray(inter / (_areas(a)[:, None] + _areas(b)[None, :] - inter), np.float32)


def _belong_to(boxes: NDArray[np.floating], writing: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(N,) bool: which are signs, or large parts of words."""
    if not len(writing):
        return np.zeros(len(boxes), np.bool_)
    inside = _intersections(boxes, writing) >= COVERED * _areas(boxes)[:, None]
    sides, whole = (b[:, 2:] - b[:, :2] for b in (boxes, writing))
    large = (sides[:, None] >= LEAST_OF_MARK * whole[None]).any(axis=2)
    return np.asarray((inside & large).any(axis=1), np.bool_)


def _cover_several(boxes: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(N,) bool: which cover two digits or more of one row, and little else."""
    covered = _intersections(boxes, truth) >= COVERED * _areas(truth)
    several = covered.sum(axis=1) >= 2
    union = np.zeros((len(boxes), 4), np.float32)
    for side, far, pick in ((0, np.inf, np.min), (1, np.inf, np.min), (2, -np.inf, np.max), (3, -np.inf, np.max)):
        union[:, side] = pick(np.where(covered, truth[None, :, side], far), axis=1)
    union[~several] = 0
    across, down = (np.minimum(boxes[:, s + 2], union[:, s + 2]) - np.maximum(boxes[:, s], union[:, s]) for s in (0, 1))
    inter = np.maximum(across, 0) * np.maximum(down, 0)
    tallest = np.where(covered, (truth[:, 3] - truth[:, 1])[None, :], 0).max(axis=1)
    in_a_row = boxes[:, 3] - boxes[:, 1] <= TALLEST_ROW * tallest
    return np.asarray(several & in_a_row & (inter >= OTHER * (_areas(boxes) + _areas(union) - inter)), np.bool_)
