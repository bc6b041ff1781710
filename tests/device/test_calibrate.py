"""Fitting the confidence of settled readings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from device.calibrate import Sample, collect, confidences, fit, log_loss
from device.cameras.demo import DemoCamera
from device.config.camera import CameraSettings
from device.config.reading import TrackingRule
from edge_digits.page import Page
from edge_digits.types import Box, Image, Line


def made_up(effective: float, bias: float, count: int = 1500) -> list[Sample]:
    """Readings of a world in which the model holds exactly."""
    rng = np.random.default_rng(0)
    evidence = rng.uniform(-1.0, 4.0, count).tolist()
    samples = [Sample(page, nats, 5, 0.9, True, True) for page, nats in enumerate(evidence)]
    right = rng.random(count) < confidences(samples, effective, bias)
    return [replace(sample, right=bool(is_right)) for sample, is_right in zip(samples, right, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize(("effective", "bias"), [(0.5, -1.0), (2.5, 0.5)])
def test_the_fit_finds_the_numbers_that_made_the_readings(effective: float, bias: float) -> None:
    samples = made_up(effective, bias)
    found = fit(samples)
    right = np.array([sample.right for sample in samples])
    assert found == (pytest.approx(effective, abs=0.25), pytest.approx(bias, abs=0.3))
    assert log_loss(confidences(samples, *found), right) <= log_loss(confidences(samples, effective, bias), right)


def test_readings_are_held_against_what_is_written() -> None:
    camera = DemoCamera(CameraSettings(160, 120, 15.0))
    number = [8]

    def read(image: Image) -> Page:
        number[0] = number[0] + 1 if number[0] % 60 != 17 else number[0] + 52
        lines = camera.photograph(number[0]).lines
        first, *others = [Line(line.text.replace(" ", ""), 0.9, line.box, ()) for line in lines]
        return Page((Line("?", 0.6, first.box, ()), *others, Line("1", 0.6, Box(150, 0, 3, 3), ())), ())

    samples = collect(camera, read, 2, TrackingRule())
    assert {sample.frames for sample in samples} == {5}
    assert sum(not sample.right for sample in samples) == 4
    assert sum(not sample.whole for sample in samples) == 2
    assert sum(sample.right for sample in samples) >= 2
