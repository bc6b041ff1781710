"""Where a line reader's digits part: the columns with the least ink between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from edge_digits.lines.ctc import Symbol
from edge_digits.types import Image

MIDDLE = 0.25
"""Share of the way from one digit's middle to the next that is its own: a digit is nowhere as thin as at its ends, but
a 0 is thin in its middle."""


def seams(ink: Image, symbols: Sequence[Symbol]) -> list[int]:
    """The columns before which each of ``symbols`` but the first begins. ink: (h, w) uint8, in which they were read."""
    amount = np.convolve(ink.sum(axis=0, dtype=np.float32), np.ones(3, np.float32) / 3, mode="same")
    columns = []
    for before, after in pairwise(symbols):
        apart = after.position - before.position
        low = int(before.position + MIDDLE * apart)
        high = max(low + 1, int(np.ceil(after.position - MIDDLE * apart)))
        among = amount[low : high + 1]
        thinnest = np.flatnonzero(among <= among.min() + 1e-3) if len(among) else np.array([0])
        columns.append(low + int(thinnest[len(thinnest) // 2]))
    return columns
