"""Lines in a binary picture, and the shearing that levels them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.proposals.level_lines import level_lines
from edge_digits.types import Image


def drawn(slope: float, gaps: int = 0) -> Image:
    """A sheet of 200×300 with a line of this slope through its middle, ``gaps`` in it, and a stroke across it."""
    picture = np.zeros((200, 300), np.uint8)
    cv2.line(picture, (0, round(100 - 150 * slope)), (299, round(100 + 150 * slope)), (255,), 2)
    picture[:, 20 : 20 + 30 * gaps : 30] = 0
    cv2.line(picture, (150, 60), (150, 140), (255,), 3)
    return picture


@pytest.mark.parametrize("slope", [-0.21, -0.05, 0.0, 0.03, 0.17])
def test_a_line_is_found_at_its_slope_and_the_stroke_across_it_is_not(slope: float) -> None:
    picture = drawn(slope)
    found = level_lines(picture, window=101, run=13)
    assert found is not None
    line = picture.copy()
    line[:, 145:156] = 0
    assert np.count_nonzero(found[line > 0]) >= 0.9 * np.count_nonzero(line)
    assert not found[60:75, 145:156].any() and not found[125:141, 145:156].any()


def test_a_broken_line_is_found() -> None:
    assert level_lines(drawn(0.06, gaps=8), window=101, run=13) is not None


def test_writing_without_lines_has_none() -> None:
    picture = np.zeros((200, 300), np.uint8)
    for x in range(20, 280, 25):
        cv2.ellipse(picture, (x, 100), (8, 20), 0, 0, 360, (255,), 3)
    assert level_lines(picture, window=101, run=13) is None


@given(st.integers(8, 60), st.integers(8, 60), st.integers(7, 80))
def test_pictures_smaller_than_the_window_are_read(height: int, width: int, run: int) -> None:
    picture = np.zeros((height, width), np.uint8)
    picture[height // 2] = 255
    found = level_lines(picture, window=round(0.85 * width) | 1, run=run)
    assert found is None or found.shape == picture.shape


@given(st.integers(30, 80), st.integers(120, 200), st.data())
def test_a_line_is_found_in_every_row_of_every_height_and_a_dash_is_not(
    height: int, width: int, data: st.DataObject
) -> None:
    run = 13
    row = data.draw(st.integers(1, height - 2))
    dash = data.draw(st.integers(0, height - 1).filter(lambda other: abs(other - row) > 5))
    line = np.zeros((height, width), np.uint8)
    line[row] = 255
    picture = line.copy()
    picture[dash, 20 : 20 + run - 1] = 255
    found = level_lines(picture, window=round(0.85 * width) | 1, run=run)
    assert found is not None and np.array_equal(found, line)
