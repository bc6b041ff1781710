"""Guards: what breaks a region's rules is refused with its reason, and a guard that was wrong gives way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.config.regions import RegionRule
from device.guard.guard import Guard
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
    return [event for event in (guard.still(reading(text, time)) for time in times) if event is not None]


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
        ({"range": (0.0, math.inf)}, "999999", "accepted"),
        ({"range": (10.0, math.inf)}, "9", "9 is outside 10 to inf"),
        ({"range": (0.0, 20.0), "decimals": 1}, "125", "accepted"),
        ({"range": (0.0, 20.0), "decimals": 1}, "205", "20.5 is outside 0 to 20"),
        ({"digits": 3, "decimals": "seen"}, "12.5", "accepted"),
        ({"digits": 3, "decimals": "seen"}, "2.5", "2 digits, expected 3"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_reason(expected: dict[str, object], text: str, reason: str) -> None:
    assert verdict(Guard(rule(**expected)), text) == reason


def test_a_refusal_says_where_what_and_when() -> None:
    settled = reading("123", 7.0)
    event = Guard(rule(digits=2)).judge(settled)
    assert event == Refusal("score", "123", 0.9, 7.0, "3 digits, expected 2", BOX, settled.id, 123.0)


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


def test_a_number_that_cannot_be_read_whole_is_accepted_in_the_end_as_any_other_without_a_value() -> None:
    guard = Guard(rule(range=(0.0, 1000.0)))
    assert verdict(guard, "12?5") == "part of it could not be read"
    [accepted] = hold(guard, "12?5", 0, 100)
    assert (accepted.text, accepted.value) == ("12?5", None)
    assert accepted.alert == "accepted after 5 readings against its rule: part of it could not be read"


def test_a_number_that_is_accepted_without_a_value_leaves_the_last_one() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    guard.judge(reading("1?0", 1))
    assert len(hold(guard, "1?0", 1, 10)) == 1
    assert verdict(guard, "500", 20) == "changed from 100 by +400, more than 10"


def test_a_refused_number_is_published_as_soon_as_it_keeps_the_rules() -> None:
    guard = Guard(rule(change_per_minute=10.0, accept_after=1000))
    guard.judge(reading("100", 0))
    assert verdict(guard, "125", 1) == "changed from 100 by +25, more than 10"
    [accepted] = hold(guard, "125", 2, 200)
    assert (accepted.alert, accepted.time) == (None, 150.0)


@pytest.mark.parametrize(
    ("decimals", "text", "value"),
    [(None, "12 34", 1234.0), (2, "1234", 12.34), ("seen", "12.5", 12.5), ("seen", "125", 125.0), (None, "1?4", None)],
)
def test_a_reading_comes_with_its_value(decimals: int | str | None, text: str, value: float | None) -> None:
    event = Guard(rule(decimals=decimals)).judge(reading(text))
    assert isinstance(event, Reading)
    assert (event.text, event.value) == (text, value)


def test_a_number_that_is_gone_is_told_once_and_comes_again_when_it_is_back() -> None:
    guard = Guard(rule(digits=2))
    gone = reading("", 5.0)
    assert guard.gone(gone) is None
    assert verdict(guard, "12") == "accepted"
    told = guard.gone(gone)
    assert told is not None
    assert (told.region, told.text, told.is_gone) == ("score", "", True)
    assert guard.gone(gone) is None
    assert [verdict(guard, text) for text in ("123", "12")] == ["3 digits, expected 2", "accepted"]


def test_what_is_gone_is_still_what_the_next_number_is_compared_with() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("100", 0))
    guard.gone(reading("", 1))
    assert verdict(guard, "500", 2) == "changed from 100 by +400, more than 10"


def test_a_change_is_measured_without_rounding() -> None:
    guard = Guard(rule(change_per_minute=0.1, decimals=1))
    assert [verdict(guard, text, time) for time, text in enumerate(["122", "123", "122"])] == 3 * ["accepted"]


def test_what_is_remembered_is_bounded_and_the_limit_holds_all_the_same() -> None:
    guard = Guard(rule(change_per_minute=60.0, accept_after=1000))
    taken = [k for k in range(1000) if verdict(guard, str(2 * k), k / 2) == "accepted"]
    assert len(guard.memory.accepted) <= 40
    # Two in half a second are 240 a minute; one in four keeps the limit.
    assert len(taken) < 400


def test_a_guard_goes_on_for_another_one_with_what_that_remembered() -> None:
    first = Guard(rule(change_per_minute=50.0))
    first.judge(reading("1234", 0))
    second = Guard(rule(change_per_minute=50.0, digits=4), first.memory)
    assert verdict(second, "9234", 2) == "changed from 1234 by +8000, more than 50"
    assert verdict(second, "1240", 3) == "accepted"


def test_with_other_decimals_the_last_number_is_understood_anew() -> None:
    first = Guard(rule(change_per_minute=50.0))
    first.judge(reading("1234", 0))
    second = Guard(rule(change_per_minute=50.0, decimals=1), first.memory)
    assert second.memory.value == 123.4


def test_a_value_set_by_hand_is_what_the_next_number_is_compared_with() -> None:
    guard = Guard(rule(change_per_minute=10.0))
    guard.judge(reading("9234", 0))
    assert verdict(guard, "1234", 1) == "changed from 9234 by -8000, more than 10"
    guard.set_value(1230.0, 2.0)
    [accepted] = hold(guard, "1234", 2, 1)
    assert (accepted.text, accepted.alert) == ("1234", None)


@given(st.lists(st.tuples(st.integers(0, 99_999), st.floats(-1e9, 1e9)), max_size=40))
def test_whatever_the_numbers_and_the_clock_a_number_that_stays_is_accepted(numbers: list[tuple[int, float]]) -> None:
    guard = Guard(rule(digits=3, range=(0.0, 500.0), change_per_minute=5.0))
    for number, time in numbers:
        guard.judge(reading(str(number), time))
    guard.judge(reading("4321", 1000.0))
    hold(guard, "4321", 1000, 20)
    assert guard.memory.text == "4321"


def test_what_may_be_a_part_of_a_number_is_never_accepted_for_having_stood_there_long() -> None:
    guard = Guard(rule(digits=4))
    refused = guard.judge(reading("123"), doubt="may be cut off")
    assert isinstance(refused, Refusal)
    assert refused.reason == "3 digits, expected 4; may be cut off"
    assert all(guard.still(reading("123", float(time)), "may be cut off") is None for time in range(100))
    [accepted] = hold(guard, "123", begin=100, seconds=20)
    assert accepted.alert == "accepted after 5 readings against its rule: 3 digits, expected 4"
