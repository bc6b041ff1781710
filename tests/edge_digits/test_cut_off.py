"""Promises of edge_digits.cut_off: a number that the picture's edge cuts off does not look whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from written import written

from edge_digits.reader import DigitReader, open_reader
from edge_digits.types import Image


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return open_reader("auto")


def _texts(reader: DigitReader, picture: Image) -> list[str]:
    return [line.text.replace(" ", "") for line in reader.read(np.ascontiguousarray(picture)).lines]


@pytest.mark.parametrize("text", ["3825", "8825", "9825", "2825"])
@pytest.mark.parametrize("kept", [0.5, 0.6, 0.8])
def test_a_number_that_is_cut_off_at_its_beginning_begins_with_a_question_mark(
    reader: DigitReader, text: str, kept: float
) -> None:
    picture, boxes = written(1, text, 4.0, 60)
    cut = boxes[0].right - round(kept * boxes[0].width)
    assert _texts(reader, picture[:, cut:]) == ["?825"]


@pytest.mark.parametrize("text", ["8250", "8256", "8259", "8252"])
@pytest.mark.parametrize("kept", [0.5, 0.8])
def test_a_number_that_is_cut_off_at_its_end_ends_with_a_question_mark(
    reader: DigitReader, text: str, kept: float
) -> None:
    picture, boxes = written(1, text, 4.0, 60)
    assert _texts(reader, picture[:, : boxes[3].x + round(kept * boxes[3].width)]) == ["825?"]


def test_what_is_cut_off_is_listed_once_and_is_no_digit(reader: DigitReader) -> None:
    picture, boxes = written(1, "8825", 4.0, 60)
    page = reader.read(np.ascontiguousarray(picture[:, boxes[0].x + boxes[0].width // 2 :]))
    assert [rejected.reason for rejected in page.rejected] == ["clipped"]


def test_a_whole_number_beside_the_edge_is_read_as_it_stands(reader: DigitReader) -> None:
    picture, boxes = written(1, "825", 4.0, 60)
    assert _texts(reader, picture[:, boxes[0].x - 6 : boxes[2].right + 6]) == ["825"]


def test_a_desk_a_thumb_and_a_shadow_at_the_edge_are_no_digits(reader: DigitReader) -> None:
    picture, boxes = written(1, "825", 4.0, 60)
    picture = picture[:, boxes[0].x - 40 :]
    desk, thumb, shadow = picture.copy(), picture.copy(), picture.copy()
    desk[:, :22] = 40
    cv2.ellipse(thumb, (0, 160), (22, 28), 0, 0, 360, (90,), -1, cv2.LINE_AA)
    cv2.ellipse(shadow, (0, 160), (22, 28), 0, 0, 360, (180,), -1, cv2.LINE_AA)
    for other in (desk, thumb, np.asarray(cv2.GaussianBlur(shadow, (0, 0), 1), np.uint8)):
        assert _texts(reader, other) == ["825"]


def test_ink_at_the_edge_that_is_far_from_the_row_or_above_it_does_not_show(reader: DigitReader) -> None:
    picture, boxes = written(1, "825", 4.0, 60)
    for left, top in ((boxes[0].x - 90, 160), (boxes[0].x - 30, 90)):
        other = picture[:, left:].copy()
        cv2.ellipse(other, (0, top), (16, 25), 0, 0, 360, (24,), 4, cv2.LINE_AA)
        assert _texts(reader, other) == ["825"]
