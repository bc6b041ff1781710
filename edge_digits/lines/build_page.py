"""Hypotheses that stand, and those that do not -> a page: text lines, and what was rejected, with its reason."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.classes import CLIPPED, MARK, SEVERAL
from edge_digits.layout import line_text
from edge_digits.lines.grouping import LEVEL, group_lines
from edge_digits.lines.skew import estimate_skew
from edge_digits.selection.candidates import Candidates
from edge_digits.selection.tree_cut import without_overlaps
from edge_digits.types import Box, Digit, Line, Page, Rejected, union

LEAST_UNREAD = 0.5
"""Chance of being writing that is not read from which it shows as ``?`` in its row, or is listed."""


def build_page(
    candidates: Candidates,
    chosen: NDArray[np.intp],
    confidence: NDArray[np.floating],
    least_confidence: float,
    line_exponent: float,
) -> Page:
    """The page in pixels of the picture that was read.

    chosen: indices of the hypotheses that stand. confidence: (N,) calibrated probability of each being its likeliest
    digit. least_confidence: what is less sure is rejected. line_exponent: the power of its digits' product that makes a
    line's confidence come true.
    """
    sure = chosen[confidence[chosen] >= least_confidence]
    doubtful = chosen[confidence[chosen] < least_confidence]
    unread = [Rejected(_box(candidates.boxes[i]), "low-confidence") for i in doubtful.tolist()]
    unread += _unread(candidates, chosen)
    boxes = candidates.boxes[sure]
    skew = estimate_skew(boxes)
    rows = group_lines(boxes, skew)
    values = candidates.digits[sure].argmax(axis=1) if len(sure) else np.zeros(0, np.intp)
    lines: list[Line] = []
    for row in rows:
        digits = tuple(Digit(int(values[i]), float(confidence[sure[i]]), _box(boxes[i])) for i in row)
        beside = [r.box for r in unread if _stands_in(r.box, digits, skew)]
        text = line_text(list(digits), beside)
        certain = math.prod(d.confidence for d in digits) ** line_exponent
        lines.append(Line(text, certain, union([d.box for d in digits]), digits))
    return Page(tuple(lines), tuple(unread))


def _unread(candidates: Candidates, chosen: NDArray[np.intp]) -> list[Rejected]:
    """Writing that is not read, each once, and nowhere where a digit stands."""
    chances = candidates.chances
    is_digit = chances[:, :REJECT].sum(axis=1)
    writing = is_digit + chances[:, SEVERAL] + chances[:, CLIPPED] + chances[:, MARK]
    worth = np.where(writing >= LEAST_UNREAD, writing, 0.0)
    worth[chosen] = 2.0
    order = np.flatnonzero(worth > 0)
    standing = without_overlaps(candidates.boxes, worth, order)
    found: list[Rejected] = []
    for index in standing[worth[standing] < 2.0].tolist():
        own = {
            "clipped": float(chances[index, CLIPPED]),
            "low-confidence": float(is_digit[index]),
            "not-a-digit": float(chances[index, SEVERAL] + chances[index, MARK]),
        }
        found.append(Rejected(_box(candidates.boxes[index]), max(own, key=lambda reason: own[reason])))
    return found


def _stands_in(box: Box, digits: tuple[Digit, ...], skew: float) -> bool:
    """Whether a box stands in the row of ``digits``: level with the nearest of them."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    near = min(digits, key=lambda d: abs(d.box.x + d.box.width / 2 - x))
    away = y - (near.box.y + near.box.height / 2) - (x - near.box.x - near.box.width / 2) * math.tan(skew)
    beside = abs(x - near.box.x - near.box.width / 2) < near.box.width / 2 + box.width / 2 + near.box.height
    return beside and abs(away) < LEVEL * near.box.height


def _box(sides: NDArray[np.floating]) -> Box:
    left, top, right, bottom = (round(float(side)) for side in sides)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
