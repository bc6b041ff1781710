"""One row's digits and its other ink -> the text of a line, with spaces and question marks."""

from __future__ import annotations

import statistics
from itertools import pairwise

from edge_digits.charset import DIGITS, UNREADABLE
from edge_digits.types import Box, Digit


def line_text(digits: list[Digit], unread: list[Box]) -> str:
    """Text of a row from left to right.

    digits: at least one, by their left edge. unread: boxes of ink in the row that is not a digit; each group of them
    between two digits, or beside the first or last, becomes one ``?``. A space stands where the gap is clearly wider
    than the others, on the side of such ink that is the wider one.
    """
    height = statistics.median([digit.box.height for digit in digits])
    wide = _wide_gaps(digits, height)
    marks = sorted(unread, key=_middle)
    text, left = "", 0
    for index, digit in enumerate(digits):
        before = [box for box in marks[left:] if _middle(box) < _middle(digit.box)]
        left += len(before)
        space = " " if index > 0 and wide[index - 1] else ""
        if not before:
            text += space
        elif space and _is_nearer_left(before, digits[index - 1].box, digit.box):
            text += UNREADABLE + space
        else:
            text += space + UNREADABLE
        text += DIGITS[digit.value]
    return text + (UNREADABLE if left < len(marks) else "")


def _middle(box: Box) -> float:
    return box.x + box.width / 2


def _is_nearer_left(marks: list[Box], left: Box, right: Box) -> bool:
    """Whether marks between two digits belong to the left one rather."""
    return min(mark.x for mark in marks) - left.right < right.x - max(mark.right for mark in marks)


def _wide_gaps(digits: list[Digit], height: float) -> list[bool]:
    """For each gap between neighbours whether it separates numbers: twice as wide as is usual, or as wide as nobody
    writes a number."""
    gaps = [after.box.x - before.box.right for before, after in pairwise(digits)]
    if len(gaps) < 2:
        return [gap > 1.5 * height for gap in gaps]
    # The lower quartile, because in "12 34 56" every second gap separates.
    usual = max(statistics.quantiles(gaps, n=4, method="inclusive")[0], 0.0)
    return [gap > 0.8 * height and gap > min(2.0 * usual + 0.2 * height, 2.0 * height) for gap in gaps]
