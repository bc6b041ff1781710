"""Strips that are wider than a line model: where to cut them, and how to put together what was read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_digits.lines.ctc import Symbol
from edge_digits.model_input.normalize import LINE_PARAMETERS
from edge_digits.types import Image

LEAST_GAP = 3
"""So many columns without ink separate digits."""
OVERLAP = 72
"""Columns that neighbouring windows share where there is no gap: at least two digits."""
SAME_PLACE = 7.0
"""Columns: two windows place one digit no further apart than this."""
STEP = 4
"""Columns of one time step: windows start at a multiple of it."""
_FROM_ENDS = 16
"""Columns: no seam is nearer to the ends of what two windows share."""
LEAST_WIDTH = OVERLAP - _FROM_ENDS + OVERLAP // 2 + STEP
"""Columns of the narrowest windows that advance along a strip wherever the seam comes to lie."""


@dataclass(frozen=True)
class Window:
    """Columns ``start`` … ``stop`` - 1 of a strip. What is read in it counts from column ``first`` up to ``last``."""

    start: int
    stop: int
    first: float
    last: float


def windows(strip: Image, width: int) -> list[Window]:
    """Windows at most ``width`` columns wide that cover a strip (32, any width) and whose parts that count meet without
    a gap: cut at the widest gap within reach, overlapping where there is none. width: at least ``LEAST_WIDTH``."""
    end = strip.shape[1]
    empty = np.asarray(~(strip >= LINE_PARAMETERS.edge).any(axis=0), np.bool_)
    out: list[Window] = []
    start, first = 0, 0.0
    while end - start > width:
        gap = _widest_gap(empty, start + width // 3, start + width)
        if gap is not None:
            middle = (gap[0] + gap[1]) // 2
            out.append(Window(start, middle, first, middle))
            start, first = middle, float(middle)
            continue
        seam = _thinnest_column(strip, start + width - OVERLAP + _FROM_ENDS, start + width - _FROM_ENDS)
        out.append(Window(start, start + width, first, seam))
        start, first = (seam - OVERLAP // 2) // STEP * STEP, float(seam)
    return [*out, Window(start, end, first, float(end))]


def together(read: list[tuple[Window, list[Symbol]]]) -> list[Symbol]:
    """What the windows of one strip read, positions in the strip's columns; each digit once.

    read: each window with its symbols, positions counted from the window's start.
    """
    out: list[Symbol] = []
    end = 0
    for window, symbols in read:
        here = [replace(symbol, position=symbol.position + window.start) for symbol in symbols]
        both = _seen_twice(out, here, window.first) if window.start < end else None
        if both is None:
            out = [s for s in out if s.position < window.first] + [s for s in here if s.position >= window.first]
        else:
            left, right = both
            surer = max(out[left], here[right], key=lambda symbol: symbol.confidence)
            out = [*out[:left], surer, *here[right + 1 :]]
        end = window.stop
    return out


def _seen_twice(left: list[Symbol], right: list[Symbol], seam: float) -> tuple[int, int] | None:
    """Indices of the digit nearest to the seam that both windows read alike in the same place.

    There one reading can go over into the other, wherever each of them places a digit that stands on the seam.
    """
    pairs = []
    for index, symbol in enumerate(left):
        if not right:
            break
        other = min(range(len(right)), key=lambda i: abs(right[i].position - symbol.position))
        back = min(range(len(left)), key=lambda i: abs(left[i].position - right[other].position))
        apart = abs(right[other].position - symbol.position)
        if back == index and apart < SAME_PLACE and right[other].value == symbol.value:
            pairs.append((abs(symbol.position - seam), index, other))
    return min(pairs)[1:] if pairs else None


def _widest_gap(empty: NDArray[np.bool_], low: int, high: int) -> tuple[int, int] | None:
    """First and last-but-one column of the widest run without ink that lies between two columns."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty[low:high], [False]]).astype(np.int8)))
    starts, stops = edges[::2] + low, edges[1::2] + low
    if not len(starts) or (stops - starts).max() < LEAST_GAP:
        return None
    widest = int(np.argmax(stops - starts))
    return int(starts[widest]), int(stops[widest])


def _thinnest_column(strip: Image, low: int, high: int) -> int:
    """The column with the least ink around it."""
    ink = np.convolve(strip.sum(axis=0, dtype=np.float32), np.ones(3, np.float32) / 3, mode="same")
    return low + int(np.argmin(ink[low:high]))
