"""Refused readings in the log, for readers without the console, which shows them itself."""

from __future__ import annotations

import logging

from edge_digits.types import Image, Reading, Refusal

logger = logging.getLogger(__name__)


class RefusalLog:
    """One line for each refused reading; the same one again, in the next frames, is not said again."""

    lost = 0

    def __init__(self) -> None:
        self._logged: dict[str | None, tuple[str, str]] = {}

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Readings are not logged; what is refused after one is news."""
        self._logged.pop(reading.region, None)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Say what was read, and why it is not published."""
        news = refusal.text, refusal.reason
        if self._logged.get(refusal.region) != news:
            self._logged[refusal.region] = news
            name = "" if refusal.region is None else f"{refusal.region}: "
            logger.warning("%s%s is refused: %s", name, *news)

    def close(self) -> None:
        """Nothing to let go of."""
