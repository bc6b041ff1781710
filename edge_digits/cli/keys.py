"""Single keys of a terminal; lines of what is no terminal."""

from __future__ import annotations

import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

ESCAPES = {"\x1b[D": "left", "\x1b[A": "left", "\x1b[C": "right", "\x1b[B": "right", "\x1b": "q"}
NAMES = {"\x7f": "u", "\x08": "u", "\x1a": "u", "\x04": "q", "n": "x", "none": "x", "skip": "s", "undo": "u"}
"""Other keys, and words, for the same."""


def named(text: str) -> str:
    """What a key or a line means: 0 to 9, x (no digit), s (skip), u (undo), q (end), left, right; else as it is."""
    text = text if text in NAMES else text.strip().lower()
    return NAMES.get(text, text)


@contextmanager
def keys(stream: TextIO) -> Iterator[Iterator[str]]:
    """What is pressed while the block runs, or written line by line where ``stream`` is no terminal, each ``named``;
    ends where the stream does."""
    if not stream.isatty():
        yield (named(line.rstrip("\n")) for line in stream)
        return
    handle = stream.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)
        changed = termios.tcgetattr(handle)
        # Ctrl-Z takes back, as in the page, and does not suspend.
        changed[6][termios.VSUSP] = b"\x00"
        termios.tcsetattr(handle, termios.TCSANOW, changed)
        yield _pressed(handle)
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _pressed(handle: int) -> Iterator[str]:
    while data := os.read(handle, 1):
        # What an arrow sends comes at once.
        while data.startswith(b"\x1b") and len(data) < 3 and select.select([handle], [], [], 0.05)[0]:
            data += os.read(handle, 1)
        text = data.decode(errors="replace")
        yield ESCAPES.get(text, "") if text.startswith("\x1b") else named(text)
