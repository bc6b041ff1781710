"""Promises of edge_digits.segment.frames: printed boxes go, the digits in them stay, and nothing else is a box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_digits.segment.components import find_components
from edge_digits.segment.frames import without_frames
from edge_digits.types import Image, as_image

CELL, LEFT, TOP = 40, 60, 120


def _digits(count: int, height: int = 28) -> Image:
    """Rings in the middle of ``count`` boxes; as high as a box they touch its lines."""
    ink = np.zeros((320, 560), np.uint8)
    for place in range(count):
        middle = (LEFT + CELL * place + CELL // 2, TOP + CELL // 2)
        cv2.ellipse(ink, middle, (height // 3, height // 2), 0, 0, 360, (255,), 4, cv2.LINE_AA)
    return ink


def _frame(count: int, thickness: int = 2, ink: int = 255) -> Image:
    picture = np.zeros((320, 560), np.uint8)
    for place in range(count):
        corner = (LEFT + CELL * place, TOP)
        cv2.rectangle(picture, corner, (corner[0] + CELL, TOP + CELL), (ink,), thickness)
    return picture


def _turned(ink: Image, degrees: float) -> Image:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return as_image(cv2.warpAffine(ink, matrix, (width, height)))


def _cleaned(ink: Image, ruling: Image | None = None) -> Image:
    return without_frames(ink, ruling, find_components(ink))


def _kept(cleaned: Image, digits: Image) -> float:
    """Share of the digits' ink that is left."""
    return float(cleaned[digits > 96].astype(float).sum() / digits[digits > 96].astype(float).sum())


def _left(cleaned: Image, digits: Image) -> int:
    """Pixels of ink that are left where no digit is near."""
    return cv2.countNonZero(cv2.subtract(cleaned, cv2.dilate(digits, np.ones((7, 7), np.uint8))) // 96)


@given(
    count=st.integers(1, 9),
    height=st.sampled_from([20, 24, 28]),
    thickness=st.integers(1, 4),
    degrees=st.floats(-8, 8),
)
@example(count=1, height=20, thickness=1, degrees=0.375)
@settings(max_examples=60, deadline=None)
def test_boxes_go_and_the_digits_in_them_stay(count: int, height: int, thickness: int, degrees: float) -> None:
    digits = _turned(_digits(count, height), degrees)
    cleaned = _cleaned(as_image(cv2.max(digits, _turned(_frame(count, thickness), degrees))))
    assert _kept(cleaned, digits) > 0.8
    assert _left(cleaned, digits) < 0.2 * cv2.countNonZero(_frame(count, thickness))


def test_a_stroke_that_crosses_the_frame_stays_whole() -> None:
    digits = _digits(4)
    cv2.line(digits, (LEFT + CELL + 20, TOP - 20), (LEFT + CELL + 20, TOP + CELL + 20), (255,), 4)
    cleaned = _cleaned(as_image(cv2.max(digits, _frame(4))))
    assert _left(cleaned, digits) == 0
    assert cleaned[TOP - 20 : TOP + CELL + 20, LEFT + CELL + 20].min() == 255


def test_a_frame_whose_level_lines_were_taken_out_before_goes_too() -> None:
    digits, frame = _digits(5, 32), _frame(5)
    ruling = np.zeros_like(frame)
    for level in (TOP, TOP + CELL):
        ruling[level - 1 : level + 2, LEFT - 1 : LEFT + 5 * CELL + 2] = 255
    ink = as_image(cv2.subtract(cv2.max(digits, frame), ruling))
    assert _left(_cleaned(ink), digits) > 0
    assert _left(_cleaned(ink, ruling), digits) == 0


def test_a_frame_fainter_than_the_writing_goes_where_pieces_of_it_count_as_ink() -> None:
    digits, frame = _digits(5), _frame(5, ink=30)
    for left in range(LEFT + 8, LEFT + 5 * CELL, CELL):
        frame[TOP, left : left + 25] = frame[TOP + CELL, left : left + 25] = 120
    cleaned = _cleaned(as_image(cv2.max(digits, frame)))
    assert cv2.countNonZero(cv2.subtract(cleaned, cv2.dilate(digits, np.ones((7, 7), np.uint8)))) == 0


def _ruled_line() -> Image:
    ink = _digits(6)
    ink[TOP + 30 : TOP + 33] = 255
    return ink


def _table() -> Image:
    """Upright lines closer together than half its height: rows of cells, of which the rules are somebody else's."""
    ink = np.zeros((320, 560), np.uint8)
    for line in range(9):
        cv2.line(ink, (60 + 30 * line, 60), (60 + 30 * line, 240), (255,), 2)
        cv2.line(ink, (60, 60 + 22 * line), (300, 60 + 22 * line), (255,), 2)
    return ink


def _letters() -> Image:
    ink = np.zeros((320, 560), np.uint8)
    cv2.putText(ink, "7E2B8D0", (30, 200), cv2.FONT_HERSHEY_SIMPLEX, 3, (255,), 9)
    return ink


@pytest.mark.parametrize("picture", [_digits(6), _ruled_line(), _table(), _letters(), np.zeros((50, 50))])
def test_what_is_no_frame_is_left_alone(picture: np.ndarray) -> None:
    ink = as_image(picture.astype(np.uint8))
    assert _cleaned(ink) is ink
