"""Promises of edge_digits.runtime.probabilities: probabilities that sum to one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge_digits.runtime.probabilities import probabilities


@given(hnp.arrays(np.float32, (3, 11), elements=st.floats(-200, 200, width=32)), st.floats(0.1, 10))
def test_probabilities_sum_to_one_and_keep_the_order(scores: np.ndarray, temperature: float) -> None:
    chances = probabilities(scores, temperature)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
    best = scores.argmax(axis=1)
    assert np.allclose(chances[range(3), best], chances.max(axis=1))


def test_probabilities_leave_the_scores_alone() -> None:
    scores = np.ones((1, 11), np.float32)
    probabilities(scores, 2.0)
    assert (scores == 1).all()


def test_higher_temperature_is_less_sure() -> None:
    scores = np.array([[5.0, 0.0]], np.float32)
    assert probabilities(scores, 3.0)[0, 0] < probabilities(scores, 1.0)[0, 0]
