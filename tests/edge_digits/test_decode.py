"""Promises of edge_digits.decode: probabilities that sum to one, and the best explanation of a row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge_digits.charset import REJECT
from edge_digits.decode import Span, best_path, opinions, probabilities


def _span(first: int, last: int, value: int, chance: float) -> Span:
    rest = np.full(REJECT + 1, (1 - chance) / REJECT, np.float32)
    rest[value] = chance
    return Span(first, last, opinions(rest[None])[0])


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


def test_two_sure_halves_beat_a_doubtful_whole() -> None:
    spans = [_span(0, 1, 3, 0.99), _span(1, 2, 5, 0.98), _span(0, 2, 8, 0.5)]
    assert [s.value for s in best_path(2, spans, np.array([0.5, 0.5]))] == [3, 5]


def test_a_sure_whole_beats_two_doubtful_halves() -> None:
    spans = [_span(0, 1, 1, 0.6), _span(1, 2, 1, 0.6), _span(0, 2, 4, 0.97)]
    assert [s.value for s in best_path(2, spans, np.array([0.5, 0.5]))] == [4]


def test_ink_that_is_surely_no_digit_stays_one_reject() -> None:
    spans = [_span(0, 1, 1, 0.2), _span(1, 2, REJECT, 0.9), _span(0, 2, REJECT, 0.999)]
    path = best_path(2, spans, np.array([0.5, 0.5]))
    assert len(path) == 1
    assert not path[0].is_digit


@given(st.integers(1, 8), st.integers(0, 2**31))
def test_the_path_covers_every_piece_once(pieces: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spans = [
        _span(first, last, int(rng.integers(11)), float(rng.uniform(0.2, 1)))
        for first in range(pieces)
        for last in range(first + 1, min(first + 4, pieces + 1))
    ]
    path = best_path(pieces, spans, rng.uniform(0.1, 1, pieces))
    assert [s.first for s in path] == [0, *(s.last for s in path[:-1])]
    assert path[-1].last == pieces


def test_spans_that_do_not_reach_the_end_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not reach"):
        best_path(2, [_span(0, 1, 1, 0.9)], np.array([0.5, 0.5]))
