"""A number that its region's edge may have cut off: what reaches to the edge, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from device.scene.cut_off import may_be_cut
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Line, Rejected

PART = np.zeros((84, 240), np.uint8)


def page(left: int, top: int, *rejected: Box) -> Page:
    """Three digits of 30x48 pixels, the first one there."""
    digits = tuple(Digit(value, 0.9, Box(left + 40 * value, top, 30, 48)) for value in range(3))
    line = Line("012", 0.9, Box(left, top, 110, 48), digits)
    return Page((line,), tuple(Rejected(box, "not-a-digit") for box in rejected))


@pytest.mark.parametrize(
    ("left", "top", "cut"),
    [
        *[(60, 20, False), (0, 20, True), (4, 20, True), (8, 20, False), (130, 20, True), (122, 20, False)],
        *[(60, 0, True), (60, 3, True), (60, 36, True), (60, 28, False)],
    ],
)
def test_a_digit_within_a_stroke_of_the_edge_may_be_cut(left: int, top: int, cut: bool) -> None:
    assert may_be_cut(page(left, top), PART) is cut


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        (Box(0, 25, 20, 40), True),
        (Box(190, 0, 10, 66), True),
        (Box(20, 25, 20, 40), False),
        (Box(0, 40, 3, 6), False),
        (Box(0, 70, 20, 14), False),
        (Box(235, 0, 5, 84), False),
    ],
    ids=["part of a digit", "at the top", "away from it", "a speck", "below the row", "a line of the paper"],
)
def test_ink_at_the_edge_counts_if_it_could_be_a_digit_of_the_row(box: Box, cut: bool) -> None:
    assert may_be_cut(page(60, 20, box), PART) is cut


def test_where_nothing_is_read_nothing_is_cut() -> None:
    assert not may_be_cut(Page((), (Rejected(Box(0, 20, 20, 48), "clipped"),)), PART)
