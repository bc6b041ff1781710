"""Promises of edge_digits.model_input.normalize: MNIST's normalization, for ink of any size."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.model_input import normalize


def _stroke(height: int, width: int, thickness: int) -> np.ndarray:
    ink = np.zeros((height + 8, width + 8), np.uint8)
    cv2.line(ink, (4, 4), (width + 3, height + 3), (255,), thickness, cv2.LINE_AA)
    return ink


@given(height=st.integers(20, 300), width=st.integers(20, 300), thickness=st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_longer_side_becomes_twenty_and_aspect_is_kept(height: int, width: int, thickness: int) -> None:
    out = normalize.digit(_stroke(height, width, thickness))
    assert out.shape == (28, 28)
    assert out.dtype == np.uint8
    _, _, w, h = cv2.boundingRect((out >= 24).view(np.uint8))
    assert 18 <= max(w, h) <= 20
    # Anti-aliasing and rounding move each side by at most a pixel of the twenty.
    assert abs(min(w, h) - 20 * min(width, height) / max(width, height)) <= 20 * thickness / max(width, height) + 1.5


@given(height=st.integers(20, 200), width=st.integers(20, 200))
@settings(max_examples=40, deadline=None)
def test_centre_of_mass_is_in_the_middle(height: int, width: int) -> None:
    moments = cv2.moments(normalize.digit(_stroke(height, width, 6)))
    assert abs(moments["m10"] / moments["m00"] - 14) <= 0.51
    assert abs(moments["m01"] / moments["m00"] - 14) <= 0.51


@given(left=st.integers(0, 50), top=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_paper_around_the_digit_does_not_matter(left: int, top: int) -> None:
    ink = _stroke(40, 25, 4)
    assert np.array_equal(normalize.digit(ink), normalize.digit(np.pad(ink, ((top, 3), (left, 7)))))


def test_ink_outside_the_mask_is_left_out() -> None:
    ink = np.zeros((40, 60), np.uint8)
    ink[5:35, 10:14] = 255
    alone = normalize.digit(ink)
    mask = ink > 0
    ink[5:35, 40:44] = 255
    assert np.array_equal(normalize.digit(ink, mask), alone)


def test_a_hair_thin_stroke_is_as_dark_as_a_thick_one() -> None:
    assert normalize.digit(_stroke(400, 200, 3)).max() >= 200


def test_no_ink_gives_zeros() -> None:
    assert not normalize.digit(np.zeros((20, 20), np.uint8)).any()


def test_mnist_digits_stay_nearly_as_they_are() -> None:
    folder = Path(os.environ.get("EDGE_DIGITS_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (folder / "MNIST" / "raw").is_dir():
        pytest.skip("MNIST is not at hand")
    from edge_digits.io import mnist

    images, _ = mnist.load("test", folder)
    difference = [np.abs(normalize.digit(image).astype(int) - image.astype(int)).mean() for image in images[:300]]
    # Moving a digit by one pixel makes a difference of about 16 grey levels.
    assert np.median(difference) < 0.5
