"""The record's pictures, small, and a folder of them that does not grow for ever."""

from __future__ import annotations

import logging
import os
import stat
from collections import deque
from pathlib import Path

import cv2

from device.sinks.outage import Outage
from edge_digits.system.atomic_write import atomic_write
from edge_digits.types import Image, as_image

WIDTH = 320
"""Pixels; a wider picture is made smaller."""

JPEG_QUALITY = 80

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

logger = logging.getLogger(__name__)


def small_jpeg(picture: Image) -> bytes:
    """A small JPEG of ``picture``, (H, W) uint8 with at least one pixel."""
    if picture.shape[1] > WIDTH:
        scale = WIDTH / picture.shape[1]
        picture = as_image(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def picture_folder(record: Path) -> Path:
    """Where the pictures of a record's readings are: beside it."""
    return record.with_name(f"{record.name}-pictures")


class PictureFolder:
    """Keeps the newest JPEGs in ``folder``, which is made when it is needed; for one thread.

    most_files, most_bytes: of all pictures in it; the oldest are removed. Other files there are left alone. Nothing is
    written through a symbolic link: who may write beside the record could have files elsewhere overwritten. A disk that
    cannot be written stops nothing; the log says so once.
    """

    def __init__(self, folder: Path, most_files: int, most_bytes: float) -> None:
        self._folder, self._most_files, self._most_bytes = folder, most_files, most_bytes
        self._outage = Outage(logger, str(folder), SETTLED_SECONDS)
        self._kept: deque[tuple[str, int]] | None = None
        self._bytes = 0

    def keep(self, name: str, jpeg: bytes) -> str | None:
        """Write ``name``.jpg. Returns the file's name, None if it cannot be written."""
        file = f"{name}.jpg"
        try:
            if self._kept is None:
                self._open()
            atomic_write(self._folder / file, jpeg)
        except OSError as error:
            # Whatever is there when it can be written again.
            self._kept = None
            self._outage.begin(f"cannot be written ({error.strerror}); readings are kept without their pictures")
            return None
        self._outage.end("is written again")
        assert self._kept is not None
        self._kept.append((file, len(jpeg)))
        self._bytes += len(jpeg)
        while len(self._kept) > 1 and (len(self._kept) > self._most_files or self._bytes > self._most_bytes):
            oldest, size = self._kept.popleft()
            self._bytes -= size
            self._remove(oldest)
        return file

    def _open(self) -> None:
        """Make the folder, or find out what is in it. Raises OSError."""
        self._folder.mkdir(exist_ok=True)
        if self._folder.is_symlink():
            raise OSError(0, "is a symbolic link, through which nothing is written")
        files: list[tuple[float, str, int]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if entry.name.endswith(".jpg") and stat.S_ISREG(status.st_mode):
                    files.append((status.st_mtime, entry.name, status.st_size))
        self._kept = deque((name, size) for _, name, size in sorted(files))
        self._bytes = sum(size for _, size in self._kept)

    def _remove(self, file: str) -> None:
        try:
            (self._folder / file).unlink(missing_ok=True)
        except OSError as error:
            logger.debug("%s: cannot be removed: %s", self._folder / file, error)
