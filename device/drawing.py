"""Frames on disk with what was read drawn in."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from device.sinks.outage import NO_ROOM, Outage
from edge_digits.errors import EdgeDigitsError
from edge_digits.io.draw import overlay
from edge_digits.page import Page
from edge_digits.system.atomic_write import atomic_write
from edge_digits.types import Frame

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

logger = logging.getLogger(__name__)


class FrameWriter:
    """Writes each frame to ``folder`` as ``000123.jpg``, after its number. A disk that cannot be written stops nothing:
    the log says so once, and those frames are missing."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises EdgeDigitsError if there can be no such folder; a disk that cannot be written now may be later. clock:
        seconds, only differences count."""
        self._folder = folder
        self._outage = Outage(logger, f"draw:{folder}", SETTLED_SECONDS, clock)
        self._missing = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise EdgeDigitsError(f"{folder}: cannot be made a folder for frames: {error.strerror}") from error
            self._outage.begin(f"cannot be written ({error.strerror}); reading goes on")

    def watch(self, frame: Frame, page: Page) -> None:
        """Write one frame."""
        path = self._folder / f"{frame.number:06d}.jpg"
        _, encoded = cv2.imencode(".jpg", overlay(frame.image, page.lines, page.rejected))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            atomic_write(path, encoded.tobytes())
        except OSError as error:
            self._missing += 1
            self._outage.begin(f"{path.name} cannot be written ({error.strerror}); reading goes on")
            return
        if self._outage.end(f"is written again; {self._missing} frames are missing"):
            self._missing = 0
