"""Promises of edge_digits.evaluation.intervals: sources are what is drawn again."""

from __future__ import annotations

import math
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from edge_digits.evaluation import intervals
from edge_digits.evaluation.ground_truth import LabelledPicture, measures
from edge_digits.evaluation.intervals import Interval, figures, macro_difference

Pair = tuple[LabelledPicture, list[str]]


def _pair(written: str, read: str, source: str) -> Pair:
    return LabelledPicture(Path(f"{source}{written}.png"), (written,), "lines", "plain", source), [read]


def _sources(rates: list[float]) -> list[Pair]:
    """A source of ten digits for each of ``rates``, that share of them read wrongly."""
    digits = "0123456789"
    return [_pair(digits, "x" * round(10 * rate) + digits[round(10 * rate) :], str(i)) for i, rate in enumerate(rates)]


def test_the_values_are_the_measures() -> None:
    read = [*_sources([0.1, 0.0, 0.5, 0.2, 0.0, 1.0]), _pair("12", "13", "0")]
    found, same = figures(read), measures(read)
    assert found.measures == same
    assert (found.macro_cer.value, found.cer.value, found.line_exact.value) == (
        same.macro_cer,
        same.cer,
        same.line_exact,
    )


def test_an_interval_holds_its_value_and_is_the_same_each_time() -> None:
    read = _sources([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    found = figures(read)
    assert found == figures(read)
    for one in (found.macro_cer, found.cer, found.line_exact):
        assert one.low <= one.value <= one.high
    assert found.macro_cer.low < found.macro_cer.high


def test_sources_that_are_all_alike_leave_no_doubt() -> None:
    assert astuple(figures(_sources([0.2] * 6)).macro_cer) == pytest.approx((0.2, 0.2, 0.2))


def test_the_mean_of_many_sources_has_the_interval_of_a_mean() -> None:
    rates = np.random.default_rng(0).integers(0, 11, 100) / 10
    found = figures(_sources(rates.tolist())).macro_cer
    reach = 1.96 * rates.std() / math.sqrt(len(rates))
    assert (found.low, found.high) == pytest.approx((rates.mean() - reach, rates.mean() + reach), abs=0.01)


def test_pictures_of_one_source_are_drawn_together() -> None:
    """Ten times as many pictures of the same sources say nothing new of other sources."""
    few = _sources([0.0, 0.1, 0.2, 0.3, 0.4])
    assert astuple(figures(few * 10).macro_cer) == pytest.approx(astuple(figures(few).macro_cer))


def test_too_few_sources_have_no_interval() -> None:
    found = figures(_sources([0.0, 0.5, 0.1, 0.2])).macro_cer
    assert found.value == pytest.approx(0.2)
    assert math.isnan(found.low) and math.isnan(found.high)
    assert math.isnan(figures([]).macro_cer.value)


def test_two_readers_are_compared_on_the_same_sources() -> None:
    """What all sources share, that some are harder, is not in the difference."""
    rates = [0.0, 0.1, 0.3, 0.5, 0.7, 0.9]
    worse = macro_difference(_sources(rates), _sources([rate + 0.1 for rate in rates]))
    assert astuple(worse) == pytest.approx((0.1, 0.1, 0.1))
    assert macro_difference(_sources(rates), _sources(rates)) == Interval(0.0, 0.0, 0.0)
    mixed = macro_difference(_sources(rates), _sources([0.1, 0.0, 0.4, 0.4, 0.8, 0.8]))
    assert mixed.low < 0 < mixed.high
    with pytest.raises(ValueError, match="pictures differ"):
        macro_difference(_sources(rates), _sources(rates[1:]))


@pytest.mark.parametrize(("wrong", "share"), [([], 0.0), ([0], 1 / 9), ([9], 0.0)])
def test_the_surest_nine_of_ten_answers_are_counted(wrong: list[int], share: float) -> None:
    confidence = np.linspace(0.99, 0.5, 10)
    right = np.array([i not in wrong for i in range(10)])
    assert intervals.kept_error(confidence, right) == pytest.approx(share)
    found = intervals.surest(confidence, right, list("aabbccddee"))
    assert found.value == pytest.approx(share)
    assert found.low <= share <= found.high


def test_without_answers_nothing_is_said_of_the_surest() -> None:
    assert math.isnan(intervals.surest(np.empty(0), np.empty(0, np.bool_), []).value)
