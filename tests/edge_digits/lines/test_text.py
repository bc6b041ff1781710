"""Promises of edge_digits.lines.text: the text of a line."""

from __future__ import annotations

import pytest

from edge_digits.lines.text import line_text
from edge_digits.types import Box, Digit


def _digits(lefts: list[int], width: int = 20, height: int = 40) -> list[Digit]:
    return [Digit(i % 10, 0.9, Box(x, 0, width, height)) for i, x in enumerate(lefts)]


@pytest.mark.parametrize(
    ("lefts", "text"),
    [
        ([0], "0"),
        ([0, 30, 60, 90], "0123"),
        ([0, 90, 180, 270], "0123"),
        ([0, 120, 240, 360], "0 1 2 3"),
        ([0, 30, 130, 160], "01 23"),
        ([0, 30, 130, 160, 260, 290], "01 23 45"),
        ([0, 120], "0 1"),
        ([0, 40], "01"),
    ],
)
def test_a_space_stands_where_a_gap_is_clearly_wider_than_the_others(lefts: list[int], text: str) -> None:
    assert line_text(_digits(lefts), []) == text


def test_unread_ink_between_digits_becomes_one_question_mark() -> None:
    assert line_text(_digits([0, 30, 80]), [Box(55, 30, 5, 5), Box(62, 30, 5, 5)]) == "01?2"


def test_unread_ink_at_the_ends_shows_too() -> None:
    assert line_text(_digits([30, 60]), [Box(0, 0, 20, 40), Box(90, 0, 20, 40)]) == "?01?"


@pytest.mark.parametrize(("mark", "text"), [(24, "0? 12"), (140, "0 ?12"), (82, "0 ? 12")])
def test_a_space_stands_on_the_side_of_unread_ink_where_the_gap_is(mark: int, text: str) -> None:
    assert line_text(_digits([0, 160, 190]), [Box(mark, 10, 16, 20)]) == text


def test_a_digit_that_is_not_read_leaves_no_space() -> None:
    assert line_text(_digits([0, 80]), [Box(40, 0, 20, 40)]) == "0?1"
