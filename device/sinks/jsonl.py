"""Readings for programs: one JSON object a line, each line flushed."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from device.sinks import iso_time
from device.sinks.outage import Outage
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.types import Image, Reading, Refusal

MOST_BYTES = 10_000_000
"""A file that would grow larger becomes PATH.1, and a new one is begun."""

KEPT = 5
"""Old files that stay: PATH.1, the newest, to PATH.5."""

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

logger = logging.getLogger(__name__)


def as_json(reading: Reading) -> str:
    """``{"id", "time", "region", "text", "confidence", "box": [x, y, w, h], "frames", "alert"}``: ISO 8601 with zone,
    0..1, pixels; region and alert may be null."""
    record = {
        "id": reading.id,
        "time": iso_time(reading.time),
        "region": reading.region,
        "text": reading.text,
        "confidence": round(reading.confidence, 4),
        "box": reading.box.as_list(),
        "frames": reading.frames,
        "alert": reading.alert,
    }
    return json.dumps(record, ensure_ascii=False)


class JsonLinesOutput:
    """Writes to standard output. Whoever reads it may go away: BrokenPipeError comes through."""

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Write one line."""
        try:
            sys.stdout.write(as_json(reading) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise EdgeDigitsError(f"jsonl:standard output: {error.strerror}") from error

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: every line here is a reading."""

    def close(self) -> None:
        """Standard output stays open."""


class JsonLinesSink:
    """Appends to the file ``path``, and begins a new one when it is full. A disk that cannot be written stops nothing:
    the log says so once, and those readings are missing."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        """Raises ConfigError if it is a pipe, a socket, a folder or the file that standard output goes to,
        EdgeDigitsError if the file cannot be opened."""
        # Links are never renamed; the file behind them is.
        self._path, self._most_bytes = path.resolve(), most_bytes
        self._outage = Outage(logger, f"jsonl:{path}", SETTLED_SECONDS)
        self._missing = 0
        try:
            # A pipe would hold the start up until somebody reads it, and then every reading while nobody does.
            if path.exists() and not (path.is_file() or path.is_char_device()):
                raise ConfigError(f"jsonl:{path}: expected a file; for pipes there is jsonl:-, standard output")
            if path.is_file() and _is_standard_output(path):
                raise ConfigError(f"jsonl:{path}: is where standard output goes; there is jsonl:- for that")
            self._file = path.open("ab", buffering=0)
            self._rotates = path.is_file()
            # A power cut may have left half a line; it must not spoil the next one.
            self._torn = self._rotates and not _ends_a_line(path)
        except OSError as error:
            raise EdgeDigitsError(f"jsonl:{path}: {error.strerror}") from error

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Append one line."""
        line = (as_json(reading) + "\n").encode()
        try:
            size = self._file.tell() if self._rotates else 0
            if size and size + len(line) > self._most_bytes:
                self._rotate()
            self._append(b"\n" + line if self._torn else line)
        except OSError as error:
            self._missing += 1
            self._outage.begin(f"cannot be written ({error.strerror}); reading goes on")
            return
        if self._outage.end(f"is written again; {self._missing} readings are missing"):
            self._missing = 0

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: every line here is a reading."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: bytes) -> None:
        """Write without a buffer: nothing of a line that does not fit may come out later."""
        written = self._file.write(line)
        self._torn = written != len(line)
        if self._torn:
            raise OSError(None, "no room for a whole line")

    def _rotate(self) -> None:
        """PATH.4 becomes PATH.5, …, PATH becomes PATH.1, and PATH begins anew."""
        for number in range(KEPT - 1, -1, -1):
            old = Path(f"{self._path}.{number}") if number else self._path
            if old.exists():
                old.replace(f"{self._path}.{number + 1}")
        file = self._path.open("ab", buffering=0)
        self._file.close()
        self._file, self._torn = file, False


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
