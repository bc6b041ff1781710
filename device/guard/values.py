"""What number a text is: digits, decimals, and the decimal point among a row's marks."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from device.config.regions import MOST_DECIMALS, SEEN
from edge_digits.charset import UNREADABLE
from edge_digits.types import Box, Line, Rejected

POINT = "."

_LARGEST = 0.45
"""Width and height of a point or comma at most, in heights of a digit; more is a digit that could not be read."""

_LOW = 0.6
"""Least place of its middle, from the digits' top, 0, to their bottom, 1; times dots and apostrophes stand higher."""


def number_of(text: str, decimals: int | str | None = None) -> float | None:
    """The number that ``text`` is, None if part of its ink was not read, or it is too large for one.

    decimals: as a ``RegionRule`` has it; a point in the text wins over it.
    """
    plain = plain_digits(text)
    if not plain:
        return None
    shift = decimals_of(text, decimals)
    # Not divided: the nearest float is that of the decimal text.
    value = float(f"{plain}e-{shift}")
    return value if math.isfinite(value) else None


def plain_digits(text: str) -> str:
    """The digits of ``text``, "" if it holds anything but digits, spaces and one point between them."""
    digits = text.replace(" ", "").replace(POINT, "", 1)
    return digits if digits.isascii() and digits.isdigit() else ""


def decimals_of(text: str, decimals: int | str | None) -> int:
    """How many of the digits of ``text`` stand behind the point."""
    if POINT in text:
        return len(text.replace(" ", "").partition(POINT)[2])
    return decimals if isinstance(decimals, int) else 0


def in_words(value: float, sign: str = "") -> str:
    """A value for people: no more decimals than it has. sign: "+" shows that of a positive one too."""
    text = f"{value:{sign}.{MOST_DECIMALS}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_value(text: str, value: float | None) -> str:
    """A number as it was read, for people, and its value where that does not say the same."""
    return text if value is None or value == number_of(text) else f"{text} = {in_words(value)}"


def plain_number(value: float | None) -> float | int | None:
    """A value for JSON: a whole number without a point, as people write it."""
    if value is None or not value.is_integer() or abs(value) >= 2**53:
        return value
    return int(value)


def with_point(line: Line, rejected: Sequence[Rejected], decimals: int | str | None) -> Line:
    """The line with a "." for the ``?`` that is a decimal point; as it is where there is none.

    rejected: ink of the picture that was not read. A ``?`` between two digits is a point if all ink there is one small
    piece at the digits' feet; with a fixed number of decimals it must stand before so many digits.
    """
    if decimals is None or decimals == 0 or line.text.count(UNREADABLE) != 1:
        return line
    before, _, after = line.text.partition(UNREADABLE)
    left, right = len(before.replace(" ", "")), len(after.replace(" ", ""))
    if not left or not right or left + right != len(line.digits) or (decimals != SEEN and right != decimals):
        return line
    gap = line.digits[left - 1].box, line.digits[left].box
    between = [item.box for item in rejected if _is_between(item.box, *gap)]
    height = statistics.median(digit.box.height for digit in line.digits)
    if len(between) != 1 or not _is_point(between[0], gap, height):
        return line
    return replace(line, text=f"{before.rstrip()}{POINT}{after.lstrip()}")


def _is_between(box: Box, left: Box, right: Box) -> bool:
    """Whether ink stands between two digits and not in another row."""
    top, bottom = min(left.y, right.y), max(left.bottom, right.bottom)
    height = bottom - top
    middle = box.x + box.width / 2
    inside = left.x + left.width / 2 <= middle <= right.x + right.width / 2
    return inside and box.y < bottom + height / 2 and box.bottom > top - height / 4


def _is_point(box: Box, gap: tuple[Box, Box], height: float) -> bool:
    top, bottom = statistics.mean(b.y for b in gap), statistics.mean(b.bottom for b in gap)
    level = (box.y + box.height / 2 - top) / max(bottom - top, 1.0)
    return max(box.width, box.height) <= _LARGEST * height and level >= _LOW
