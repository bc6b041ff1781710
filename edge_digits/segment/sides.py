"""The upright sides of a row of boxes, which are left when its level lines have been taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import Components
from edge_digits.types import Box, Image


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
