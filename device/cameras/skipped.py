"""Frames of a live camera that are no pictures: skipped, said now and then, and too many in a row are a lost camera."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from edge_digits.errors import CameraError

MOST_IN_A_ROW = 30
"""Frames; more of them, with no picture between, and the camera is opened again."""

SILENCE = 60.0
"""Seconds between two complaints."""

logger = logging.getLogger(__name__)


class SkippedFrames:
    """name: of the camera. clock: seconds, only differences count."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock = name, clock
        self._in_a_row = self._unlogged = 0
        self._logged_at: float | None = None

    def add(self, reason: str) -> None:
        """Note a frame that is no picture. Raises CameraError if there was none for too long."""
        self._in_a_row += 1
        self._unlogged += 1
        if self._in_a_row >= MOST_IN_A_ROW:
            raise CameraError(f"{self._name}: {self._in_a_row} frames in a row are no pictures ({reason})")
        now = self._clock()
        if self._logged_at is None or now - self._logged_at >= SILENCE:
            what = "a frame that is no picture is" if self._unlogged == 1 else f"{self._unlogged} frames are"
            logger.warning("%s: %s skipped (%s)", self._name, what, reason)
            self._logged_at, self._unlogged = now, 0

    def end(self) -> None:
        """A picture has come."""
        self._in_a_row = 0
