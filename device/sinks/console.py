"""Readings for people: one line each; on a terminal also a last line that shows what the camera sees now."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from device.sinks import iso_time
from edge_digits.types import Frame, Page, Reading

CLEAR_LINE = "\r\x1b[K"


class ConsoleSink:
    """Writes to ``stream`` (default: standard output); in a pipe without the last line, and each line at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._terminal = self._stream.isatty()
        self._status = ""

    def publish(self, reading: Reading) -> None:
        """One line: when, what, how sure."""
        line = f"{iso_time(reading.time)}  {reading.text:<16}  {reading.confidence:4.0%}"
        self._write(f"{CLEAR_LINE if self._terminal else ''}{line}\n{self._status}")

    def watch(self, frame: Frame, page: Page) -> None:
        """Show what was read in ``frame``, settled or not (a terminal's last line)."""
        if self._terminal:
            text = " | ".join(line.text for line in page.lines) or "nothing"
            status = f"frame {frame.number}: {text}"
            self._status = status[: shutil.get_terminal_size().columns - 1]
            self._write(CLEAR_LINE + self._status)

    def close(self) -> None:
        """Take the last line away."""
        if self._status:
            self._status = ""
            self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
