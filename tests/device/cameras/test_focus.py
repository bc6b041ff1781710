"""A focus score that grows with sharpness alone, and light that is named where it is bad."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.cameras.focus import describe, focus
from edge_digits.types import Image


def numbers(ink: int = 40, paper: int = 200) -> Image:
    image = np.full((240, 320), paper, np.uint8)
    cv2.putText(image, "3141", (40, 140), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (ink,), 6, cv2.LINE_AA)
    return image


def blurred(image: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8)


@pytest.mark.slow
@settings(deadline=None)
@given(st.floats(0.5, 6.0), st.integers(20, 120), st.floats(0.0, 4.0))
def test_the_focus_score_falls_with_blur_whatever_the_light_and_the_noise(blur: float, ink: int, noise: float) -> None:
    rng = np.random.default_rng(0)

    def score(sigma: float) -> float:
        picture = blurred(numbers(ink), sigma) + rng.normal(0, noise, (240, 320))
        found = focus(np.clip(picture, 0, 255).astype(np.uint8))
        assert found is not None
        return found

    assert 100 >= score(blur) > score(1.5 * blur + 0.5) > 0


def test_the_focus_score_does_not_depend_on_the_contrast() -> None:
    strong, faint = focus(blurred(numbers(20, 220), 2.0)), focus(blurred(numbers(120, 180), 2.0))
    assert strong is not None
    assert faint == pytest.approx(strong, rel=0.05)


def test_an_empty_page_has_no_focus() -> None:
    blank = np.full((240, 320), 200, np.uint8)
    assert focus(blank) is None
    assert describe(blank) == "320x240, nothing to focus on, paper 200 of 255"


@pytest.mark.parametrize(
    ("level", "words"), [(30, "paper 30 of 255 (too dark)"), (255, "paper 255 of 255 (too bright)")]
)
def test_bad_light_is_said(level: int, words: str) -> None:
    assert describe(np.full((240, 320), level, np.uint8)).endswith(words)
