"""Reading a page, with networks that know upright bars: each is a 1, and nothing else is a digit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.judge_classes import CLASSES, MARK, NONE
from edge_digits.page import Page
from edge_digits.read_page import Networks, quarter_turns, read_selection, select
from edge_digits.selection.set_network import SetNetwork, shapes
from edge_digits.types import Image
from tests.edge_digits.stand_ins import SPEC, Says


class _Second:
    """Takes ink that is four times as high as wide for a 1, and what lies for a mark."""

    spec = SPEC

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        out = np.full((len(pixels), CLASSES), -5.0, np.float32)
        for row, views in enumerate(pixels):
            rows, columns = np.nonzero(views[0] > 127)
            tall = len(rows) and np.ptp(rows) > 3.5 * max(1, np.ptp(columns))
            flat = len(rows) and np.ptp(columns) > 3.5 * max(1, np.ptp(rows))
            out[row, 1 if tall else MARK if flat else NONE] = 5.0
        return out


class _Classifier:
    """Knows nothing but 1."""

    spec = SPEC

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.tile(5.0 * np.eye(11, dtype=np.float32)[1], (len(pixels), 1))


class _Doubter(_Classifier):
    """Takes thicker bars for a 7."""

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        is_thick = (pixels > 127).sum(axis=(1, 2)) > THICK
        return 5.0 * np.eye(11, dtype=np.float32)[np.where(is_thick, 7, 1)]


THICK = 90
"""Pixels of ink, of a bar of 8 by 40 as the CNN sees it fewer, of 11 by 40 more."""

WEIGHTS = {name: np.zeros(shape, np.float32) for name, shape in shapes().items()}
PAGE = SetNetwork(**WEIGHTS | {"calibration": np.array([1.0, 0.0, 1.0], np.float32)})
NETWORKS = Networks(cast(Any, Says(1, 2)), cast(Any, _Second()), PAGE, cast(Any, _Classifier()))


def _sheet(light: bool = False) -> Image:
    """Two rows of three bars, 8 by 40."""
    sheet = np.full((300, 400), 220, np.uint8)
    for row in range(2):
        for column in range(3):
            cv2.rectangle(sheet, (100 + 40 * column, 60 + 90 * row), (107 + 40 * column, 99 + 90 * row), (40,), -1)
    return np.asarray(255 - sheet if light else sheet, np.uint8)


def _texts(grey: Image) -> list[str]:
    return [line.text for line in _read(grey).lines]


def _read(grey: Image) -> Page:
    return read_selection(select(grey, NETWORKS), NETWORKS, 0.0, 1.0)[0]


def test_rows_are_read() -> None:
    assert _texts(_sheet()) == ["111", "111"]


def test_what_is_light_on_dark_is_read_as_well() -> None:
    assert _texts(_sheet(light=True)) == ["111", "111"]


def test_boxes_are_in_the_pixels_of_the_picture() -> None:
    page = _read(_sheet())
    box = page.lines[0].digits[0].box
    assert (box.x, box.y) == (pytest.approx(100, abs=2), pytest.approx(60, abs=2))
    assert (box.width, box.height) == (pytest.approx(8, abs=4), pytest.approx(40, abs=4))


@pytest.mark.parametrize("turns", [1, 3])
def test_a_page_that_lies_on_its_side_is_known(turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(_sheet(), -turns))
    found = select(turned, NETWORKS)
    assert quarter_turns(found, NETWORKS) % 2 == 1


def test_a_page_that_lies_right_is_not_turned() -> None:
    found = select(_sheet(), NETWORKS)
    assert quarter_turns(found, NETWORKS) == 0


def _row_with_a_doubtful_one(least_confidence: float) -> Page:
    """Three bars, of which the classifier takes the middle one for something else than the judge."""
    sheet = np.full((300, 400), 220, np.uint8)
    for left, width in ((100, 8), (140, 11), (180, 8)):
        cv2.rectangle(sheet, (left, 60), (left + width - 1, 99), (40,), -1)
    networks = replace(NETWORKS, classifier=cast(Any, _Doubter()))
    return read_selection(select(sheet, networks), networks, least_confidence, 1.0)[0]


def test_a_digit_on_which_its_readers_differ_is_less_sure() -> None:
    (line,) = _row_with_a_doubtful_one(0.0).lines
    before, differing, after = (digit.confidence for digit in line.digits)
    assert differing < 0.9 < min(before, after)


def test_a_row_goes_on_where_one_of_its_digits_is_too_unsure() -> None:
    page = _row_with_a_doubtful_one(0.9)
    assert [line.text for line in page.lines] == ["1?1"]
    assert [one.reason for one in page.rejected] == ["low-confidence"]


def test_an_empty_sheet_has_nothing_on_it() -> None:
    assert _texts(np.full((300, 400), 200, np.uint8)) == []
