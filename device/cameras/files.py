"""Recordings as cameras: a video, a folder of pictures, one picture. Every frame of them is read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from device.cameras.camera import Camera, Kind
from device.cameras.opencv import quiet_opencv
from edge_digits.errors import CameraError, ImageError
from edge_digits.io.image import load_grey, to_grey
from edge_digits.types import Frame

PICTURES = frozenset([".bmp", ".heic", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"])
"""Endings of the files in a folder that are taken as its pictures."""

LEAST_SHARE = 0.9
"""A video that ends before this share of the frames its header promises is damaged (headers may round)."""

logger = logging.getLogger(__name__)


def open_file(path: Path) -> StillsCamera | VideoCamera:
    """A video, a picture or a folder's pictures (in the order of their names, not deeper) as a camera.

    Raises CameraError if nothing is there, nothing that this user may see, or nothing that can be decoded.
    """
    try:
        return _opened(path)
    except CameraError:
        # An OSError, too.
        raise
    except OSError as error:
        raise CameraError(f"{path}: {error.strerror}") from error


def _opened(path: Path) -> StillsCamera | VideoCamera:
    if path.is_dir():
        pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        if not pictures:
            raise CameraError(f"{path}: no pictures in this folder")
        return StillsCamera(str(path), pictures)
    if not path.is_file():
        raise CameraError(f"{path}: no such file or folder")
    if path.suffix.lower() in PICTURES:
        return StillsCamera(str(path), [path])
    return VideoCamera(path)


class StillsCamera(Camera):
    """Pictures on disk, each a frame; its time is when it was loaded."""

    kind: Kind = "stills"

    def __init__(self, name: str, pictures: list[Path], clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self._pictures = pictures
        self._clock = clock
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        """The pictures in order; those that cannot be read are named, left out, and end in a CameraError."""
        number = damaged = 0
        for path in self._pictures:
            if self._closed:
                return
            try:
                picture = load_grey(path)
            except ImageError as error:
                if len(self._pictures) == 1:
                    raise CameraError(str(error)) from error
                logger.error("%s", error)
                damaged += 1
                continue
            yield Frame(picture, number, self._clock())
            number += 1
        if damaged:
            raise CameraError(f"{self.name}: {damaged} of {len(self._pictures)} pictures could not be read")

    def close(self) -> None:
        """No further picture is loaded."""
        self._closed = True


class VideoCamera(Camera):
    """A video file; a frame's time is when the file was opened plus its place in the video."""

    kind: Kind = "video"

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        quiet_opencv()
        self.name = str(path)
        self._opened = clock()
        self._capture = cv2.VideoCapture(self.name, cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CameraError(f"{path}: not a video that can be decoded, or it is damaged")
        self._promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while not self._closed:
            there, picture = self._capture.read()
            if not there:
                break
            position = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield Frame(to_grey(picture), number, self._opened + max(position, 0.0))
            number += 1
        self._capture.release()
        if not self._closed and number < max(1, LEAST_SHARE * self._promised):
            raise CameraError(f"{self.name}: ends after {number} of {self._promised:.0f} frames; the file is damaged")

    def close(self) -> None:
        """No further frame is decoded; the file is closed by the thread that reads from it, or with this object."""
        self._closed = True
