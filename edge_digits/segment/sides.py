"""The upright sides of boxes and squares, which are left when their level lines have been taken out."""

from __future__ import annotations

import statistics

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.ink import PageInk
from edge_digits.segment.components import INK_THRESHOLD, Components, mean_of
from edge_digits.segment.rules import median_run
from edge_digits.types import Box, Image, as_image

_COVERED = 0.85
"""Share of the rows beyond a line in which an upright that goes on there was taken out."""

_SIMILAR, _AT_LEAST = 1.1, 0.95
"""Of the contrast of the lines, from which on a 1 is surely written with a pen; and one that is thicker than lines."""
_MOST_THICKNESS = 1.5
"""Of a side, beside the lines around it."""


def sides_between_lines(
    components: Components, page: PageInk, taken_out: Image, frames: Image | None = None
) -> NDArray[np.bool_]:
    """(N,) bool: thin upright components that reach from one line to another, alone or one above the other: what is
    left of a row of boxes. And those that begin at a line beyond which they were taken out: what is left where a sheet
    of squares ends, or the lines of a table stick out.

    page: what ``components`` are of. taken_out: (H, W) uint8, not 0 where lines were. frames: the same for frames, in
    which a 1 may fill its box; None if there were none.
    """
    c = components
    found = np.zeros(len(c), np.bool_)
    lines = taken_out if frames is None else as_image(cv2.max(taken_out, frames))
    thin = np.flatnonzero((c.width < 0.35 * c.height) & (c.height >= 16)).tolist()
    ended = {index: ends for index in thin if any(ends := _on_lines(c.box(index), lines))}
    ended = {index: ended[index] for index in _no_ones(c, list(ended), page, lines)}
    ends = ended if frames is None else {index: _on_lines(c.box(index), taken_out) for index in ended}
    found[[index for index, (above, below) in ends.items() if above and below]] = True
    lower = [index for index, (above, below) in ends.items() if below and not above]
    for one in (index for index, (above, below) in ends.items() if above and not below):
        for other in lower:
            gap = c.y[other] - (c.y[one] + c.height[one])
            apart = abs((c.x[one] + c.width[one] / 2) - (c.x[other] + c.width[other] / 2))
            if 0 <= gap <= c.height[[one, other]].max() and apart <= c.width[[one, other]].max():
                found[[one, other]] = True
    loose = {index: either for index, either in ended.items() if not found[index]}
    if loose:
        gone = _with(components, np.flatnonzero(found).tolist(), lines)
        found[[index for index, either in loose.items() if _goes_on(c, index, gone, either)]] = True
    return found


def _no_ones(c: Components, ends: list[int], page: PageInk, lines: Image) -> list[int]:
    """Which components of ``ends`` are no 1 that is written from line to line: not darker than the ``lines``."""
    if not ends:
        return []
    thickness = _MOST_THICKNESS * median_run(_above(lines[:, ::8], 0)) + 1
    is_thick = c.area[ends] > thickness * c.height[ends]
    darkest = np.where(is_thick, _AT_LEAST, _SIMILAR) * _contrast_of(page, lines)
    is_faint = mean_of(c.only(np.array(ends, np.intp)), page.contrast) <= darkest
    return [index for index, faint in zip(ends, is_faint, strict=True) if faint]


def _contrast_of(page: PageInk, lines: Image) -> float:
    """Of the page's ruling, or of the other ``lines`` if these are darker."""
    drawn = _above(lines, INK_THRESHOLD - 1)
    if page.ruling is None:
        return _of_darker_half(page.contrast, drawn)
    ruled = _above(page.ruling, 0)
    later = as_image(cv2.subtract(drawn, ruled))
    return max(_of_darker_half(page.ruling, ruled), _of_darker_half(page.contrast, later))


def _of_darker_half(contrast: Image, where: Image) -> float:
    """The mean without the edges of lines; 0 without any lines. contrast, where: (H, W) uint8."""
    counts = cv2.calcHist([contrast], [0], where, [256], [0, 256]).ravel().astype(np.float64)
    if not counts.any():
        return 0.0
    levels = np.arange(256.0)
    darker = levels > np.average(levels, weights=counts) - 0.5
    return float(np.average(levels[darker], weights=counts[darker]))


def _above(picture: Image, level: float) -> Image:
    """255 where ``picture`` (H, W) is above ``level``, else 0."""
    return as_image(cv2.threshold(picture, level, 255, cv2.THRESH_BINARY)[1])


def _on_lines(box: Box, taken_out: Image) -> tuple[bool, bool]:
    """Whether a line ran along the top of ``box``, and along its bottom."""
    reach, beside = max(3, box.height // 12), box.height // 5
    above, below = (
        Box(box.x - beside, level - reach, box.width + 2 * beside, 2 * reach).cut(taken_out).any(axis=0).sum()
        for level in (box.y, box.bottom)
    )
    return bool(above >= 0.6 * beside), bool(below >= 0.6 * beside)


def _with(c: Components, members: list[int], lines: Image) -> Image:
    """``lines`` (H, W) with some components; the same array if there are none."""
    if not members:
        return lines
    gone = lines.copy()
    for index in members:
        box = c.box(index)
        box.cut(gone)[c.own(index)] = 255
    return gone


def _goes_on(c: Components, index: int, gone: Image, ended: tuple[bool, bool]) -> bool:
    """Whether component ``index`` goes on beyond an end, along its own slope and for as long as it is high, as what is
    ``gone`` (H, W). ended: whether its top may be such an end, and its bottom."""
    box = c.box(index)
    own = c.own(index)
    middle = (own.argmax(axis=1) + own.shape[1] - 1 - own[:, ::-1].argmax(axis=1)) / 2
    half = box.height // 2
    upper, lower = (statistics.median(part.tolist()) for part in (middle[:half], middle[-half:]))
    beside = np.arange(-2 - box.height // 20, 3 + box.height // 20)
    for first, is_end in zip((-box.height, box.height), ended, strict=True):
        if not is_end:
            continue
        row = np.arange(first, first + box.height)
        column = upper + (lower - upper) / (box.height - half) * (row - (half - 1) / 2)
        y, x = box.y + row, box.x + np.rint(column).astype(np.intp)
        if y[0] >= 0 and y[-1] < gone.shape[0]:
            near = np.clip(x[:, None] + beside, 0, gone.shape[1] - 1)
            if gone[y[:, None], near].any(axis=1).mean() >= _COVERED:
                return True
    return False
