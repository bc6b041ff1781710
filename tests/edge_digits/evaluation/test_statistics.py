"""How sure a share is, and whether two systems differ: as the books have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.evaluation.statistics import mcnemar, paired_difference, paired_loss, wilson


def test_wilsons_interval_is_that_of_the_books() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share(pair: tuple[int, int]) -> None:
    right, count = pair
    low, high = wilson(right, count)
    assert 0 <= low <= right / count <= high <= 1


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"), [(0, 0, 1.0), (0, 5, 0.0625), (3, 5, 0.7266), (10, 1, 0.01172), (4, 4, 1.0)]
)
def test_mcnemar_is_the_exact_test_on_the_items_that_differ(only_first: int, only_second: int, p: float) -> None:
    first = [True] * 100 + [True] * only_first + [False] * only_second
    second = [True] * 100 + [False] * only_first + [True] * only_second
    assert mcnemar(first, second) == (only_first, only_second, pytest.approx(p, rel=1e-3))


def test_a_paired_loss_comes_from_the_items_that_differ() -> None:
    before = [True] * 90 + [True] * 6 + [False] * 2 + [False] * 2
    after = [True] * 90 + [False] * 6 + [True] * 2 + [False] * 2
    loss, margin = paired_loss(before, after)
    assert loss == pytest.approx(0.04)
    # The variance of the mean difference: (b + c - (b - c)**2 / n) / n**2.
    assert margin == pytest.approx(1.96 * (8 - 16 / 100) ** 0.5 / 100, rel=1e-4)
    assert paired_loss(before, before) == (0.0, 0.0)


def pair(only_first: int, only_second: int, count: int) -> tuple[list[bool], list[bool]]:
    """Right answers of two systems that differ on some of ``count`` items."""
    both = [True] * (count - only_first - only_second)
    return [True] * only_first + [False] * only_second + both, [False] * only_first + [True] * only_second + both


def test_a_paired_difference_without_differing_answers_is_as_sure_as_wilsons_interval_of_none() -> None:
    difference = paired_difference(*pair(0, 0, 1000))
    assert difference.value == 0
    assert (difference.low, difference.high) == pytest.approx((-wilson(0, 1000)[1], wilson(0, 1000)[1]))


@pytest.mark.parametrize(("only_first", "only_second"), [(4, 0), (3, 0), (0, 4), (10, 2), (9, 3), (30, 16), (30, 17)])
def test_a_paired_difference_is_shown_where_mcnemars_statistic_is_beyond_its_quantile(
    only_first: int, only_second: int
) -> None:
    difference = paired_difference(*pair(only_first, only_second, 400))
    statistic = abs(only_first - only_second) / (only_first + only_second) ** 0.5
    assert (not difference.low <= 0 <= difference.high) == (statistic > 1.959964)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 400))
def test_a_paired_interval_holds_its_difference_and_turns_round_with_the_pair(a: int, b: int, more: int) -> None:
    first, second = pair(a, b, a + b + more)
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
