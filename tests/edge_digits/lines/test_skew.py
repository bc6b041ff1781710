"""Skew from where digits stand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.lines.grouping import group_lines
from edge_digits.lines.skew import estimate_skew


def _page(rows: int, columns: int, degrees: float, seed: int = 0) -> NDArray[np.float32]:
    """Boxes of digits 20 by 30 on a page of rows that is turned about its middle."""
    random = np.random.default_rng(seed)
    centres = np.array([(40 * c, 70 * r) for r in range(rows) for c in range(columns)], float)
    centres += random.normal(0, 2, centres.shape)
    a = math.radians(degrees)
    turned = (centres - centres.mean(axis=0)) @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    half = np.array([10.0, 15.0])
    return np.concatenate([turned - half, turned + half], axis=1).astype(np.float32) + 500


@pytest.mark.parametrize("degrees", [-28, -15, -5, 0, 3, 12, 28])
def test_the_skew_of_rows_is_found(degrees: float) -> None:
    assert math.degrees(estimate_skew(_page(3, 7, degrees))) == pytest.approx(degrees, abs=1.5)


def test_one_digit_has_no_skew() -> None:
    assert estimate_skew(_page(1, 1, 0)) == 0.0


def test_a_column_of_single_digits_is_not_turned() -> None:
    assert abs(math.degrees(estimate_skew(_page(6, 1, 0)))) < 5


@pytest.mark.parametrize("degrees", [-25, -10, 0, 10, 25])
def test_rows_are_found_on_turned_pages(degrees: float) -> None:
    boxes = _page(4, 6, degrees)
    rows = group_lines(boxes, estimate_skew(boxes))
    assert rows == [list(range(6 * r, 6 * r + 6)) for r in range(4)]


def test_a_row_goes_on_across_a_wide_gap() -> None:
    boxes = np.array([[0, 0, 20, 30], [30, 1, 50, 31], [400, 2, 420, 32]], np.float32)
    assert group_lines(boxes, 0.0) == [[0, 1, 2]]


def test_no_digits_are_no_rows() -> None:
    assert group_lines(np.zeros((0, 4), np.float32), 0.0) == []
