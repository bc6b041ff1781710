"""Which digits are a row."""

from __future__ import annotations

import numpy as np

from edge_digits.lines.grouping import group_lines


def boxes(*digits: tuple[float, float, float]) -> np.ndarray:
    """Digits by left side, middle and height, each half as wide as high: (N, 4) left, top, right, bottom."""
    return np.array([(x, y - h / 2, x + h / 2, y + h / 2) for x, y, h in digits], np.float32)


def test_a_row_goes_on_across_a_gap() -> None:
    assert group_lines(boxes((0, 50, 40), (30, 52, 40), (400, 49, 40)), 0.0) == [[0, 1, 2]]


def test_rows_come_from_top_to_bottom() -> None:
    assert group_lines(boxes((0, 100, 40), (30, 100, 40), (0, 40, 40)), 0.0) == [[2], [0, 1]]


def test_an_exponent_stands_where_it_is_written() -> None:
    # 3x² + 61x³
    written = boxes((0, 50, 40), (50, 28, 20), (120, 50, 40), (150, 50, 40), (205, 28, 20))
    assert group_lines(written, 0.0) == [[0, 1, 2, 3, 4]]


def test_an_exponent_of_two_digits_stays_together() -> None:
    assert group_lines(boxes((0, 50, 40), (28, 28, 20), (40, 28, 20), (70, 50, 40)), 0.0) == [[0, 1, 2, 3]]


def test_an_index_is_a_part_of_its_row() -> None:
    assert group_lines(boxes((0, 50, 40), (25, 72, 20), (60, 50, 40)), 0.0) == [[0, 1, 2]]


def test_small_digits_under_a_row_are_a_row_of_their_own() -> None:
    assert group_lines(boxes((0, 50, 40), (30, 50, 40), (0, 84, 20), (15, 84, 20)), 0.0) == [[0, 1], [2, 3]]


def test_dense_rows_of_digits_of_one_size_stay_apart() -> None:
    assert group_lines(boxes((0, 50, 40), (25, 50, 38), (10, 88, 38), (35, 90, 40)), 0.0) == [[0, 1], [2, 3]]


def test_nothing_is_no_row() -> None:
    assert group_lines(np.zeros((0, 4), np.float32), 0.0) == []


def test_an_exponent_of_an_exponent_belongs_to_the_same_row() -> None:
    assert group_lines(boxes((0, 50, 60), (35, 14, 36), (60, -8, 20), (90, 50, 60)), 0.0) == [[0, 1, 2, 3]]
