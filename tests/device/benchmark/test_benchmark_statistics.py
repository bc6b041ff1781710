"""Differences between runs, on made-up windows whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from device.benchmark import statistics


@pytest.mark.parametrize(
    ("probability", "freedom", "known"), [(0.975, 4, 2.7764), (0.975, 1, 12.706), (0.995, 8, 3.3554)]
)
def test_quantiles_are_those_of_the_tables(probability: float, freedom: int, known: float) -> None:
    assert statistics.student_quantile(probability, freedom) == pytest.approx(known, rel=1e-4)


@pytest.mark.parametrize("windows", [2, *(pytest.param(count, marks=pytest.mark.slow) for count in (5, 10))])
def test_an_interval_holds_the_truth_as_often_as_it_says(windows: int) -> None:
    random = np.random.default_rng(0)
    held = 0
    for trial in range(300):
        first, second = np.exp(random.normal(0, 0.05, (2, windows)))
        found = statistics.ratio(first, 1.5 * second, seed=trial)
        held += found.low <= 1.5 <= found.high
    assert held >= 0.92 * 300


def test_windows_of_the_same_rounds_are_paired() -> None:
    random = np.random.default_rng(0)
    slow_moments = np.exp(random.normal(0, 0.3, 5))
    first, second = slow_moments * np.exp(random.normal(0, 0.01, (2, 5)))
    paired, apart = statistics.paired_ratio(first, 2 * second), statistics.ratio(first, 2 * second)
    assert paired.low < 2 < paired.high
    assert paired.high / paired.low < 1.1 < apart.high / apart.low


def test_without_any_spread_the_interval_is_the_estimate() -> None:
    found = statistics.ratio([2.0, 2.0], [3.0, 3.0])
    assert (found.low, found.estimate, found.high) == pytest.approx((1.5, 1.5, 1.5))


def test_the_same_errors_make_no_difference_and_more_errors_one() -> None:
    written, sources = [5] * 40, ["a"] * 20 + ["b"] * 20
    errors = [number % 3 == 0 for number in range(40)]
    same = statistics.macro_difference(errors, errors, written, sources)
    assert (same.low, same.estimate, same.high) == (0, 0, 0)
    worse = statistics.macro_difference(errors, [e + 1 for e in errors], written, sources)
    assert worse.estimate == pytest.approx(0.2)
    assert worse.low > 0


def test_where_too_little_was_measured_nothing_else_is_said() -> None:
    two_windows = statistics.paired_ratio([1.0, 2.0], [2.0, 1.1])
    assert two_windows.high > 1000 * two_windows.low
    assert statistics.in_short(two_windows) == f"{two_windows.estimate:.3g} (too little was measured to tell)"


def test_a_sure_difference_of_unknown_size_is_at_least_so_large() -> None:
    slower, faster = statistics.Interval(9.0, 2.0, 40.0), statistics.Interval(1 / 9, 1 / 40, 1 / 2)
    assert not slower.tells_nothing and not faster.tells_nothing
    assert statistics.times(slower, "slower", "faster") == "9 times slower (at least 2)"
    assert statistics.times(faster, "slower", "faster") == "9 times faster (at least 2)"
    assert statistics.times(statistics.Interval(2.0, 1.8, 2.2), "slower", "faster") == "2 times slower (1.8 to 2.2)"
