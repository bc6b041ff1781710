"""One row's digits and its other ink -> the text of a line, with spaces and question marks."""

from __future__ import annotations

import statistics
from itertools import groupby, pairwise

from edge_digits.charset import DIGITS, UNREADABLE
from edge_digits.types import Box, Digit, union


def line_text(digits: list[Digit], unread: list[Box]) -> str:
    """Text of a row from left to right.

    digits: at least one, by their left edge. unread: boxes of ink in the row that is not a digit; each group of them
    between two digits, or beside the first or last, becomes one ``?``. A space stands where the gap is clearly wider
    than the others.
    """
    written = [(digit.box, DIGITS[digit.value]) for digit in digits] + [(box, UNREADABLE) for box in unread]
    written.sort(key=lambda one: one[0].x + one[0].width / 2)
    signs: list[tuple[Box, str]] = []
    for is_unread, group in groupby(written, key=lambda one: one[1] == UNREADABLE):
        members = list(group)
        signs += [(union([box for box, _ in members]), UNREADABLE)] if is_unread else members
    wide = _wide_gaps(signs, statistics.median([digit.box.height for digit in digits]))
    spaces = ["", *(" " if is_wide else "" for is_wide in wide)]
    return "".join(space + sign for space, (_, sign) in zip(spaces, signs, strict=True))


def _wide_gaps(signs: list[tuple[Box, str]], height: float) -> list[bool]:
    """For each gap between neighbours whether it separates numbers: twice as wide as is usual between digits, or as
    wide as nobody writes a number."""
    pairs = list(pairwise(signs))
    gaps = [after.x - before.right for (before, _), (after, _) in pairs]
    usual = [gap for gap, pair in zip(gaps, pairs, strict=True) if all(sign != UNREADABLE for _, sign in pair)]
    if len(usual) < 2:
        return [gap > 1.5 * height for gap in gaps]
    # The lower quartile, because in "12 34 56" every second gap separates.
    near = max(statistics.quantiles(usual, n=4, method="inclusive")[0], 0.0)
    return [gap > 0.8 * height and gap > min(2.0 * near + 0.2 * height, 2.0 * height) for gap in gaps]
