"""In which line of a TOML file a value stands; ``tomllib`` does not say."""

from __future__ import annotations

import tomllib
from typing import Any

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, places in arrays."""


def line_of(text: str, key: Key) -> int:
    """The line, from 1, in which the statement begins that brings ``key`` into being; 1 if none does.

    text: valid TOML. Found by parsing ever more lines of it: what a statement brings, it brings with its last line.
    """
    begin = 1
    # Not splitlines: TOML's lines end with \n or \r\n alone, and comments and strings may hold what else ends a line.
    lines = [line + "\n" for line in text.split("\n")]
    for end in range(1, len(lines) + 1):
        try:
            table = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(table, key):
            while begin < end and not lines[begin - 1].split("#")[0].strip():
                begin += 1
            return begin
        begin = end + 1
    return 1


def _holds(table: Any, key: Key) -> bool:
    for part in key:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
