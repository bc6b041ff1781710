"""Gaps between neighbouring digits of a row, as the judge's second stage sees them: is there a mark, or nothing?

A decimal point is smaller than the least hypothesis, and only its place between two digits tells it from a speck. So a
gap is shown as a hypothesis of a digit's size would be, with no pixels of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.context import Pyramid, cut_views, joined, scaled, shown, windows_of
from edge_digits.model_input.normalize import PARAMETERS
from edge_digits.model_input.views import SETTINGS, judge_input

LEAST_WIDTH = 0.3
"""Of a gap, in heights of the digits."""

WIDEST = 2.5
"""Heights between two digits of a row in which a mark is looked for."""

_BELOW = 0.2
"""Heights by which a gap reaches below and above its digits: a comma hangs."""

STRONG = 0.5
"""Share of a view's darkest contrast from which a pixel is ink."""


def gap_boxes(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.float32]:
    """The gaps (N, 4) between digits ``left`` and their neighbours ``right`` (N, 4): left, top, right, bottom."""
    height = ((left[:, 3] - left[:, 1]) + (right[:, 3] - right[:, 1])) / 2
    middle = (left[:, 2] + right[:, 0]) / 2
    half = np.maximum(right[:, 0] - left[:, 2], LEAST_WIDTH * height) / 2
    top, bottom = (left[:, 1] + right[:, 1]) / 2, (left[:, 3] + right[:, 3]) / 2
    sides = (middle - half, top - _BELOW * height, middle + half, bottom + _BELOW * height)
    return np.stack(sides, axis=1).astype(np.float32)


def gap_input(of: Pyramid, boxes: NDArray[np.floating], beyond: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Ink (N, 28, 28) and surroundings (N, 3, size, size) uint8 of the gaps ``boxes`` (N, 4); see ``judge_input``.

    beyond: what shows where the picture ends.
    """
    s = SETTINGS
    close = windows_of(boxes, 1.0, PARAMETERS.size)
    near, far = (windows_of(boxes, times, s.size) for times in (s.near, s.far))
    at = joined(near, far)
    seen = cut_views(of, at)
    strength = _strength(seen[: len(boxes)])
    around, beyond_it = np.split(shown(seen, of, at, np.tile(strength, 2), beyond), 2)
    ink = scaled(cut_views(of, close), strength)
    return ink, np.stack([around, np.zeros_like(around), beyond_it]).transpose(1, 0, 2, 3)


def gap_views(of: Pyramid, boxes: NDArray[np.floating], beyond: int) -> NDArray[np.uint8]:
    """The second stage's input (N, 4, size, size) uint8 for the gaps ``boxes`` (N, 4)."""
    return judge_input(*gap_input(of, boxes, beyond))


def _strength(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N,) float32: the contrast of the digits beside each gap."""
    strong = views >= np.maximum(STRONG * views.max(axis=(1, 2), initial=0), 1.0)[:, None, None]
    total = np.where(strong, views, 0).sum(axis=(1, 2), dtype=np.float64)
    return (total / np.maximum(np.count_nonzero(strong, axis=(1, 2)), 1)).astype(np.float32)
