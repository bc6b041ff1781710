"""Guards: what breaks a region's rules is refused with its reason, and a guard that was wrong gives way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.regions import Guard, RegionRule
from edge_digits.types import Box, Reading, Refusal

BOX = Box(10, 20, 30, 40)


def rule(**expected: object) -> RegionRule:
    return RegionRule("score", BOX, **({"accept_after": 5} | expected))  # pyright: ignore[reportArgumentType]


def reading(text: str, time: float = 0.0) -> Reading:
    return Reading(text, 0.9, BOX, time, 5)


def verdict(guard: Guard, text: str, time: float = 0.0) -> str | None:
    """ "accepted", or the reason against it."""
    event = guard.judge(reading(text, time))
    return event.reason if isinstance(event, Refusal) else "accepted" if event else None


def hold(guard: Guard, text: str, begin: int, seconds: int, rate: int = 10) -> list[Reading]:
    """What a number that stands still brings, frame by frame."""
    times = [begin + k / rate for k in range(seconds * rate)]
    return [event for event in (guard.still(text, time) for time in times) if event is not None]


def test_a_region_without_expectations_accepts_everything_and_gives_its_name() -> None:
    event = Guard(rule()).judge(reading("12?4"))
    assert isinstance(event, Reading)
    assert (event.region, event.text, event.alert) == ("score", "12?4", None)


@pytest.mark.parametrize(
    ("expected", "text", "reason"),
    [
        ({"digits": 4}, "1234", "accepted"),
        ({"digits": 4}, "12 34", "accepted"),
        ({"digits": 4}, "123", "3 digits, expected 4"),
        ({"digits": 2}, "1", "1 digit, expected 2"),
        ({"digits": 4}, "12?34", "part of it could not be read"),
        ({"range": (0.0, 50.0)}, "50", "accepted"),
        ({"range": (0.0, 50.0)}, "51", "51 is outside 0 to 50"),
        ({"range": (5.0, 50.0)}, "04", "4 is outside 5 to 50"),
        ({"digits": 2, "range": (0.0, 50.0)}, "123", "3 digits, expected 2; 123 is outside 0 to 50"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_reason(expected: dict[str, object], text: str, reason: str) -> None:
    assert verdict(Guard(rule(**expected)), text) == reason


def test_a_refusal_says_where_what_and_when() -> None:
    settled = reading("123", 7.0)
    event = Guard(rule(digits=2)).judge(settled)
    assert event == Refusal("score", "123", 0.9, 7.0, "3 digits, expected 2", BOX, settled.id)


def test_a_change_is_measured_against_the_last_minute() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    assert verdict(guard, "100", 0) == "accepted"
    assert verdict(guard, "111", 1) == "changed from 100 by +11, more than 10"
    assert verdict(guard, "106", 2) == "accepted"
    assert verdict(guard, "112", 3) == "changed from 100 by +12, more than 10"
    assert verdict(guard, "112", 65) == "accepted"


def test_after_minutes_without_a_number_it_may_have_changed_by_more() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    assert verdict(guard, "100", 0) == "accepted"
    assert verdict(guard, "125", 120) == "changed from 100 by +25, more than 20"
    assert verdict(guard, "125", 150) == "accepted"


def test_a_number_that_stood_there_until_now_may_not() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    hold(guard, "100", 0, 600)
    assert verdict(guard, "125", 601) == "changed from 100 by +25, more than 10"


def test_a_number_that_comes_back_after_a_refused_one_is_not_published_again() -> None:
    guard = Guard(rule(digits=2))
    assert [verdict(guard, text) for text in ("12", "123", "12", "13", "12")] == [
        "accepted",
        "3 digits, expected 2",
        None,
        "accepted",
        "accepted",
    ]


def test_a_number_that_goes_on_breaking_the_rules_is_accepted_in_the_end_with_an_alert() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    refusal = guard.judge(reading("500", 1))
    assert hold(guard, "500", 1, 5) == []
    [healed] = hold(guard, "500", 6, 20)
    assert isinstance(refusal, Refusal)
    assert (healed.text, healed.region, healed.time) == ("500", "score", 6.0)
    assert healed.alert == ("accepted after 5 readings against its rule: changed from 100 by +400, more than 10")
    assert healed.id != refusal.id
    assert verdict(guard, "505", 30) == "accepted"


def test_a_rule_that_gave_way_stays_out_of_force_until_a_number_keeps_it_again() -> None:
    guard = Guard(rule(digits=3))
    guard.judge(reading("1000", 0))
    assert len(hold(guard, "1000", 0, 10)) == 1
    assert [verdict(guard, text, 20) for text in ("1001", "1002", "999", "1000")] == [
        "accepted",
        "accepted",
        "accepted",
        "4 digits, expected 3",
    ]


def test_a_number_that_goes_on_counting_is_accepted_too() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    events = [guard.judge(reading(str(500 + k), 2 * k)) for k in range(1, 7)]
    assert [type(event) for event in events] == [Refusal] * 5 + [Reading]


def test_misreads_that_do_not_agree_are_never_accepted() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    for k in range(1, 200):
        assert isinstance(guard.judge(reading(("500", "900")[k % 2], float(k / 4))), Refusal)


def test_a_number_that_cannot_be_read_whole_is_never_accepted() -> None:
    guard = Guard(rule(digits=3))
    guard.judge(reading("1?0"))
    assert hold(guard, "1?0", 0, 100) == []


@given(st.lists(st.tuples(st.integers(0, 99_999), st.floats(-1e9, 1e9)), max_size=40))
def test_whatever_the_numbers_and_the_clock_a_number_that_stays_is_accepted(numbers: list[tuple[int, float]]) -> None:
    guard = Guard(rule(digits=3, range=(0.0, 500.0), change_per_minute=5.0))
    for number, time in numbers:
        guard.judge(reading(str(number), time))
    first = guard.judge(reading("4321", 1000.0))
    assert isinstance(first, Reading) or len(hold(guard, "4321", 1000, 20)) == 1
