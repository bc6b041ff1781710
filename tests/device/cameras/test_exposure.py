"""Exposure: locked once it has settled, let go when the light has left its range for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from device.cameras.exposure import LONGEST_SETTLING, Exposure
from edge_digits.types import Image

KNOWN = {"AeEnable": (False, True, True), "ExposureTime": (1, 99_999, None), "AnalogueGain": (1.0, 16.0, 1.0)}


def page(level: float) -> Image:
    image = np.full((64, 64), level, np.uint8)
    image[20:30, 20:60] = level / 3
    return image


def settings(exposure: Exposure, levels: list[float], time: float = 10_000) -> list[dict[str, Any]]:
    """The controls that are set while frames of such brightness come."""
    controls = [exposure.update(page(level), {"ExposureTime": time, "AnalogueGain": 2.0}) for level in levels]
    return [setting for setting in controls if setting]


def locked() -> Exposure:
    exposure = Exposure(KNOWN, 10)
    settings(exposure, [180] * 40)
    assert exposure.locked
    return exposure


def test_exposure_is_locked_at_what_it_has_settled_on() -> None:
    exposure = Exposure(KNOWN, 10)
    for time in range(1000, 10_000, 1000):
        assert settings(exposure, [180], time) == []
    assert settings(exposure, [180] * 30) == [{"AeEnable": False, "ExposureTime": 10_000, "AnalogueGain": 2.0}]


def test_exposure_that_never_settles_is_locked_after_a_while() -> None:
    exposure = Exposure(KNOWN, 10)
    for count in range(LONGEST_SETTLING + 1):
        settings(exposure, [180], 10_000 * (1 + count % 2))
    assert exposure.locked


@pytest.mark.parametrize("level", [120, 235, 255])
def test_another_light_lets_it_settle_again(level: int) -> None:
    assert settings(locked(), [level] * 20) == [{"AeEnable": True}]


@pytest.mark.parametrize("levels", [[150] * 50, [210] * 50, [60] * 9 + [180] * 50, [180, 60] * 50])
def test_a_little_more_or_less_light_or_a_hand_does_not(levels: list[float]) -> None:
    assert settings(locked(), levels) == []


def test_only_controls_that_the_camera_has_are_set() -> None:
    exposure = Exposure({name: KNOWN[name] for name in ("AeEnable", "ExposureTime")}, 10)
    assert settings(exposure, [180] * 40) == [{"AeEnable": False, "ExposureTime": 10_000}]


@pytest.mark.parametrize("metadata", [{}, {"ExposureTime": None}, {"ExposureTime": 0}])
def test_a_camera_that_tells_nothing_is_left_alone(metadata: dict[str, Any]) -> None:
    exposure = Exposure(KNOWN, 10)
    assert not any(exposure.update(page(180), metadata) for _ in range(200))
    assert exposure.describe() == ""
