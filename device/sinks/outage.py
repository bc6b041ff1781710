"""Say once that something does not work, and once that it works again."""

from __future__ import annotations

import logging


class Outage:
    """Whether something is down, and what was said about it. Not a thing for several threads at once, except that
    ``is_on`` may be read anywhere."""

    def __init__(self, logger: logging.Logger, name: str) -> None:
        self._logger, self._name = logger, name
        self.is_on = False

    def begin(self, problem: str) -> None:
        """It does not work; says so if it did before."""
        if not self.is_on:
            self.is_on = True
            self._logger.error("%s: %s", self._name, problem)

    def end(self, news: str) -> None:
        """It works; says so if it did not before."""
        if self.is_on:
            self.is_on = False
            self._logger.warning("%s: %s", self._name, news)
