"""What people read on a terminal or in a journal: control characters, which names of files may hold, escaped.

A newline in a file's name would forge a line, an escape sequence would move the cursor or change the window's title
(CWE-150, CWE-117). JSON has escapes of its own.
"""

from __future__ import annotations

import argparse
import logging
import re
from typing import NoReturn

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 and C1 control characters, ends of lines and paragraphs, what turns the direction of writing round (Unicode
Standard Annex 9), and surrogates, which stand for bytes that are no text."""


def escaped(text: str) -> str:
    """``text`` with its control characters as Python writes them (``\\n``, ``\\x1b``): always one line."""
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


class ArgumentParser(argparse.ArgumentParser):
    """Shows arguments that it does not know, such as the name of a file that begins with a dash, escaped."""

    def error(self, message: str) -> NoReturn:
        """Say it and end."""
        super().error(escaped(message))


class _Formatter(logging.Formatter):
    """Each message in one line; tracebacks stay as they are."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return escaped(super().formatMessage(record))


def log_to_stderr(level: int, format: str) -> None:
    """Write the log to standard error, unless somebody has set one up. level, format: as ``logging`` has them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(format))
    logging.basicConfig(level=level, handlers=[handler])
