"""Counters: they only rise, by so much in an hour, begin again at 0, and say what a digit must be."""

from __future__ import annotations

import pytest

from device.config.regions import RegionRule
from device.guard.guard import Guard
from edge_digits.types import Box, Reading, Refusal

HOUR = 3600.0


def guard(*accepted: str, **expected: object) -> Guard:
    """A counter's guard that has accepted these numbers, the last of them at time 0, one a minute."""
    made = Guard(RegionRule("water", Box(0, 0, 9, 9), counter=True, **expected))  # pyright: ignore[reportArgumentType]
    for ago, text in zip(range(len(accepted) - 1, -1, -1), accepted, strict=True):
        assert isinstance(judge(made, text, -60.0 * ago), Reading)
    return made


def judge(made: Guard, text: str, time: float = 1.0) -> Reading | Refusal | None:
    return made.judge(Reading(text, 0.9, Box(0, 0, 9, 9), time, 5))


def verdict(made: Guard, text: str, time: float = 1.0) -> str | None:
    event = judge(made, text, time)
    return event.reason if isinstance(event, Refusal) else None if event is None else event.text


def test_a_counter_only_rises() -> None:
    made = guard("1234")
    assert [verdict(made, text) for text in ("1235", "1235", "1240", "1239", "9999")] == [
        "1235",
        "1235",
        "1240",
        "fell from 1240 to 1239",
        "9999",
    ]


@pytest.mark.parametrize(
    ("text", "time", "said"),
    [
        ("1284", 1.0, "1284"),
        ("1285", 1.0, "rose from 1234 by +51, more than 50"),
        ("1285", 0.9 * HOUR, "rose from 1234 by +51, more than 50"),
        ("1309", 1.5 * HOUR, "1309"),
        ("1310", 1.5 * HOUR, "rose from 1234 by +76, more than 75"),
    ],
)
def test_a_counter_rises_by_no_more_than_it_may_in_an_hour(text: str, time: float, said: str) -> None:
    assert verdict(guard("1234", rise_per_hour=50.0), text, time) == said


def test_small_rises_add_up() -> None:
    made = guard("1000", rise_per_hour=50.0, accept_after=1000)
    said = [verdict(made, str(1000 + 10 * k), 300.0 * k) for k in range(1, 12)]
    assert said[:5] == ["1010", "1020", "1030", "1040", "1050"]
    assert said[5] == "rose from 1000 by +60, more than 50"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("00003", "00003"),
        ("00100", "fell, or rolled over, from 99990 by +110, more than 50"),
        ("99989", "fell, or rolled over, from 99990 by +99999, more than 50"),
    ],
)
def test_a_counter_begins_again_at_zero_where_it_rolls_over(text: str, said: str) -> None:
    assert verdict(guard("99990", rise_per_hour=50.0, rollover=5), text) == said


def test_digits_at_which_it_rolls_over_are_counted_with_the_decimals() -> None:
    made = guard("99990", rise_per_hour=0.5, rollover=5, decimals=2)
    event = judge(made, "00003")
    assert isinstance(event, Reading)
    assert event.value == 0.03


@pytest.mark.parametrize(
    ("last", "text", "expected"),
    [
        ("1234", "1?36", "1236"),
        ("1234", "123?", "part of it could not be read"),
        ("1239", "12?1", "1241"),
        ("1239", "1??1", "1241"),
        ("1234", "12?", "part of it could not be read"),
        ("1234", "?1236", "part of it could not be read"),
        ("1234", "????", "part of it could not be read"),
        ("1234", "9?34", "part of it could not be read"),
    ],
)
def test_a_digit_that_was_not_read_is_filled_in_where_it_can_only_be_one(last: str, text: str, expected: str) -> None:
    assert verdict(guard(last, rise_per_hour=10.0), text) == expected


def test_a_number_with_a_digit_filled_in_says_so_and_is_not_published_again() -> None:
    made = guard("1234", rise_per_hour=10.0)
    event = judge(made, "1?36")
    assert isinstance(event, Reading)
    assert (event.value, event.alert) == (1236.0, "read as 1?36; the last value leaves no other number")
    assert made.still(Reading("1?36", 0.9, Box(0, 0, 9, 9), 90.0, 5)) is None
    assert made.memory.accepted[-1] == (90.0, 1236.0)


def test_a_digit_of_a_number_that_is_no_counter_is_never_filled_in() -> None:
    made = Guard(RegionRule("score", Box(0, 0, 9, 9), digits=4, change_per_minute=10.0))
    judge(made, "1234", 0.0)
    assert verdict(made, "1?36") == "part of it could not be read"


def test_with_a_value_set_by_hand_the_number_of_digits_must_be_known_to_fill_one_in() -> None:
    for digits, expected in ((4, "1236"), (None, "part of it could not be read")):
        made = guard(rise_per_hour=10.0, digits=digits)
        made.set_value(1234.0, 0.0)
        assert verdict(made, "1?36") == expected


def test_a_counter_that_was_read_too_high_gives_way_to_one_that_goes_on_counting() -> None:
    made = guard("9234", rise_per_hour=50.0, accept_after=5)
    events = [judge(made, str(1234 + k), 2.0 * k) for k in range(1, 7)]
    assert [type(event) for event in events] == [Refusal] * 5 + [Reading]
    assert verdict(made, "1250", 20.0) == "1250"


def test_numbers_that_fall_do_not_support_each_other_against_a_counter() -> None:
    made = guard("9234", accept_after=5)
    assert all(isinstance(judge(made, str(1234 - k), 2.0 * k), Refusal) for k in range(1, 30))
