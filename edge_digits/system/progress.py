"""Progress of long work on standard error: how much is done, and how long the rest will take."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

EVERY = 30.0
"""Seconds between two lines about the progress where standard error is no terminal."""


def duration(seconds: float) -> str:
    """In words, rounded up: "40 s", "12 min", "1 h 5 min"."""
    if seconds <= 90:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes <= 90 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """Says after each piece of work how many are done and how long the others will take.

    count: of the pieces; expected: seconds of all of them, as far as was known before. The time left is what is still
    expected, times how much longer than expected those took that are done. clock: seconds.
    """

    def __init__(self, count: int, expected: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._expected, self._clock = count, expected, clock
        self._done, self._was_expected = 0, 0.0
        self._began = self._shown_at = clock()

    @property
    def left(self) -> float:
        """Seconds."""
        slower = (self._clock() - self._began) / self._was_expected if self._was_expected else 1.0
        return max(0.0, self._expected - self._was_expected) * slower

    def done(self, expected: float) -> None:
        """One more is done, which was expected to take so many seconds."""
        self._done += 1
        self._was_expected += expected
        is_last = self._done == self._count
        text = f"{self._done}/{self._count}" + ("" if is_last else f", about {duration(self.left)} left")
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="\n" if is_last else "", file=sys.stderr, flush=True)
        elif is_last or self._clock() - self._shown_at >= EVERY:
            self._shown_at = self._clock()
            print(text, file=sys.stderr, flush=True)
