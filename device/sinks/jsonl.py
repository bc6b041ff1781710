"""Readings for programs: one JSON object a line, each line flushed."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import sys
import time
from collections import deque
from io import FileIO, RawIOBase
from pathlib import Path
from typing import BinaryIO

from device.guard.values import plain_number
from device.sinks.outage import Outage
from device.sinks.sink import iso_time
from edge_digits.errors import ConfigError
from edge_digits.types import Image, Reading, Refusal

MOST_BYTES = 10_000_000
"""A file that would grow larger becomes PATH.1, and a new one is begun."""

KEPT = 5
"""Old files that stay: PATH.1, the newest, to PATH.5."""

MOST_WAITING = 1000
"""Lines kept in memory while they cannot be written; then the oldest go."""

RETRY_SECONDS = 5.0
"""Between two attempts to write to a disk that could not be written."""

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

logger = logging.getLogger(__name__)


def as_json(reading: Reading) -> str:
    """``{"id", "time", "region", "text", "value", "confidence", "box": [x, y, w, h], "frames", "alert", "clock"}``:
    ISO 8601 with zone, 0..1, pixels; region, value, alert and clock may be null. ``text`` is "" where a number is gone;
    ``clock`` says what is wrong with the time."""
    record = {
        "id": reading.id,
        "time": iso_time(reading.time),
        "region": reading.region,
        "text": reading.text,
        "value": plain_number(reading.value),
        "confidence": round(reading.confidence, 4),
        "box": reading.box.as_list(),
        "frames": reading.frames,
        "alert": reading.alert,
        "clock": reading.clock,
    }
    return json.dumps(record, ensure_ascii=False)


def refusal_as_json(refusal: Refusal) -> str:
    """``{"id", "time", "region", "text", "value", "confidence", "box", "reason", "clock"}``, as ``as_json`` has
    them."""
    record = {
        "id": refusal.id,
        "time": iso_time(refusal.time),
        "region": refusal.region,
        "text": refusal.text,
        "value": plain_number(refusal.value),
        "confidence": round(refusal.confidence, 4),
        "box": refusal.box.as_list(),
        "reason": refusal.reason,
        "clock": refusal.clock,
    }
    return json.dumps(record, ensure_ascii=False)


class _Lines:
    """Writes whole lines. While they cannot be written reading goes on: the log says so once, the newest lines wait in
    memory, and are written when there is room again. lost: lines that were not, final once the sink is closed."""

    def __init__(self, name: str) -> None:
        self.lost = 0
        self._name = name
        self._outage = Outage(logger, name, SETTLED_SECONDS)
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._missing = 0
        self._retry_at = 0.0
        # A power cut, or a disk with no room for a whole line, leaves half of one; it must not spoil the next.
        self._torn = False

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Write one line."""
        if len(self._waiting) == MOST_WAITING:
            self.lost += 1
            self._missing += 1
        self._waiting.append((as_json(reading) + "\n").encode())
        if time.monotonic() >= self._retry_at:
            self._write()

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: every line here is a reading."""

    def close(self) -> None:
        """Write what waits, if it can be written."""
        if self._waiting:
            self._write()
        if self._waiting or self._missing:
            logger.error("%s: %d readings are missing", self._name, len(self._waiting) + self._missing)
        self.lost += len(self._waiting)
        self._waiting.clear()
        self._missing = 0

    def _write(self) -> None:
        """All that waits."""
        try:
            # Even with nothing to write: a file that cannot be written is to be named when the reader starts.
            self._file_for(0)
            while self._waiting:
                line = self._waiting[0]
                self._put(self._file_for(len(line)), line)
                self._waiting.popleft()
        except BrokenPipeError:
            # Whoever read standard output has seen enough.
            raise
        except OSError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._outage.begin(f"cannot be written ({error.strerror}); reading goes on")
            return
        missing = self._missing
        if self._outage.end(f"is written again; {missing} readings are missing" if missing else "is written again"):
            self._missing = 0

    def _file_for(self, size: int) -> RawIOBase | BinaryIO:
        """Where a line of ``size`` bytes goes. Raises OSError if it cannot be opened."""
        raise NotImplementedError

    def _put(self, file: RawIOBase | BinaryIO, line: bytes) -> None:
        """Write without a buffer: nothing of a line that does not fit may come out later."""
        data = b"\n" + line if self._torn else line
        written = file.write(data) or 0
        if written != len(data):
            if written:
                self._torn = written > len(data) - len(line)
            raise OSError(errno.ENOSPC, "no room for a whole line")
        self._torn = False


class JsonLinesOutput(_Lines):
    """Writes to standard output. Whoever reads it may go away: BrokenPipeError comes through."""

    def __init__(self) -> None:
        super().__init__("jsonl:-")

    def _file_for(self, size: int) -> RawIOBase | BinaryIO:
        sys.stdout.flush()
        buffer = sys.stdout.buffer
        return getattr(buffer, "raw", buffer)


class JsonLinesSink(_Lines):
    """Appends to the file ``path``, and begins a new one when it is full."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        """Raises ConfigError if it is a pipe, a socket, a folder or the file that standard output goes to. One that
        cannot be opened now is tried again."""
        super().__init__(f"jsonl:{path}")
        self._most_bytes = most_bytes
        self._file: FileIO | None = None
        self._rotates = False
        try:
            # Links are never renamed; the file behind them is.
            self._path = path.resolve()
        except RuntimeError:
            # For links in a circle, before Python 3.13.
            self._path = path
        with contextlib.suppress(OSError):
            _check_kind(path)
        self._write()

    def close(self) -> None:
        """Write what waits, if it can be written, and close the file."""
        super().close()
        if self._file is not None:
            self._file.close()

    def _file_for(self, size: int) -> RawIOBase | BinaryIO:
        file = self._opened()
        if self._rotates and file.tell() and file.tell() + size > self._most_bytes:
            self._rotate()
            file = self._opened()
        return file

    def _opened(self) -> FileIO:
        """The file, opened anew if somebody has moved or removed it: what is written into it is in nobody's sight."""
        if self._file is not None and self._rotates and not _is_same(self._file, self._path):
            self._file.close()
            self._file = None
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
            self._rotates = self._path.is_file()
            self._torn = self._rotates and not _ends_a_line(self._path)
        return self._file

    def _rotate(self) -> None:
        """PATH.4 becomes PATH.5, …, PATH becomes PATH.1; then PATH can begin anew."""
        for number in range(KEPT - 1, -1, -1):
            old = Path(f"{self._path}.{number}") if number else self._path
            if old.exists():
                old.replace(f"{self._path}.{number + 1}")


def _check_kind(path: Path) -> None:
    """Raises ConfigError for what can be no file of JSON lines, OSError if that cannot be told."""
    # A pipe would hold the start up until somebody reads it, and then every reading while nobody does.
    if path.exists() and not (path.is_file() or path.is_char_device()):
        raise ConfigError(f"jsonl:{path}: expected a file; for pipes there is jsonl:-, standard output")
    if path.is_file() and _is_standard_output(path):
        raise ConfigError(f"jsonl:{path}: is where standard output goes; there is jsonl:- for that")


def _is_same(file: FileIO, path: Path) -> bool:
    """Whether an open file is the one that is found at ``path``."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _is_standard_output(path: Path) -> bool:
    """Whether a file is the one that standard output goes to, as /dev/stdout is: what is printed at the end would be
    written over the readings, and renaming it would leave standard output behind."""
    try:
        return os.path.samestat(os.fstat(1), path.stat())
    except OSError:
        return False


def _ends_a_line(path: Path) -> bool:
    """Whether a file is empty or its last byte ends a line."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return True
        file.seek(-1, 2)
        return file.read(1) == b"\n"
