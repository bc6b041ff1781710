"""Readings for people: one line each; on a terminal also a last line that shows what the camera sees now."""

from __future__ import annotations

import logging
import shutil
import sys
from typing import TextIO

from device.guard.values import with_value
from device.sinks.outage import Outage
from device.sinks.sink import iso_time
from edge_digits.page import Page
from edge_digits.types import Frame, Image, Reading, Refusal

CLEAR_LINE = "\r\x1b[K"

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

logger = logging.getLogger(__name__)


class ConsoleSink:
    """Writes to ``stream`` (default: standard output); in a pipe without the last line, and each line at once. Where
    the program was started with its standard output closed it writes nothing, as ``print`` does. If it goes to a disk
    that is full, the log says so once and those lines are missing; if its reader has gone, BrokenPipeError comes
    through."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.lost = 0
        self._outage = Outage(logger, "console", SETTLED_SECONDS)
        self._stream: TextIO | None = sys.stdout if stream is None else stream
        self._terminal = self._stream is not None and self._stream.isatty()
        self._status = ""

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """One line: when, where if the region has a name, what, how sure; or that the number is gone."""
        number = with_value(reading.text, reading.value)
        text = "gone" if reading.is_gone else f"{number:<16}  {reading.confidence:4.0%}"
        line = f"{iso_time(reading.time)}  {_named(reading.region)}{text}"
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
        self.lost += not self._write(f"{CLEAR_LINE if self._terminal else ''}{text}\n{self._status}")

    def _write(self, text: str) -> bool:
        """Returns whether it was written."""
        if self._stream is None:
            return True
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self._outage.begin(f"cannot be written ({error.strerror}); reading goes on")
            return False
        self._outage.end("is written again")
        return True


def _named(region: str | None) -> str:
    return "" if region is None else f"{region}: "
