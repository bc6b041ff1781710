"""Values: what number a text is, and which mark is a decimal point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.guard.values import in_words, number_of, plain_number, with_point
from edge_digits.types import Box, Digit, Line, Rejected

POINT = Box(98, 52, 8, 9)


def row(text: str, *marks: Box) -> tuple[Line, list[Rejected]]:
    """A row whose digits are 30 wide, 50 high and 20 apart, and ink beside them."""
    digits = [character for character in text if character.isdigit()]
    boxes = [Box(50 * place, 10, 30, 50) for place in range(len(digits))]
    line = Line(
        text, 0.9, Box(0, 10, 300, 50), tuple(Digit(int(d), 0.9, b) for d, b in zip(digits, boxes, strict=True))
    )
    return line, [Rejected(mark, "not-a-digit") for mark in marks]


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("1234", None, 1234.0),
        ("12 34", None, 1234.0),
        ("007", None, 7.0),
        ("1234", 0, 1234.0),
        ("1234", 2, 12.34),
        ("5", 3, 0.005),
        ("12.5", "seen", 12.5),
        ("125", "seen", 125.0),
        ("12.5", 1, 12.5),
        ("12?5", None, None),
        ("1.2.5", "seen", None),
        ("", None, None),
        ("٣", None, None),
        (400 * "9", None, None),
    ],
)
def test_a_text_is_a_number_or_none(text: str, decimals: int | str | None, value: float | None) -> None:
    assert number_of(text, decimals) == value


@given(st.integers(0, 10**12), st.integers(0, 6))
def test_a_value_is_the_float_nearest_to_what_is_written(number: int, decimals: int) -> None:
    written = f"{number:0{decimals + 1}d}"
    at = len(written) - decimals
    assert number_of(written, decimals) == float(f"{written[:at]}.{written[at:]}")


@pytest.mark.parametrize(
    ("text", "decimals", "mark", "expected"),
    [
        ("12?5", "seen", POINT, "12.5"),
        ("12? 5", "seen", POINT, "12.5"),
        ("12?5", 1, POINT, "12.5"),
        ("12?5", 2, POINT, "12?5"),
        ("12?5", None, POINT, "12?5"),
        ("12?5", 0, POINT, "12?5"),
        ("12?5", "seen", Box(88, 10, 25, 50), "12?5"),
        ("12?5", "seen", Box(98, 30, 8, 9), "12?5"),
        ("12?5", "seen", Box(98, 12, 8, 9), "12?5"),
        ("12?5", "seen", Box(98, 400, 8, 9), "12?5"),
        ("?25", "seen", Box(-10, 52, 8, 9), "?25"),
        ("1?2?5", "seen", POINT, "1?2?5"),
    ],
)
def test_a_small_mark_at_the_digits_feet_is_a_point(
    text: str, decimals: int | str | None, mark: Box, expected: str
) -> None:
    line, rejected = row(text, mark)
    assert with_point(line, rejected, decimals).text == expected


def test_two_marks_or_none_that_is_known_are_no_point() -> None:
    line, rejected = row("12?5", POINT, Box(98, 20, 8, 9))
    assert with_point(line, rejected, "seen").text == "12?5"
    assert with_point(line, [], "seen").text == "12?5"


def test_values_are_written_as_people_write_them() -> None:
    assert [in_words(value) for value in (1234.0, 12.5, 0.005, -3.0)] == ["1234", "12.5", "0.005", "-3"]
    assert in_words(12.3 - 12.2, "+") == "+0.1"
    assert [repr(plain_number(value)) for value in (1234.0, 12.5, None, 1e300)] == ["1234", "12.5", "None", "1e+300"]
