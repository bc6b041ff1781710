"""The confidence of what several frames agree on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.tracking import vote
from device.tracking.vote import mean_evidence, settled_confidence

CHANCES = st.lists(st.floats(0.0, 1.0), max_size=9)


def test_a_vote_is_worth_so_many_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vote, "BIAS", 0.0)
    monkeypatch.setattr(vote, "EFFECTIVE_FRAMES", 1.0)
    assert settled_confidence([0.8] * 5, [], 0) == pytest.approx(0.8)
    monkeypatch.setattr(vote, "EFFECTIVE_FRAMES", 2.0)
    assert settled_confidence([0.8] * 5, [], 0) == pytest.approx(0.64 / (0.64 + 0.04))


def test_frames_that_are_surer_make_a_surer_vote() -> None:
    sure = [settled_confidence([chance] * 5, [], 0) for chance in (0.5, 0.7, 0.9, 0.99)]
    assert sure == sorted(set(sure))


def test_a_frame_that_disagrees_or_reads_nothing_counts_against() -> None:
    sure = mean_evidence([0.9] * 5, [], 0)
    assert mean_evidence([0.9] * 5, [0.9], 0) < mean_evidence([0.9] * 5, [0.6], 0) < sure
    assert mean_evidence([0.9] * 5, [], 1) < sure
    assert mean_evidence([0.9] * 5, [0.1], 0) < sure


@given(CHANCES.filter(bool), CHANCES, st.integers(0, 9))
def test_a_confidence_is_a_probability(agreeing: list[float], others: list[float], blanks: int) -> None:
    assert 0.0 < settled_confidence(agreeing, others, blanks) < 1.0
