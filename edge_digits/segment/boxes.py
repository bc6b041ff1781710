"""Boxes that a form prints around its digits: components that surround others and are nothing but their sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import Components
from edge_digits.types import Box, Image

_LEAST_SHARE = 0.35
"""What stands in a box is at least this share of its height; a dot in a 0 is not."""
_MOST_LENGTH = 1.3
"""A box is at most so many times as much line as its sides; with a digit that touches it is more."""


def boxes_around_others(components: Components) -> NDArray[np.bool_]:
    """(N,) bool: components that are a box, or a row of boxes, around other components."""
    c = components
    found = np.zeros(len(c), np.bool_)
    hollow = np.flatnonzero((c.area < 0.4 * c.width * c.height) & (c.height >= 16) & (c.width >= 10))
    inside = _inside(c, hollow).sum(axis=1)
    for index, cells in zip(hollow[inside > 0].tolist(), inside[inside > 0].tolist(), strict=True):
        x, y, width, height = c.box(index).as_list()
        own = c.labels[y : y + height, x : x + width] == c.label[index]
        sides = 2 * width + (max(cells, round(width / height)) + 1) * height
        found[index] = _has_four_sides(own) and c.area[index] <= _MOST_LENGTH * sides * _thickness(own)
    return found


def _inside(c: Components, boxes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(len(boxes), N) bool: whether the column's component stands in the middle of the row's, and is large enough to
    be what was written there."""
    x, y, width, height = (v[boxes][:, None] for v in (c.x, c.y, c.width, c.height))
    inside = (c.x > x) & (c.x + c.width < x + width) & (c.y > y) & (c.y + c.height < y + height)
    off_middle = np.abs(c.y + c.height / 2 - y - height / 2)
    return inside & (c.height >= _LEAST_SHARE * height) & (off_middle < 0.3 * height)


def sides_between_lines(components: Components, taken_out: Image) -> NDArray[np.bool_]:
    """(N,) bool: thin upright components that reach from one line to another, alone or one above the other: what is
    left of a row of boxes.

    taken_out: (H, W) uint8, not 0 where lines were.
    """
    c = components
    found = np.zeros(len(c), np.bool_)
    thin = np.flatnonzero((c.width < 0.35 * c.height) & (c.height >= 16))
    ends = {int(index): _on_lines(c.box(int(index)), taken_out) for index in thin}
    found[[index for index, (above, below) in ends.items() if above and below]] = True
    lower = [index for index, (above, below) in ends.items() if below and not above]
    for upper in (index for index, (above, below) in ends.items() if above and not below):
        for index in lower:
            gap = c.y[index] - (c.y[upper] + c.height[upper])
            apart = abs((c.x[upper] + c.width[upper] / 2) - (c.x[index] + c.width[index] / 2))
            if 0 <= gap <= c.height[[upper, index]].max() and apart <= c.width[[upper, index]].max():
                found[[upper, index]] = True
    return found


def _on_lines(box: Box, taken_out: Image) -> tuple[bool, bool]:
    """Whether a line ran along the top of ``box``, and along its bottom."""
    reach, beside = max(3, box.height // 12), box.height // 5
    above, below = (
        Box(box.x - beside, level - reach, box.width + 2 * beside, 2 * reach).cut(taken_out).any(axis=0).sum()
        for level in (box.y, box.bottom)
    )
    return bool(above >= 0.6 * beside), bool(below >= 0.6 * beside)


def _has_four_sides(own: NDArray[np.bool_]) -> bool:
    """Whether ``own`` (h, w) is closed at the top, the bottom and both ends, as a line with letters on it is not."""
    quarter = max(2, own.shape[0] // 4)
    sides = (own[:quarter], own[-quarter:], own[:, :quarter].T, own[:, -quarter:].T)
    return all(float(side.any(axis=0).mean()) >= 0.9 for side in sides)


def _thickness(own: NDArray[np.bool_]) -> float:
    """Typical thickness in pixels of the lines of ``own`` (h, w): the shorter of the median runs down and across."""
    return min(_median_run(own), _median_run(own.T))


def _median_run(own: NDArray[np.bool_]) -> float:
    padded = np.pad(own, ((1, 1), (0, 0))).T
    change = np.flatnonzero(np.diff(padded.astype(np.int8).ravel()))
    return float(np.median(change[1::2] - change[::2]))
