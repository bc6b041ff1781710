"""Fitting the confidence of settled readings."""

from __future__ import annotations

import numpy as np
import pytest

from device.calibrate import Sample, collect, confidences, fit, log_loss
from device.cameras import CameraSettings
from device.cameras.demo import DemoCamera
from device.tracking import TrackingRule
from edge_digits.types import Box, Image, Line, Page


def made_up(correlation: float, bias: float, count: int = 4000) -> list[Sample]:
    """Readings of a world in which the model holds exactly."""
    rng = np.random.default_rng(0)
    frames = rng.integers(5, 10, count)
    evidence = rng.uniform(-1.0, 4.0, count)
    blank = [Sample(k, float(e), int(n), 0.9, True) for k, (e, n) in enumerate(zip(evidence, frames, strict=True))]
    right = rng.random(count) < confidences(blank, correlation, bias)
    return [Sample(s.page, s.evidence, s.frames, s.naive, bool(r)) for s, r in zip(blank, right, strict=True)]


@pytest.mark.parametrize(("correlation", "bias"), [(0.3, -1.0), (0.8, 0.5), (1.0, 0.0)])
def test_the_fit_finds_the_numbers_that_made_the_readings(correlation: float, bias: float) -> None:
    samples = made_up(correlation, bias)
    found = fit(samples)
    right = np.array([sample.right for sample in samples])
    assert found == (pytest.approx(correlation, abs=0.15), pytest.approx(bias, abs=0.3))
    assert log_loss(confidences(samples, *found), right) <= log_loss(confidences(samples, correlation, bias), right)


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
    assert sum(sample.right for sample in samples) >= 2
