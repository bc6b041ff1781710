"""Distance fields draw what they were made from, at any height and with any pen."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_digits.synthesis.strokes import digit_strokes
from train.data.digit_sets import Bitmaps
from train.data.glyphs import digits, words
from train.data.glyphs.fields import HEIGHT, SIDE, STEPS, extent, from_mask, from_strokes
from train.data.glyphs.thinning import skeleton, skeleton_field
from train.data.page.canvas import Canvas

UPRIGHT = [np.array([[0.0, 0.0], [0.0, 1.0]], np.float32)]


def _drawn(field: np.ndarray, side: int, pen: float) -> np.ndarray:
    """A field drawn ``side`` / SIDE times as large."""
    canvas = Canvas(side, side)
    canvas.draw(field, np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32), pen, canvas.ink)
    return canvas.ink


@pytest.mark.parametrize("side", [32, 64, 160, 400])
@pytest.mark.parametrize("pen", [1.0, 3.0, 6.0])
def test_a_stroke_is_as_wide_as_the_pen_at_any_size(side: int, pen: float) -> None:
    ink = _drawn(from_strokes(UPRIGHT), side, pen)
    assert ink[side // 2].sum() == pytest.approx(pen, abs=0.35 + 0.1 * side / SIDE)


def test_a_digit_fills_the_field_from_top_to_foot() -> None:
    random = np.random.default_rng(0)
    for value in range(10):
        field = from_strokes(digit_strokes(random, value))
        assert field.shape == (SIDE, SIDE)
        width, height = extent(field)
        assert max(width, height) == pytest.approx(HEIGHT, abs=3)


def test_a_bitmap_is_drawn_as_it_was_with_its_own_pen() -> None:
    ink = np.zeros((28, 28), np.float32)
    cv2.circle(ink, (14, 14), 8, (1.0,), 3)
    field, half = from_mask(ink)
    scale = HEIGHT / 20
    assert 2 * half / scale == pytest.approx(ink.sum() / (2 * np.pi * 8), rel=0.15)
    drawn = _drawn(field, SIDE, 2 * half)
    assert drawn[SIDE // 2, SIDE // 2] == 0
    assert drawn.sum() / scale**2 == pytest.approx(ink.sum(), rel=0.15)


def test_a_skeleton_is_a_line_of_one_pixel_that_keeps_its_loop() -> None:
    mask = np.zeros((60, 60), np.uint8)
    cv2.circle(mask, (30, 30), 18, (1,), 7)
    thin = skeleton(mask)
    assert thin.sum() < 0.22 * mask.sum()
    assert cv2.connectedComponents(1 - thin, connectivity=4)[0] - 1 == 2
    assert (thin <= mask).all()


def test_a_skeletons_field_takes_a_thinner_pen_than_the_bitmaps() -> None:
    ink = np.zeros((28, 28), np.float32)
    cv2.line(ink, (14, 4), (14, 24), (1.0,), 5)
    drawn = _drawn(skeleton_field(ink), SIDE, 1.5)
    assert drawn[SIDE // 2].sum() == pytest.approx(1.5, abs=0.6)


def test_letters_of_a_drawer_become_a_word_with_capitals_as_high_as_asked() -> None:
    tall = [np.array([[0.0, 0.0], [0.0, 9.0]], np.float32)]
    low = [np.array([[0.0, 0.0], [5.0, 5.0]], np.float32)]
    word = words.spelled("lol", {"l": tall, "o": low}, np.random.default_rng(0))
    assert word is not None and word.field.shape[1] >= SIDE
    rows = np.flatnonzero((word.field < STEPS).any(axis=1))
    assert rows[-1] - rows[0] == pytest.approx(words.CAPITAL, rel=0.15)
    assert words.spelled("lab", {"l": tall}, np.random.default_rng(0)) is None


def test_digits_of_printed_lines_are_told_from_their_letters() -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="takes its font as a sample")
    word = words.set_in_type("No 47", Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    assert word is not None and word.digits.shape == (2, 4)
    inked = np.flatnonzero((word.field < STEPS * word.half).any(axis=0))
    assert word.digits[1, 2] == pytest.approx(inked[-1], abs=6)
    assert word.digits[0, 2] <= word.digits[1, 0] + 3


def test_a_stretched_bitmap_gets_its_width_back_and_stays_whole() -> None:
    diagonal = np.zeros((1, 16, 16), np.uint8)
    np.fill_diagonal(diagonal[0], 255)
    bitmaps = Bitmaps("semeion", diagonal, np.array([1], np.uint8))
    for thin in (0.0, 1.0):
        ((_, value, field, half),) = digits.scanned(bitmaps, thin, np.random.default_rng(0))
        inked = (field < max(STEPS, half * STEPS + 2)).astype(np.uint8)
        width, height = extent(field)
        assert value == 1 and width < 0.7 * height
        assert cv2.connectedComponents(inked)[0] - 1 == 1
