"""Digits -> text lines: chains of neighbours that stand level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.lines.settings import SETTINGS

_ASIDE = 2.0
"""How much more standing higher or lower counts than standing further along."""
_SMALLER, _REACH, _REACHES_INTO = 0.75, 2.5, 0.45
"""Of a superscript or subscript: its height, and how far along it stands at most, in heights of the nearest digit of
its row, since a letter or an operator stands between; and how much higher or lower, in heights of both: at half they
would only touch."""


def group_lines(boxes: NDArray[np.floating], skew: float) -> list[list[int]]:
    """Rows from top to bottom, each the indices of its digits from left to right.

    boxes: (N, 4), left, top, right, bottom in pixels. skew: radians by which rows fall to the right. Each digit is
    followed by the nearest one to its right that stands level with it, where that one has no nearer to its left. A row
    goes on across any gap; exponents and indices belong to the row that they stand beside.
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
    rows = _with_scripts(rows, along, across, h)
    return sorted(rows, key=lambda row: float(np.mean(across[row])))


def _with_scripts(
    rows: list[list[int]], along: NDArray[np.floating], across: NDArray[np.floating], h: NDArray[np.floating]
) -> list[list[int]]:
    """``rows`` with superscripts and subscripts among the digits that they stand beside: rows of which all digits are
    smaller than the nearest of another row, and reach into that one's height."""
    row_of = np.empty(len(h), np.intp)
    for number, row in enumerate(rows):
        row_of[row] = number
    tallest = np.array([h[row].max() for row in rows])
    small = np.flatnonzero(tallest < _SMALLER * h.max())
    for number in small[np.argsort(tallest[small], kind="stable")].tolist():
        row = rows[number]
        aside = np.minimum(np.abs(along - along[row[0]]), np.abs(along - along[row[-1]]))
        into = np.abs(across - across[row].mean()) < _REACHES_INTO * (h + tallest[number])
        beside = into & (tallest[number] < _SMALLER * h) & (aside < _REACH * h) & (row_of != number)
        if beside.any():
            row_of[row_of == number] = row_of[np.where(beside, aside, np.inf).argmin()]
    members = (np.flatnonzero(row_of == number) for number in range(len(rows)))
    return [index[np.argsort(along[index], kind="stable")].tolist() for index in members if len(index)]
