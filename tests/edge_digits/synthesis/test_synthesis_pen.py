"""A pen leaves ink where its stroke went, as wide as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.synthesis import pen
from edge_digits.synthesis.pen import Pen
from edge_digits.synthesis.strokes import digit_strokes

PLAIN = Pen("felt", width=4.0, swell=0.0, reflectance=0.1, pressure=0.0, skips=0.0, grain=0.0)
UPRIGHT = [np.array([(0, 0), (0, 0.5), (0, 1)], np.float32)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.floats(12, 200))
def test_ink_lies_under_every_point_of_the_stroke(seed: int, value: int, height: float):
    rng = np.random.default_rng(seed)
    strokes = digit_strokes(rng, value)
    ink, x, y = pen.draw(rng, strokes, height, PLAIN)
    assert ink.dtype == np.uint8
    for stroke in strokes:
        columns, rows = np.floor(stroke * height + (x, y)).astype(int).T
        assert (ink[rows, columns] > 60).all()


def test_line_is_as_wide_as_the_pen():
    rng = np.random.default_rng(0)
    for width in (2.0, 4.0, 7.5):
        ink = pen.draw(rng, UPRIGHT, 60, Pen("felt", width, 0.0, 0.1, 0.0, 0.0, 0.0)).ink
        middle = ink[ink.shape[0] // 2].astype(float).sum() / 255
        assert middle == pytest.approx(width, abs=0.4)


def test_pencil_grain_and_pressure_take_ink_away():
    full = pen.draw(np.random.default_rng(0), UPRIGHT, 60, PLAIN).ink
    faint = pen.draw(np.random.default_rng(0), UPRIGHT, 60, Pen("pencil", 4.0, 0.0, 0.5, 0.5, 0.0, 0.8)).ink
    assert 0.1 * full.sum() < faint.sum() < 0.9 * full.sum()


@pytest.mark.parametrize("kind", pen.KINDS)
def test_random_pen_fits_the_height(kind: str):
    rng = np.random.default_rng(3)
    for height in (12, 60, 200):
        used = pen.random_pen(rng, height, kind)
        assert used.kind == kind
        assert 0.8 <= used.width <= max(0.8, 0.25 * height)
        assert 0 <= used.reflectance <= 1
