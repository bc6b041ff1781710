"""Readings for programs: one JSON object a line, each line flushed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

from device.sinks import iso_time
from edge_digits.errors import EdgeDigitsError
from edge_digits.types import Image, Reading, Refusal


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


class JsonLinesSink:
    """Appends to the file ``path``; None is standard output. Raises EdgeDigitsError if it cannot be written."""

    def __init__(self, path: Path | None) -> None:
        self._name = "standard output" if path is None else str(path)
        try:
            self._stream: TextIO = sys.stdout if path is None else path.open("a", encoding="utf-8")
        except OSError as error:
            raise EdgeDigitsError(f"jsonl:{path}: {error.strerror}") from error

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Append one line."""
        try:
            self._stream.write(as_json(reading) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise EdgeDigitsError(f"jsonl:{self._name}: {error.strerror}") from error

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: every line here is a reading."""

    def close(self) -> None:
        """Close the file."""
        if self._stream is not sys.stdout:
            self._stream.close()
