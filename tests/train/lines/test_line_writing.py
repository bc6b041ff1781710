"""Digits side by side: apart, touching, overlapping, joined."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.types import Image
from train.lines.spacing import SPACINGS, beside


def _blob(width: int, height: int = 20) -> Image:
    """An upright ellipse of ink."""
    image = np.zeros((height, width), np.uint8)
    cv2.ellipse(image, (width // 2, height // 2), (width // 2 - 1, height // 2 - 1), 0, 0, 360, (255,), -1)
    x, y, w, h = cv2.boundingRect(image)
    return image[y : y + h, x : x + w]


def _pieces(line: Image) -> int:
    return cv2.connectedComponents((line >= 64).view(np.uint8))[0] - 1


def _write(spacing: str, seed: int, count: int = 4) -> Image:
    parts = [_blob(12 + 2 * i) for i in range(count)]
    return beside(parts, (spacing,) * (count - 1), np.random.default_rng(seed))


@given(st.integers(0, 300), st.sampled_from(["apart", "kerned"]))
def test_digits_that_stand_apart_do_not_touch(seed: int, spacing: str) -> None:
    assert _pieces(_write(spacing, seed)) == 4


@given(st.integers(0, 300), st.sampled_from(["touching", "overlapping", "joined"]))
def test_digits_that_touch_are_one_piece(seed: int, spacing: str) -> None:
    assert _pieces(_write(spacing, seed)) == 1


@given(st.integers(0, 300))
def test_overlapping_digits_take_less_room_than_touching_ones(seed: int) -> None:
    assert _write("overlapping", seed).shape[1] <= _write("touching", seed).shape[1] + 1


@given(st.integers(0, 300), st.sampled_from(SPACINGS))
def test_a_line_is_cut_to_its_ink(seed: int, spacing: str) -> None:
    line = _write(spacing, seed)
    assert all(edge.max() >= 64 for edge in (line[0], line[-1], line[:, 0], line[:, -1]))


def test_level_lines_stand_on_one_row() -> None:
    parts = [_blob(12, height) for height in (20, 14, 26)]
    line = beside(parts, ("apart", "apart"), np.random.default_rng(0), level=True)
    _, _, stats, _ = cv2.connectedComponentsWithStats((line >= 64).view(np.uint8))
    feet = stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
    assert np.ptp(feet) <= 1


@pytest.mark.parametrize("ink", [40, 255])
def test_faint_digits_are_pushed_together_like_others(ink: int) -> None:
    parts = [np.full((20, 8), ink, np.uint8)] * 2
    assert beside(parts, ("touching",), np.random.default_rng(0)).shape[1] in (15, 16)
