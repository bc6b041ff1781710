"""Which frames are read: all of them, or those of the readings that are due or asked for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from device.config.reading import ReadConfig
from device.system.lamp import Lamp
from device.timing.demand import Answer, Demand
from device.timing.schedule import Schedule
from device.tracking.views import View
from edge_digits.types import Reading, Refusal

MOST_WINDOWS = 3
"""Frames that a reading may take, in times of those in which a number settles: in the dark, and where it is not sure
where the regions are, nothing is read."""

SLACK = 1.0
"""Seconds by which a reading may come too early to repeat a value: the loop is not on time to the millisecond, and the
next one may be a day away."""


class Turns:
    """The readings of one run. For the frame loop's thread; others ask through ``demand``."""

    def __init__(
        self,
        config: ReadConfig | None = None,
        demand: Demand | None = None,
        *,
        lamp: Lamp | None = None,
        timeout: float = 10.0,
        steady: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """config: None reads whenever the picture settles. lamp: is on for each reading, and else off; None is on all
        the time, or not there. timeout: seconds without a frame after which a reading is given up. steady, now: as
        ``Schedule`` has them."""
        self._config = config or ReadConfig()
        self._demand = demand or Demand()
        self._schedule = Schedule(self._config, steady, now)
        self._timeout, self._steady = timeout, steady
        self._lamp = lamp or Lamp()
        self._light = contextlib.ExitStack()
        self._turn: _Turn | None = None
        self._told: dict[str | None, float] = {}

    @property
    def is_reading(self) -> bool:
        """Whether the frame that comes next is to be read."""
        if self._turn is None:
            return not self._config.is_timed
        return self._steady() >= self._turn.lit_at

    def begin(self, views: Sequence[View]) -> None:
        """Begin a reading if one is due or asked for, and give up one for which no frames come; to be called again and
        again, whether frames come or not: the lamp's light is not waited for here."""
        now = self._steady()
        if self._turn is not None:
            if now - self._turn.heard_at > self._timeout:
                self._end()
            return
        answers = self._demand.take()
        is_due = self._schedule.is_due()
        old = {_name(view) for view in views if self._is_old(view, now)}
        if answers or is_due:
            asked = list(views)
        elif old and not self._config.is_timed:
            asked = [view for view in views if _name(view) in old]
        else:
            return
        again = [view for view in asked if answers or _name(view) in old]
        for view in asked:
            view.ask(view in again)
        self._turn = _Turn(answers, asked, {_name(view) for view in again}, now, self._lamp.settle)
        self._light.enter_context(self._lamp.lit(waits=False))

    def renew(self, views: Sequence[View]) -> None:
        """These are read from now on, in the place of others."""
        if self._turn is not None:
            self._turn.views = list(views)
            for view in views:
                view.ask(_name(view) in self._turn.again)

    def take(self, view: View, event: Reading | Refusal) -> None:
        """Take note of what was read."""
        turn = self._turn
        if isinstance(event, Reading):
            self._told[_name(view)] = self._steady() if turn is None else turn.began_at
        if turn is not None and view in turn.views:
            turn.events.append(event)

    def count(self) -> None:
        """A frame was read, and what it settled has been taken note of."""
        turn = self._turn
        if turn is None:
            return
        turn.frames += 1
        turn.heard_at = self._steady()
        most = MOST_WINDOWS * max((view.window for view in turn.views), default=0)
        if turn.frames >= most or all(view.has_answered for view in turn.views):
            self._end()

    def close(self) -> None:
        """The run ends: the lamp goes off, and who still waits is told of what was read so far."""
        self._end()
        for answer in self._demand.take():
            answer([])

    def _is_old(self, view: View, now: float) -> bool:
        """Whether the view's value was published so long ago that it is to be repeated."""
        if self._config.repeat is None:
            return False
        slack = SLACK if self._config.is_timed else 0.0
        return now - self._told.setdefault(_name(view), now) >= 60 * self._config.repeat - slack

    def _end(self) -> None:
        self._light.close()
        turn, self._turn = self._turn, None
        if turn is None:
            return
        for view in turn.views:
            view.ask_no_more()
        for name in turn.again:
            # What was not to be had is not asked for with every frame from now on.
            self._told[name] = turn.began_at
        for answer in turn.answers:
            answer(turn.events)


class _Turn:
    """A reading that has begun. views: of which something is wanted. again: names of those whose values are to be
    published even if they are what they were. lit_at: when the lamp gives its light. heard_at: when a frame was read
    last."""

    def __init__(
        self, answers: list[Answer], views: list[View], again: set[str | None], now: float, settle: float
    ) -> None:
        self.answers, self.views, self.again = answers, views, again
        self.began_at, self.lit_at = now, now + settle
        self.heard_at = self.lit_at
        self.frames = 0
        self.events: list[Reading | Refusal] = []


def _name(view: View) -> str | None:
    return None if view.region is None else view.region.name
