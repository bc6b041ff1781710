"""Entries for the tests of the record, and what is in it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge_digits.types import Box, Reading, Refusal

NOW = 1_800_000_000.0


def reading(number: int = 1, at: float = NOW) -> Reading:
    return Reading(str(number), 0.9, Box(1, 2, 3, 4), at, 6, "score", None, f"{number:032d}")


def refusal(number: int = 1, at: float = NOW) -> Refusal:
    return Refusal("score", str(number), 0.5, at, "3 digits, expected 2", Box(1, 2, 3, 4), f"{number:032d}")


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
