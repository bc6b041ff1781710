"""Two clients with one id: the broker drops the first when the second comes, that one comes back, and so on."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORT = 10.0
"""Seconds; a connection that the broker ends sooner is a short one."""

MOST_SHORT = 5
"""Short connections in a row; a broker that is restarted ends one or two."""

FIRST_WAIT = 30.0
"""Seconds before the next attempt, once it is known; doubled with every further short connection."""

LONGEST_WAIT = 120.0


class Takeover:
    """Whether the broker ends connections again and again as soon as they are made; for one thread, except that
    ``is_on`` may be read in any. ``wait``: seconds before the next attempt, 0 while nothing is wrong."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._short = 0
        self.wait = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it does."""
        return self._short >= MOST_SHORT

    def connected(self) -> None:
        """A connection was made."""
        self._since = self._clock()

    def lost(self) -> bool:
        """The connection that was made has ended. Returns whether that is one too many, for the first time."""
        # Who waits longer leaves the other one alone for so long.
        if self._clock() - self._since > max(SHORT, 2 * self.wait):
            self.over()
            return False
        self._short += 1
        if self.is_on:
            self.wait = min(2 * self.wait or FIRST_WAIT, LONGEST_WAIT)
        return self._short == MOST_SHORT

    @property
    def may_be_over(self) -> bool:
        """Whether the present connection has lasted for long."""
        return self.is_on and self._clock() - self._since > max(SHORT, 2 * self.wait)

    def over(self) -> None:
        """The other one is gone."""
        self._short, self.wait = 0, 0.0
