"""Cameras that OpenCV reads: USB cameras over V4L2, and streams that ``device.cameras.network`` opens."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from device.cameras.camera import Camera, Kind
from device.cameras.controls.v4l2 import set_controls
from device.cameras.skipped import SkippedFrames
from device.config.camera import CameraSettings
from edge_digits.errors import CameraError
from edge_digits.io.image import to_grey
from edge_digits.types import Frame

CLOSE_TIMEOUT = 0.5
"""Seconds that a read has to return before a camera is left to itself."""

logger = logging.getLogger(__name__)


def quiet_opencv() -> None:
    """Keep OpenCV and FFmpeg from writing to standard error: what goes wrong is said once, by us."""
    if not logger.isEnabledFor(logging.DEBUG):
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        cv2.setLogLevel(0)


class OpenCVCamera(Camera):
    """A live camera behind ``cv2.VideoCapture``. unsupported: see ``device.cameras.framed``."""

    kind: Kind = "live"

    def __init__(
        self,
        name: str,
        capture: cv2.VideoCapture,
        clock: Callable[[], float] = time.time,
        unsupported: tuple[str, ...] = (),
    ) -> None:
        """capture: open. clock: seconds since the epoch; a frame's time is when it arrived."""
        self.name = name
        self.unsupported = unsupported
        self._capture = capture
        self._skipped = SkippedFrames(name)
        self._clock = clock
        # Releasing a capture while another thread reads from it crashes inside OpenCV.
        self._lock = threading.Lock()
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while True:
            with self._lock:
                if self._closed:
                    self._capture.release()
                    return
                there = self._capture.grab()
                decoded, picture = self._capture.retrieve() if there else (False, None)
            if self._closed:
                self._capture.release()
                return
            if not there:
                raise CameraError(f"{self.name}: the camera stopped delivering after {number} frames")
            if not decoded or picture is None:
                self._skipped.add("it cannot be decoded")
                continue
            self._skipped.end()
            yield Frame(to_grey(picture), number, self._clock())
            number += 1

    def close(self) -> None:
        """Release the device. While a read hangs in it, that is left to the thread that reads, once it returns."""
        self._closed = True
        if self._lock.acquire(timeout=CLOSE_TIMEOUT):
            self._capture.release()
            self._lock.release()
        else:
            logger.warning("%s: the camera does not answer and could not be closed", self.name)


def open_v4l2(device: Path, settings: CameraSettings) -> OpenCVCamera:
    """The USB camera behind ``/dev/videoN``. Raises CameraError if it is missing, forbidden, busy or no camera."""
    quiet_opencv()
    if not device.exists():
        others = ", ".join(str(p) for p in sorted(Path("/dev").glob("video*"))) or "none"
        raise CameraError(f"{device}: there is no such camera (video devices here: {others})")
    if not os.access(device, os.R_OK | os.W_OK):
        raise CameraError(f"{device}: not allowed to open it; add yourself to its group: sudo usermod -aG video $USER")
    capture = cv2.VideoCapture(str(device), cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CameraError(f"{device}: no camera answers there; is it in use by another program?")
    # Over USB 2, uncompressed pictures of this size come at a few frames a second only.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
    capture.set(cv2.CAP_PROP_FPS, settings.frame_rate)
    return OpenCVCamera(str(device), capture, unsupported=set_controls(device, settings))
