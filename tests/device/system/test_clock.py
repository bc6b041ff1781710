"""A clock that is wrong at boot, or set back: times of which that is known are marked."""

from __future__ import annotations

import time

import pytest

from device.system import clock
from device.system.clock import SET_BACK, UNSYNCHRONISED, ClockWatch, is_synchronised

BOOT = 1_700_000_000.0


class Computer:
    """Its clock, which can be set, and seconds since it was started, which cannot."""

    def __init__(self, synchronised: bool = True) -> None:
        self.clock, self.since_boot, self.synchronised = BOOT, 20.0, synchronised
        self.watch = ClockWatch(lambda: self.clock, lambda: self.since_boot, lambda: self.synchronised)

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self.since_boot += seconds

    def doubt(self) -> str | None:
        return self.watch.doubt(self.clock)


def test_times_before_the_clock_is_set_are_marked_and_those_after_it_are_not(caplog: pytest.LogCaptureFixture) -> None:
    computer = Computer(synchronised=False)
    assert computer.doubt() == UNSYNCHRONISED
    computer.wait(40)
    assert computer.doubt() == UNSYNCHRONISED
    computer.clock += 8 * 3600
    computer.synchronised = True
    assert computer.doubt() is None
    assert caplog.messages == ["the clock was set forward by 28800 s; times before that are marked as unsynchronised"]


def test_a_clock_that_was_set_stays_sound_while_the_network_is_away() -> None:
    computer = Computer()
    assert computer.doubt() is None
    computer.synchronised = False
    computer.wait(7 * 86_400)
    assert computer.doubt() is None


def test_times_that_come_again_after_the_clock_was_set_back_are_marked(caplog: pytest.LogCaptureFixture) -> None:
    computer = Computer()
    computer.wait(100)
    assert computer.doubt() is None
    computer.clock -= 3600
    for seconds, doubt in ((0, SET_BACK), (3000, SET_BACK), (599, SET_BACK), (2, None), (1, None)):
        computer.wait(seconds)
        assert computer.doubt() == doubt
    assert caplog.messages == ["the clock was set back by 3600 s"]


def test_a_step_is_noticed_between_readings_too() -> None:
    computer = Computer()
    computer.clock -= 100
    computer.watch.look()
    computer.clock += 50
    computer.watch.look()
    assert computer.doubt() == SET_BACK
    computer.wait(51)
    assert computer.doubt() is None


def test_a_clock_that_runs_a_little_faster_or_slower_is_not_set(caplog: pytest.LogCaptureFixture) -> None:
    computer = Computer()
    for _ in range(1000):
        computer.wait(1.0)
        computer.clock -= 0.0005
        assert computer.doubt() is None
    assert caplog.messages == []


def test_this_computer_s_clock_can_be_asked() -> None:
    assert is_synchronised() in (True, False)
    assert ClockWatch().doubt(time.time()) in (None, UNSYNCHRONISED)


def test_what_systemd_has_set_is_sound_whatever_the_kernel_says(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_adjtimex", lambda: lambda timex: -1)
    assert is_synchronised()
    monkeypatch.setattr(clock, "_adjtimex", lambda: unsynchronised)
    monkeypatch.setattr(clock, "SYNCHRONIZED_FILE", tmp_path / "synchronized")
    assert not is_synchronised()
    (tmp_path / "synchronized").touch()
    assert is_synchronised()


def unsynchronised(timex) -> int:
    """adjtimex(2) of a kernel that nobody has told the time."""
    timex._obj.maxerror = clock.MOST_ERROR
    return 5
