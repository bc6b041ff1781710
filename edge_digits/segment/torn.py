"""Digits that came apart where the pen ran dry: pieces one above the other that are a digit only together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import Components
from edge_digits.types import union

_TALLEST_PIECE = 0.85
_TALLEST_WHOLE = 1.4
_LEAST_WHOLE = 0.6
_WIDEST_WHOLE = 1.3
"""Shares of the page's typical digit height."""
_LEAST_OVERLAP = 0.3
"""Share of the narrower piece's width that stands above or below the other."""
_MOST_GAP = 0.1
"""Gap between the pieces, as a share of the digit height."""


def with_torn_joined(components: Components, digit_height: float) -> Components:
    """The components, pieces of one digit made one. digit_height: typical height of a digit, pixels.

    Both pieces are shorter than a digit, nearly meet, stand mostly above one another, and make up a digit's height.
    """
    c = components
    short = np.flatnonzero((c.height < _TALLEST_PIECE * digit_height) & (c.height > 0.12 * digit_height))
    if len(short) < 2:
        return c
    joined: dict[int, int] = {}
    upper, lower = np.nonzero(_fit(c.only(short), digit_height))
    for top, bottom in zip(short[upper].tolist(), short[lower].tolist(), strict=True):
        # A piece of three would need another look at the sum; two is what strokes tear into.
        if bottom not in joined and top not in joined and bottom not in joined.values():
            joined[bottom] = top
    return _merged(c, joined) if joined else c


def _fit(c: Components, digit_height: float) -> NDArray[np.bool_]:
    """(N, N) bool: whether the row's component and, below it, the column's are one digit."""
    top, bottom, left, right = c.y, c.y + c.height, c.x, c.x + c.width
    # One after the other, so that a page full of specks needs room for one matrix of numbers and not for all.
    fit = (top[None, :] > top[:, None]) & (bottom[None, :] > bottom[:, None])
    gap = top[None, :] - bottom[:, None]
    fit &= (gap > -0.3 * digit_height) & (gap <= max(2.0, _MOST_GAP * digit_height))
    height = bottom[None, :] - top[:, None]
    fit &= (height >= _LEAST_WHOLE * digit_height) & (height <= _TALLEST_WHOLE * digit_height)
    del gap, height
    overlap = np.minimum(right[:, None], right[None, :]) - np.maximum(left[:, None], left[None, :])
    fit &= overlap >= _LEAST_OVERLAP * np.minimum(c.width[:, None], c.width[None, :])
    del overlap
    width = np.maximum(right[:, None], right[None, :]) - np.minimum(left[:, None], left[None, :])
    return fit & (width <= _WIDEST_WHOLE * digit_height)


def _merged(c: Components, joined: dict[int, int]) -> Components:
    """Each key's component made part of its value's."""
    labels = c.labels.copy()
    columns = {name: getattr(c, name).copy() for name in ("x", "y", "width", "height", "area")}
    for lower, upper in joined.items():
        box = c.box(lower)
        window = labels[box.y : box.bottom, box.x : box.right]
        window[window == c.label[lower]] = c.label[upper]
        whole = union([c.box(upper), box])
        for name, value in zip(("x", "y", "width", "height"), whole.as_list(), strict=True):
            columns[name][upper] = value
        columns["area"][upper] += c.area[lower]
    keep = np.ones(len(c), np.bool_)
    keep[list(joined)] = False
    return replace(c, labels=labels, **columns).only(keep)
