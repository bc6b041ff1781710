"""What a sink is: it takes settled readings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from edge_digits.types import Image, Reading, Refusal

LATEST_TIME = 253_402_214_400.0
"""Seconds since the epoch: the end of the year 9999, less a day for the zone. Later times cannot be written."""


class Sink(Protocol):
    """Takes settled readings, and the refused ones with their reasons.

    picture: (H, W) uint8 grey, the line's part of the frame with some paper round it; None if there is none. It is a
    view of the frame: who keeps it copies it. lost: what was handed on to it, or to be written by it, and is not where
    it belongs; final once the sink is closed.
    """

    lost: int

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Hand on one reading, completely: what comes after may be a power cut. Raises EdgeDigitsError if it cannot;
        the readings after it are still offered."""
        ...

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Take note of a reading that broke its region's rules. Raises as ``publish`` does."""
        ...

    def close(self) -> None:
        """Let go of files and connections; does nothing the second time."""
        ...


def iso_time(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in the local zone, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(timespec="milliseconds")
