"""When readings are due: every so many seconds, at times of the day, or whenever the picture settles."""

from __future__ import annotations

import time
from collections.abc import Callable

from device.config.reading import ReadConfig

MOST_AHEAD = 26 * 3600.0
"""Seconds; the next time of the day is never further away, with an hour for the end of summer time, so if it is, the
clock was set back."""


class Schedule:
    """Says when a reading is due by ``every`` and ``at``; for one thread."""

    def __init__(self, config: ReadConfig, steady: Callable[[], float], now: Callable[[], float] = time.time) -> None:
        """steady: seconds that nobody sets. now: seconds since the epoch."""
        self._config, self._steady, self._now = config, steady, now
        self._next_every: float | None = None
        self._next_at = self._following(now()) if config.at else None

    def is_due(self) -> bool:
        """Whether a reading is due: once for each time, the first of ``every`` at once. Times that went by unasked,
        in a suspended computer or because the clock was set forward, are one."""
        return any([self._is_due_every(), self._is_due_at()])

    def _is_due_every(self) -> bool:
        every = self._config.every
        if every is None:
            return False
        steady = self._steady()
        begun = self._next_every
        if begun is not None and steady < begun:
            return False
        missed = 0 if begun is None else int((steady - begun) / every)
        self._next_every = (steady if begun is None else begun) + (missed + 1) * every
        return True

    def _is_due_at(self) -> bool:
        if self._next_at is None:
            return False
        now = self._now()
        is_due = now >= self._next_at
        if is_due or self._next_at - now > MOST_AHEAD:
            self._next_at = self._following(now)
        return is_due

    def _following(self, now: float) -> float:
        """The first of the times after ``now``."""
        local = time.localtime(now)
        times = []
        for text in self._config.at:
            hour, minute = map(int, text.split(":"))
            # Not by the seconds since the epoch alone: at the end of summer time an hour comes twice.
            days = int((hour, minute) <= (local.tm_hour, local.tm_min))
            moments = [
                time.mktime((local.tm_year, local.tm_mon, local.tm_mday + more, hour, minute, 0, 0, 0, -1))
                for more in (days, days + 1)
            ]
            times.append(next(moment for moment in moments if moment > now))
        return min(times)
