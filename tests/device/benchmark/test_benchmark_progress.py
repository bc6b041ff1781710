"""How far a benchmark is, and how long it still takes."""

from __future__ import annotations

import pytest

from device.benchmark.run import EVERY, Progress, duration


class Clock:
    """Goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "1 s"), (12.3, "13 s"), (90.0, "90 s"), (91.0, "2 min"), (3600.0, "60 min"), (5700.0, "1 h 35 min")],
)
def test_a_duration_is_rounded_up_and_never_nothing(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_time_left_follows_what_work_really_takes() -> None:
    clock = Clock()
    progress = Progress(3, 30.0, clock)
    assert progress.left == 30.0
    clock.now = 40.0
    progress.done(10.0)
    assert progress.left == pytest.approx(80.0), "four times as slow as expected"
    progress.done(5.0)
    assert progress.left == pytest.approx(40.0), "what is short is over sooner"


def test_without_a_terminal_a_line_comes_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(4, 400.0, clock)
    for _ in range(4):
        clock.now += 0.6 * EVERY
        progress.done(100.0)
    assert capsys.readouterr().err.splitlines() == ["2/4, about 36 s left", "4/4"]
