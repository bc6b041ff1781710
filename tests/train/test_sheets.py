"""A digit that is drawn on a sheet, photographed and taken back through the device's road is still that digit."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_data import digit_image

from edge_digits import normalize
from edge_digits.charset import REJECT
from train import augment, sheets
from train.glyphs import FRAGMENTS, BitmapGlyph, Fragment, Glyph, Joined, StrokeGlyph, Texture


def _digits(count: int) -> list[Glyph]:
    random = np.random.default_rng(0)
    return [BitmapGlyph(digit_image(i % 10, random), i % 10) for i in range(count)]


def _similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Best correlation of two crops over shifts by a pixel."""
    shifted = [np.roll(a, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return max(float(np.corrcoef(s.ravel(), b.ravel())[0, 1]) for s in shifted)


def test_crops_resemble_the_digits_that_were_put_on_the_sheet() -> None:
    random = np.random.default_rng(4)  # gives plain paper
    glyphs = _digits(25)
    crops = [crop for crop in sheets.photographed(glyphs, 40.0, random) if crop[1] != REJECT]
    assert len(crops) >= 20
    plain = {g.label: normalize.digit(g.image) for g in glyphs if isinstance(g, BitmapGlyph)}
    alike = np.median([_similarity(image, plain[label]) for image, label in crops])
    assert alike > 0.75


@pytest.mark.parametrize("height", [12.0, 40.0, 180.0])
def test_crops_are_model_input_at_every_height(height: float) -> None:
    crops = sheets.photographed(_digits(9), height, np.random.default_rng(1))
    assert crops
    for image, label in crops:
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        assert image.any()
        assert 0 <= label <= REJECT


def test_the_same_seed_gives_the_same_crops() -> None:
    first, second = (sheets.photographed(_digits(9), 30.0, np.random.default_rng(5)) for _ in range(2))
    assert [label for _, label in first] == [label for _, label in second]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(first, second, strict=True))


def test_a_sheet_without_writing_gives_nothing_but_rejects_and_none_that_could_be_a_one() -> None:
    crops = [crop for seed in range(6) for crop in sheets.blank(40.0, np.random.default_rng(seed))]
    assert crops
    for image, label in crops:
        assert label == REJECT
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert np.ptp(rows) < 2 * (np.ptp(columns) + 1)


def test_a_bitmap_keeps_its_shape_when_it_is_enlarged() -> None:
    image = digit_image(3, np.random.default_rng(2))
    random = np.random.default_rng(0)
    pen = augment.random_pen(100, random)
    large = BitmapGlyph(image, 3).draw(100.0, pen, random)
    assert 90 <= large.shape[0] <= 125
    assert _similarity(normalize.digit(large), normalize.digit(image)) > 0.85


def test_joined_digits_touch_and_are_about_as_wide_as_high() -> None:
    random = np.random.default_rng(0)
    parts = tuple(BitmapGlyph(digit_image(1, random), 1) for _ in range(4))
    pen = augment.random_pen(40, random)
    own = Joined(parts, kept=1.0, overlap=0.05).draw(40.0, pen, random)
    assert own.shape[1] > 0.7 * own.shape[0]


def test_no_fragment_is_taken_of_a_digit_whose_halves_are_digits() -> None:
    assert not {1, 6, 8, 9} & set(FRAGMENTS)


@pytest.mark.parametrize(("side", "shape"), [("top", (20, 10)), ("bottom", (20, 10)), ("left", (40, 5))])
def test_a_fragment_is_the_share_that_is_kept(side: str, shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    pen = augment.random_pen(40, random)
    bar = StrokeGlyph([np.array([[0, 0], [0, 1]], np.float32)], 0)
    whole = bar.draw(40.0, pen, np.random.default_rng(1))
    part = Fragment(bar, side, 0.5).draw(40.0, pen, np.random.default_rng(1))
    cut = 0 if side in ("top", "bottom") else 1
    assert part.shape[cut] == pytest.approx(whole.shape[cut] / 2, abs=0.1 * shape[cut] + 4)


def test_texture_has_about_the_share_of_ink_that_was_asked_for() -> None:
    random = np.random.default_rng(0)
    own = Texture((1.0, 1.0), 5, 0.3).draw(60.0, augment.random_pen(60, random), random)
    assert 0.2 < (own > 128).mean() < 0.4
