"""Readings for people: one line each; on a terminal also a last line that shows what the camera sees now."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from device.sinks import iso_time
from edge_digits.types import Frame, Image, Page, Reading, Refusal

CLEAR_LINE = "\r\x1b[K"


class ConsoleSink:
    """Writes to ``stream`` (default: standard output); in a pipe without the last line, and each line at once. Where
    the program was started with its standard output closed it writes nothing, as ``print`` does."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = sys.stdout if stream is None else stream
        self._terminal = self._stream is not None and self._stream.isatty()
        self._status = ""

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """One line: when, where if the region has a name, what, how sure."""
        line = f"{iso_time(reading.time)}  {_named(reading.region)}{reading.text:<16}  {reading.confidence:4.0%}"
        self._line(line if reading.alert is None else f"{line}  {reading.alert}")

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """One line: when, where, what, why not."""
        self._line(f"{iso_time(refusal.time)}  {_named(refusal.region)}{refusal.text:<16}  refused: {refusal.reason}")

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

    def _line(self, text: str) -> None:
        """A line above the last one."""
        self._write(f"{CLEAR_LINE if self._terminal else ''}{text}\n{self._status}")

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()


def _named(region: str | None) -> str:
    return "" if region is None else f"{region}: "
