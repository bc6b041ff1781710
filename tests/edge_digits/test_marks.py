"""Promises of edge_digits.marks: small marks of the pen show in a line's text, specks and pieces of digits do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from written import MARKS, written

from edge_digits.reader import DigitReader, open_reader
from edge_digits.types import Image


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return open_reader("auto")


def _sheet(seed: int, text: str, width: float, height: float = 48.0) -> Image:
    return written(seed, text, width, height)[0]


def _texts(reader: DigitReader, picture: Image) -> list[str]:
    return [line.text.replace(" ", "") for line in reader.read(picture).lines]


@pytest.mark.parametrize("width", [2.0, 4.0, 8.0])
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_between_digits_shows(reader: DigitReader, mark: str, width: float) -> None:
    texts = [_texts(reader, _sheet(seed, f"82{mark}5", width)) for seed in range(6)]
    assert texts.count(["82?5"]) >= 5, texts


def test_a_number_without_marks_has_none(reader: DigitReader) -> None:
    for seed in range(6):
        assert _texts(reader, _sheet(seed, "825", 4.0)) == ["825"]


@pytest.mark.parametrize("mark", ["-", "."])
def test_a_mark_before_a_number_shows(reader: DigitReader, mark: str) -> None:
    assert _texts(reader, _sheet(1, f"{mark}82", 4.0)) == ["?82"]


def test_the_full_stop_behind_a_number_does_not_change_it(reader: DigitReader) -> None:
    assert _texts(reader, _sheet(1, "825.", 4.0)) == ["825"]


def test_a_mark_is_listed_once(reader: DigitReader) -> None:
    for seed in range(6):
        page = reader.read(_sheet(seed, "82-5", 4.0))
        assert [rejected.reason for rejected in page.rejected] == ["not-a-digit"]


def _with_specks(picture: Image, places: list[tuple[float, float]], width: float, level: int) -> Image:
    """A copy with round specks of ``width`` pixels."""
    picture = picture.copy()
    for x, y in places:
        cv2.circle(picture, (round(16 * x), round(16 * y)), round(8 * width), (level,), -1, cv2.LINE_AA, 4)
    return picture


def _gap(reader: DigitReader, picture: Image) -> tuple[float, float]:
    """Where a point would stand between the last two digits."""
    (line,) = reader.read(picture).lines
    before, after = line.digits[-2].box, line.digits[-1].box
    return (before.right + after.x) / 2, before.bottom - 5


@pytest.mark.parametrize(("width", "level", "shows"), [(5.0, 24, True), (2.2, 24, False), (5.0, 170, False)])
def test_what_is_smaller_or_fainter_than_the_pen_is_a_speck(
    reader: DigitReader, width: float, level: int, shows: bool
) -> None:
    for seed in range(4):
        clean = _sheet(seed, "8250", 5.0, height=60)
        speckled = _with_specks(clean, [_gap(reader, clean)], width, level)
        assert _texts(reader, speckled) == (["825?0"] if shows else ["8250"])


def test_on_dirty_paper_a_speck_is_no_mark(reader: DigitReader) -> None:
    for seed in range(4):
        clean = _sheet(seed, "8250", 4.0, height=60)
        x, y = _gap(reader, clean)
        assert _texts(reader, _with_specks(clean, [(x, y)], 5.0, 24)) == ["825?0"]
        around = [(x + dx, y + dy) for dx in (-150, -90, -30, 30) for dy in (-70, 30)]
        assert _texts(reader, _with_specks(clean, [(x, y), *around], 5.0, 24)) == ["8250"]


def test_the_bar_of_a_five_that_came_off_is_no_mark(reader: DigitReader) -> None:
    picture = np.full((320, 480), 240, np.uint8)
    for x in (100, 180, 260):
        body = np.array([(x, 110), (x - 2, 133), (x + 14, 128), (x + 26, 140), (x + 20, 160), (x - 4, 162)], np.int32)
        cv2.polylines(picture, [body], False, (24,), 4, cv2.LINE_AA)
        cv2.line(picture, (x + 8, 108), (x + 30, 106), (24,), 4, cv2.LINE_AA)
    (text,) = _texts(reader, picture)
    assert "?" not in text


def test_what_is_left_of_a_printed_line_is_no_mark(reader: DigitReader) -> None:
    for seed in range(4):
        picture = _sheet(seed, "8250", 5.0, height=60)
        for x in range(90, 400, 24):
            cv2.line(picture, (x, 193), (x + 12, 193), (70,), 1, cv2.LINE_AA)
        assert all("?" not in text for text in _texts(reader, picture))
