"""When readings are due: every so many seconds, and at times of the day, however the clock is set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from device.config.reading import ReadConfig
from device.timing.schedule import Schedule


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


class Clocks:
    """A day in summer, and one in which clocks can be set."""

    def __init__(self, text: str) -> None:
        self.now, self.steady = datetime.fromisoformat(text).timestamp(), 0.0

    def schedule(self, config: ReadConfig) -> Schedule:
        return Schedule(config, lambda: self.steady, lambda: self.now)

    def due(self, schedule: Schedule, seconds: int) -> list[str]:
        """The local times at which a reading was due, looked for every second."""
        found = []
        for _ in range(seconds):
            if schedule.is_due():
                found.append(f"{datetime.fromtimestamp(self.now):%d %H:%M:%S}")
            self.now, self.steady = self.now + 1, self.steady + 1
        return found


def test_every_begins_at_once_and_keeps_its_pace() -> None:
    clocks = Clocks("2026-07-01T12:00:00")
    found = clocks.due(clocks.schedule(ReadConfig(every=10)), 35)
    assert found == ["01 12:00:00", "01 12:00:10", "01 12:00:20", "01 12:00:30"]


def test_readings_that_were_missed_are_one() -> None:
    clocks = Clocks("2026-07-01T12:00:00")
    schedule = clocks.schedule(ReadConfig(every=10))
    assert schedule.is_due()
    clocks.steady += 95
    assert schedule.is_due()
    assert not schedule.is_due()
    clocks.steady += 5
    assert schedule.is_due()


@pytest.mark.usefixtures("zone")
def test_at_is_the_local_time_once_a_day() -> None:
    clocks = Clocks("2026-07-01T05:59:00")
    schedule = clocks.schedule(ReadConfig(at=("18:30", "06:00")))
    assert clocks.due(schedule, 2 * 86400) == ["01 06:00:00", "01 18:30:00", "02 06:00:00", "02 18:30:00"]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_the_nights_in_which_summer_time_begins_and_ends_have_one_reading(
    monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    clocks = Clocks(f"{day}T12:00:00")
    assert len(clocks.due(clocks.schedule(ReadConfig(at=("02:30",))), 86400)) == 1
    monkeypatch.undo()
    time.tzset()


def test_a_time_that_went_by_in_a_suspended_computer_is_made_up_for() -> None:
    clocks = Clocks("2026-07-01T05:59:00")
    schedule = clocks.schedule(ReadConfig(at=("06:00",)))
    clocks.now += 8 * 3600
    assert schedule.is_due()
    assert clocks.due(schedule, 3600) == []


def test_a_clock_that_was_years_ahead_holds_nothing_up() -> None:
    clocks = Clocks("2031-07-01T05:00:00")
    schedule = clocks.schedule(ReadConfig(at=("06:00",)))
    clocks.now = datetime.fromisoformat("2026-07-01T05:59:58").timestamp()
    assert clocks.due(schedule, 60) == ["01 06:00:00"]


def test_both_together_are_due_when_either_is() -> None:
    clocks = Clocks("2026-07-01T05:59:50")
    found = clocks.due(clocks.schedule(ReadConfig(every=60, at=("06:00",))), 61)
    assert found == ["01 05:59:50", "01 06:00:00", "01 06:00:50"]


def test_without_either_nothing_is_due() -> None:
    clocks = Clocks("2026-07-01T05:59:50")
    config = ReadConfig(repeat=5)
    assert not config.is_timed
    assert clocks.due(clocks.schedule(config), 3600) == []
