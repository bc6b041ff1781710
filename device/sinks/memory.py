"""Readings for the end of a short run, such as the demo camera's: kept as they are."""

from __future__ import annotations

from collections import deque

from edge_digits.types import Image, Reading, Refusal


class ReadingsInMemory:
    """Keeps the last ``most`` readings in ``readings``."""

    lost = 0

    def __init__(self, most: int = 2000) -> None:
        self.readings: deque[Reading] = deque(maxlen=most)

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Keep one more."""
        self.readings.append(reading)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: only readings are kept."""

    def close(self) -> None:
        """Nothing to let go of."""
