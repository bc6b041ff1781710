"""The temperature makes confidence come true."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.evaluation import metrics
from train import temperature_scaling


def _answers(temperature: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are ``temperature`` times too large, and labels drawn from the probabilities they stand for."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (count, 4)).astype(np.float32)
    chances = temperature_scaling.softmax(logits)
    labels = (chances.cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    return logits * np.float32(temperature), labels.astype(np.uint8)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    logits, labels = _answers(temperature)
    assert temperature_scaling.fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.05)


def test_the_temperature_removes_the_calibration_error() -> None:
    logits, labels = _answers(3.0)
    errors = []
    for temperature in (1.0, temperature_scaling.fit_temperature(logits, labels)):
        chances = temperature_scaling.softmax(logits, temperature)
        errors.append(metrics.expected_calibration_error(chances.max(axis=1), chances.argmax(axis=1) == labels))
    assert errors[0] > 0.1
    assert errors[1] < 0.02


def test_probabilities_sum_to_one_however_large_the_logits() -> None:
    chances = temperature_scaling.softmax(np.array([[1e4, 0, -1e4]], np.float32))
    np.testing.assert_allclose(chances, [[1, 0, 0]])
