"""Marks between digits, so that ``12.5`` is never 125: what the judge says of the gaps of a row, and points in them
that are too small for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.illumination.downsampled import quantile
from edge_digits.judge_classes import MARK
from edge_digits.lines.settings import SETTINGS
from edge_digits.model_input.context import OUTSIDE, Pyramid
from edge_digits.model_input.gaps import STRONG, WIDEST, gap_boxes, gap_views
from edge_digits.runtime.model import Model
from edge_digits.runtime.probabilities import probabilities
from edge_digits.types import Image

LARGEST = 0.25
"""Of a gap's height, up to which ink in it is a point: the border of a cell and a digit's torn bar are larger."""


def find_marks(
    boxes: NDArray[np.floating],
    strength: NDArray[np.floating],
    rows: Sequence[Sequence[int]],
    of: Pyramid,
    second: Model,
) -> NDArray[np.float32]:
    """Gaps (M, 4) between neighbours of ``rows`` in which a mark stands: left, top, right, bottom in pixels.

    boxes: (N, 4) of digits; strength: (N,) their contrast, 0..255. rows: their indices from left to right. of: the
    picture's contrast. second: the judge's second stage.
    """
    pairs = np.array([pair for row in rows for pair in pairwise(row)], np.intp).reshape(-1, 2)
    left, right = boxes[pairs[:, 0]], boxes[pairs[:, 1]]
    near = right[:, 0] - left[:, 2] < WIDEST * (left[:, 3] - left[:, 1])
    gaps, dark = gap_boxes(left, right)[near], strength[pairs].min(axis=1)[near]
    if not len(gaps):
        return gaps
    chances = probabilities(second.scores(gap_views(of, gaps, OUTSIDE)), second.spec.temperature)
    marked = chances[:, MARK] >= SETTINGS.least_unread
    for index in np.flatnonzero(~marked).tolist():
        marked[index] = _has_point(of.levels[0], gaps[index], float(dark[index]))
    return gaps[marked]


def _has_point(contrast: Image, gap: NDArray[np.floating], dark: float) -> bool:
    """Whether ink about as ``dark`` as the digits, contrast 0..255, stands in a gap by itself: what reaches its sides
    is theirs."""
    x0, y0, x1, y1 = (max(0, round(float(side))) for side in gap)
    window = contrast[y0:y1, x0:x1]
    if window.size == 0 or window.max() < STRONG * dark:
        return False
    # The shadow of a hand is no ink.
    shade = quantile(window, 0.5)
    ink = (window >= shade + STRONG * max(dark - shade, 1.0)).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, w, h = stats[1:, :4].T
    alone = (x > 0) & (y > 0) & (x + w < window.shape[1]) & (y + h < window.shape[0])
    size = np.maximum(w, h) / window.shape[0]
    return bool((alone & (size >= SETTINGS.least_point) & (size <= LARGEST)).any())
