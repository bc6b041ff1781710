"""Hypotheses that stand, and those that do not -> a page: text lines, and what was rejected, with its reason."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import CLIPPED, NONE
from edge_digits.lines.settings import SETTINGS
from edge_digits.lines.text import line_text
from edge_digits.page import Page
from edge_digits.selection.candidates import Candidates
from edge_digits.selection.overlaps import without_overlaps
from edge_digits.types import Box, Digit, Line, Rejected, union

SMALL = 12
"""Pixels of a digit, at the size at which a picture is read, below which none is promised to be read."""

SPECK = 0.35
"""Heights of a digit below which what is unread in its row is no part of a number: points stand in gaps."""


def build_page(
    candidates: Candidates,
    digits: NDArray[np.floating],
    confidence: NDArray[np.floating],
    rows: Sequence[Sequence[int]],
    doubtful: NDArray[np.intp],
    marks: NDArray[np.floating],
    skew: float,
    line_exponent: float,
) -> Page:
    """The page in pixels of the picture that was read.

    digits: (N, 10) chances of each digit. confidence: (N,) calibrated probability of each candidate being its likeliest
    digit. rows: indices of those that stand, row by row from left to right. doubtful: of those that stand and are too
    unsure. marks: (M, 4) boxes of what stands between digits and is none. skew: radians by which rows fall.
    line_exponent: the power of its digits' product that makes a line's confidence come true.
    """
    unread = [Rejected(box_of(candidates.boxes[i]), "low-confidence") for i in doubtful.tolist()]
    standing = np.array([*doubtful.tolist(), *(index for row in rows for index in row)], np.intp)
    unread += _unread(candidates, standing)
    unread = _with_marks(unread, marks)
    lines: list[Line] = []
    for row in rows:
        read = tuple(Digit(int(digits[i].argmax()), float(confidence[i]), box_of(candidates.boxes[i])) for i in row)
        beside = [r.box for r in unread if _stands_in(r.box, read, skew)]
        certain = math.prod(d.confidence for d in read) ** line_exponent
        lines.append(Line(line_text(list(read), beside), certain, union([d.box for d in read]), read))
    return Page(tuple(lines), tuple(unread))


def _unread(candidates: Candidates, chosen: NDArray[np.intp]) -> list[Rejected]:
    """Writing that is not read, each once, and nowhere where one of ``chosen`` stands."""
    writing = 1.0 - candidates.chances[:, NONE]
    worth = np.where(writing >= SETTINGS.least_unread, writing, 0.0)
    worth[chosen] = 2.0
    standing = without_overlaps(candidates.boxes, worth, np.flatnonzero(worth > 0))
    unread = standing[worth[standing] < 2.0]
    clipped = candidates.chances[unread].argmax(axis=1) == CLIPPED
    boxes = [box_of(candidates.boxes[index]) for index in unread.tolist()]
    return [Rejected(box, _reason(box, cut)) for box, cut in zip(boxes, clipped.tolist(), strict=True)]


def _reason(box: Box, is_clipped: bool) -> str:
    if is_clipped:
        return "clipped"
    return "too-small" if max(box.width, box.height) < SMALL else "not-a-digit"


def _with_marks(unread: list[Rejected], marks: NDArray[np.floating]) -> list[Rejected]:
    """``unread`` with the gaps ``marks`` (M, 4), each in the place of what is in it; where that is a digit that was too
    unsure or is cut off, the gap is the digit's."""
    digits = [one for one in unread if one.reason in ("low-confidence", "clipped")]
    gaps = [gap for gap in marks if not any(_inside(one.box, gap) for one in digits)]
    others = [one for one in unread if not any(_inside(one.box, gap) for gap in gaps)]
    return others + [Rejected(box_of(gap), "not-a-digit") for gap in gaps]


def _inside(box: Box, gap: NDArray[np.floating]) -> bool:
    """Whether the middle of a box lies in a gap."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return bool(gap[0] <= x <= gap[2] and gap[1] <= y <= gap[3])


def _stands_in(box: Box, digits: tuple[Digit, ...], skew: float) -> bool:
    """Whether a box stands in the row of ``digits``: level with the nearest of them."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    near = min(digits, key=lambda d: abs(d.box.x + d.box.width / 2 - x))
    away = y - (near.box.y + near.box.height / 2) - (x - near.box.x - near.box.width / 2) * math.tan(skew)
    if max(box.width, box.height) < SPECK * near.box.height:
        return False
    beside = abs(x - near.box.x - near.box.width / 2) < near.box.width / 2 + box.width / 2 + 2 * near.box.height
    return beside and abs(away) < SETTINGS.level * near.box.height


def box_of(sides: NDArray[np.floating]) -> Box:
    """Left, top, right and bottom (4,) as a box of whole pixels, one at least."""
    left, top, right, bottom = (round(float(side)) for side in sides)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
