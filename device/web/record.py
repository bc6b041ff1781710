"""The SQLite record, as the page shows it. Only ever read: over a connection that cannot write."""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.guard.values import plain_number
from device.sinks import iso_time

MOST_SECONDS = 5.0
"""After which a query is given up."""

STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""

CSV_ROWS = 1000
"""Rows of CSV that are handed on together."""

COLUMNS = ("id", "time", "region", "text", "value", "confidence", "box", "frames", "alert", "reason", "picture")

_BOTH = "seq, id, time, region, text, value, confidence, x, y, width, height"
_READINGS = f"{_BOTH}, frames, alert, NULL, 0"
_REFUSALS = f"{_BOTH}, NULL, NULL, reason, picture IS NOT NULL"


class RecordUnavailableError(Exception):
    """There is no record, or it cannot be read now; the message says which."""


@dataclass(frozen=True)
class Query:
    """Which entries. refused: refusals instead of readings. region: only this one; "" is the whole picture; None is
    all. since, until: seconds since the epoch. limit: the newest so many; None is all."""

    refused: bool = False
    region: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int | None = 200

    def statement(self) -> tuple[str, list[object]]:
        """SQL and its parameters; the newest first."""
        conditions = {
            "region = ?": self.region or None,
            "time >= ?": self.since,
            "time < ?": self.until,
        }
        given = {text: value for text, value in conditions.items() if value is not None}
        texts = [*given, *(["region IS NULL"] if self.region == "" else [])]
        table, columns = ("refusals", _REFUSALS) if self.refused else ("readings", _READINGS)
        where = f" WHERE {' AND '.join(texts)}" if texts else ""
        limit = "" if self.limit is None else " LIMIT ?"
        values = [*given.values(), *([] if self.limit is None else [self.limit])]
        return f"SELECT {columns} FROM {table}{where} ORDER BY seq DESC{limit}", values


def entries(path: Path, query: Query) -> Iterator[dict[str, Any]]:
    """Entries as JSON has them. Raises RecordUnavailableError."""
    with _connected(path) as connection:
        yield from map(_entry, connection.execute(*query.statement()))


def regions(path: Path) -> list[str | None]:
    """Every region that the newest entries name. Raises RecordUnavailableError."""
    newest = "SELECT DISTINCT region FROM (SELECT region FROM {} ORDER BY seq DESC LIMIT 5000)"
    with _connected(path) as connection:
        both = [connection.execute(newest.format(table)).fetchall() for table in ("readings", "refusals")]
    return sorted({region for rows in both for (region,) in rows}, key=lambda region: region or "")


def picture(path: Path, id: str) -> bytes | None:
    """The JPEG of a refusal, None if there is none. Raises RecordUnavailableError."""
    with _connected(path) as connection:
        row = connection.execute("SELECT picture FROM refusals WHERE id = ? LIMIT 1", (id,)).fetchone()
    return None if row is None else row[0]


def as_csv(path: Path, query: Query) -> Iterator[str]:
    """Entries as CSV (RFC 4180), in parts. Raises RecordUnavailableError."""
    columns = [column for column in COLUMNS if column not in ("box", "picture")]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, "x", "y", "width", "height"], extrasaction="ignore")
    writer.writeheader()
    for number, entry in enumerate(entries(path, query), 1):
        writer.writerow(entry | dict(zip(("x", "y", "width", "height"), entry["box"], strict=True)))
        if number % CSV_ROWS == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    deadline = time.monotonic() + MOST_SECONDS
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0, check_same_thread=False)
        try:
            connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise RecordUnavailableError(f"the record cannot be read: {error}") from error


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    _, id, taken, region, text, value, confidence, x, y, width, height, frames, alert, reason, has_picture = row
    return {
        "id": id,
        "time": iso_time(taken),
        "region": region,
        "text": text,
        "value": plain_number(value),
        "confidence": round(confidence, 4),
        "box": [x, y, width, height],
        "frames": frames,
        "alert": alert,
        "reason": reason,
        "picture": bool(has_picture),
    }
