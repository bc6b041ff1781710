"""Say once that something does not work, and once that it works again."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable

NO_ROOM = (errno.EROFS, errno.ENOSPC, errno.EDQUOT)
"""Errors of a disk that is full or may only be read: no fault of a configuration, and time may mend them."""


class Outage:
    """Whether something is down, and what was said about it; for one thread, except that ``is_on`` may be read in any.

    settled: seconds without a failure after which it counts as working again; a disk that is nearly full fails now and
    then, and that is one outage.
    """

    def __init__(
        self,
        logger: logging.Logger,
        name: str,
        settled: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._logger, self._name, self._settled, self._clock = logger, name, settled, clock
        self._failed = 0.0
        self.is_on = False

    def begin(self, problem: str) -> None:
        """It does not work; says so if it did before."""
        self._failed = self._clock()
        if not self.is_on:
            self.is_on = True
            self._logger.error("%s: %s", self._name, problem)

    def end(self, news: str) -> bool:
        """It works; says so if it did not before. Returns False while that may not last."""
        if self.is_on and self._clock() - self._failed < self._settled:
            return False
        if self.is_on:
            self.is_on = False
            self._logger.warning("%s: %s", self._name, news)
        return True
