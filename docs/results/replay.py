"""Pictures that are in memory as a camera, for measurements: delivering them costs nothing."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence

from device.cameras.camera import Camera, Kind
from device.cameras.demo import PAGE_SECONDS, DemoCamera
from device.config.camera import CameraSettings
from edge_digits.types import Frame, Image

DRIFTING = 16
"""Frames of a page."""


def drifting_page(settings: CameraSettings) -> list[Image]:
    """Frames of the demo camera that follow one another while it looks at its first page."""
    demo = DemoCamera(settings)
    first = round(PAGE_SECONDS * settings.frame_rate / 2)
    return [demo.photograph(first + number).image for number in range(DRIFTING)]


class ReplayCamera(Camera):
    """A live camera that shows the same pictures again and again, at no cost."""

    kind: Kind = "live"
    name = "replay"

    def __init__(self, pictures: Sequence[Image], frame_rate: float) -> None:
        self._pictures, self._period = pictures, 1.0 / frame_rate
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        began = time.monotonic()
        for number in itertools.count():
            if self._closed.wait(max(0.0, began + number * self._period - time.monotonic())):
                return
            yield Frame(self._pictures[number % len(self._pictures)], number, time.time())

    def close(self) -> None:
        """Deliver no more."""
        self._closed.set()
