"""A TOML file in blocks, one for each table, each with the comments that stand above it; joined they are the file.

tomlkit holds the comments above a table's header to be the end of the table before, and loses them with it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""As TOML has lines; a comment may hold what ``str.splitlines`` takes for an end of line too."""


@dataclass(frozen=True)
class Block:
    """above: blank lines and comments that belong to what follows. text: from the header of a table, if it has one, to
    its last key and the comments directly below; "" for comments at the end of the file. is_region: whether it is one
    of the tables ``[[region]]``."""

    above: str
    text: str
    is_region: bool = False


def blocks(text: str) -> list[Block]:
    """The blocks of ``text``, which is valid TOML."""
    parts: list[Block] = []
    above = ""
    tables = _tables(LINE.findall(text))
    for place, lines in enumerate(tables):
        end = _end(lines, is_last=place == len(tables) - 1)
        if end:
            is_region = place > 0 and tomllib.loads(lines[0]) == {"region": [{}]}
            parts.append(Block(above, "".join(lines[:end]), is_region))
            above = ""
        above += "".join(lines[end:])
    return [*parts, Block(above, "")] if above else parts


def _tables(lines: list[str]) -> list[list[str]]:
    """The lines of each table, its header first; before them those above all tables, which may be none."""
    begins = [0]
    for number, line in enumerate(lines):
        # Within a string or an array of several lines, what is before does not end.
        if line.lstrip().startswith("[") and _is_whole(lines[begins[-1] : number]):
            begins.append(number)
    return [lines[begin:end] for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True)]


def _end(lines: list[str], is_last: bool) -> int:
    """How many of a table's lines are its own; the rest belong to the table after it, if there is one."""
    end = len(lines)
    while end and _is_comment(lines[end - 1]):
        end -= 1
    while not _is_whole(lines[:end]):
        # What looks like a comment is the end of a string.
        end += 1
    below = end
    while below < len(lines) and lines[below].strip():
        below += 1
    return below if end and (below < len(lines) or is_last) else end


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _is_whole(lines: list[str]) -> bool:
    try:
        tomllib.loads("".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True
