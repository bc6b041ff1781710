"""Seeing change: whatever could be read differently, and neither noise nor the light in the room."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.tracking.changes import ChangeDetector
from edge_digits.types import Image

RNG = np.random.default_rng(0)
PAPER = np.full((480, 640), 190.0)


def written(text: str, height: int = 24, grey: int = 120, at: tuple[int, int] = (300, 240)) -> np.ndarray:
    """Paper with a thin number on it."""
    scene = PAPER.astype(np.uint8)
    cv2.putText(scene, text, at, cv2.FONT_HERSHEY_SIMPLEX, height / 22, (grey,), 1, cv2.LINE_AA)
    return scene.astype(float)


def photograph(scene: np.ndarray, noise: float = 4.0, light: float = 1.0) -> Image:
    return np.clip(scene * light + RNG.normal(0, noise, scene.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [0.0, 2.0, 6.0, 12.0])
def test_the_noise_of_a_sensor_is_no_change(noise: float) -> None:
    detector = ChangeDetector()
    scene = written("1234")
    assert detector.changed(photograph(scene, noise))
    assert not any(detector.changed(photograph(scene, noise)) for _ in range(20))


@pytest.mark.parametrize(("before", "after"), [("1234", "1235"), ("1234", "123"), ("", "1"), ("1234", "7234")])
def test_one_digit_in_pencil_that_comes_goes_or_changes_is_seen(before: str, after: str) -> None:
    detector = ChangeDetector()
    detector.changed(photograph(written(before)))
    assert detector.changed(photograph(written(after)))


def test_the_light_in_the_room_may_become_a_little_brighter_or_darker() -> None:
    detector = ChangeDetector()
    scene = written("1234")
    detector.changed(photograph(scene))
    assert not any(detector.changed(photograph(scene, light=light)) for light in (0.9, 0.95, 1.05, 1.1))
    assert detector.changed(photograph(scene, light=0.5))


def test_a_number_that_is_written_while_the_light_changes_is_seen() -> None:
    detector = ChangeDetector()
    detector.changed(photograph(written("")))
    assert detector.changed(photograph(written("1"), light=1.1))


def test_a_page_that_moves_slowly_has_changed_in_the_end() -> None:
    detector = ChangeDetector()
    views = [photograph(written("1234", at=(300 + step // 4, 240))) for step in range(24)]
    assert detector.changed(views[0])
    changed = [detector.changed(view) for view in views[1:]]
    assert 2 <= sum(changed) <= 6


def test_another_size_is_a_change() -> None:
    detector = ChangeDetector()
    detector.changed(photograph(written("1")))
    assert detector.changed(photograph(written("1"))[:240])


def test_a_defective_pixel_is_no_change() -> None:
    detector = ChangeDetector()
    scene = written("1")
    detector.changed(photograph(scene))
    scene[100, 100] = 255.0
    assert not detector.changed(photograph(scene))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 255), st.integers(0, 255))
def test_pictures_of_any_size_can_be_compared(height: int, width: int, one: int, other: int) -> None:
    detector = ChangeDetector()
    assert detector.changed(np.full((height, width), one, np.uint8))
    assert not detector.changed(np.full((height, width), one, np.uint8))
    detector.changed(np.full((height, width), other, np.uint8))
