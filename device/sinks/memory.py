"""Readings for the end of a short run, such as the demo camera's: kept as they are."""

from __future__ import annotations

from edge_digits.types import Image, Reading, Refusal


class ReadingsInMemory:
    """Keeps every reading; ``readings`` grows with them."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Keep one more."""
        self.readings.append(reading)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: only readings are kept."""

    def close(self) -> None:
        """Nothing to let go of."""
