"""Frames on disk with what was read drawn in."""

from __future__ import annotations

from pathlib import Path

import cv2

from edge_digits.draw import overlay
from edge_digits.errors import EdgeDigitsError
from edge_digits.types import Frame, Page


class FrameWriter:
    """Writes each frame to ``folder`` as ``000123.jpg``, after its number. Raises EdgeDigitsError if it cannot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EdgeDigitsError(f"{folder}: cannot be made a folder for frames: {error.strerror}") from error

    def watch(self, frame: Frame, page: Page) -> None:
        """Write one frame."""
        path = self._folder / f"{frame.number:06d}.jpg"
        _, encoded = cv2.imencode(".jpg", overlay(frame.image, page))
        try:
            path.write_bytes(encoded.tobytes())
        except OSError as error:
            raise EdgeDigitsError(f"{path}: {error.strerror}") from error
