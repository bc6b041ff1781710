"""The SQLite record, as the page shows it. Only ever read: over a connection that cannot write."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.guard.values import plain_number
from device.sinks.record.pictures import picture_folder
from device.sinks.sink import iso_time

MOST_SECONDS = 5.0
"""After which a query is given up."""

STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""

CSV_ROWS = 1000
"""Rows of CSV that are handed on together."""

MOST_PICTURE = 2**20
"""Bytes of a picture that are handed on; one is 320 pixels wide."""

CSV_COLUMNS = ("id", "time", "region", "text", "value", "confidence", "frames", "alert", "reason", "clock")

_BOTH = "id, time, region, text, value, confidence, x, y, width, height, clock"
_READINGS = f"{_BOTH}, frames, alert, NULL, picture"
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
    folder = picture_folder(path)
    with _connected(path) as connection:
        for row in connection.execute(*query.statement()):
            # SQLite does not see damage within a row.
            with contextlib.suppress(TypeError, ValueError, OverflowError, OSError):
                yield _entry(row, folder)


def regions(path: Path) -> list[str | None]:
    """Every region that the newest entries name. Raises RecordUnavailableError."""
    newest = "SELECT DISTINCT region FROM (SELECT region FROM {} ORDER BY seq DESC LIMIT 5000)"
    with _connected(path) as connection:
        both = [connection.execute(newest.format(table)).fetchall() for table in ("readings", "refusals")]
    return sorted({region for rows in both for (region,) in rows}, key=lambda region: region or "")


def picture(path: Path, id: str, refused: bool) -> bytes | None:
    """The JPEG of a refusal or of a reading, None if there is none. Raises RecordUnavailableError."""
    table = "refusals" if refused else "readings"
    with _connected(path) as connection:
        row = connection.execute(f"SELECT picture FROM {table} WHERE id = ? LIMIT 1", (id,)).fetchone()
    if row is None or row[0] is None or refused:
        return None if row is None else row[0]
    file = picture_folder(path) / Path(row[0]).name
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            return opened.read(MOST_PICTURE)
    except OSError:
        # It was one of the oldest.
        return None


def as_csv(path: Path, query: Query) -> Iterator[str]:
    """Entries as CSV (RFC 4180), in parts. Raises RecordUnavailableError."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*CSV_COLUMNS, "x", "y", "width", "height"], extrasaction="ignore")
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


def _entry(row: tuple[Any, ...], folder: Path) -> dict[str, Any]:
    id, taken, region, text, value, confidence, x, y, width, height, clock, frames, alert, reason, picture = row
    return {
        "id": id,
        "time": iso_time(taken),
        "region": region,
        "text": text,
        "value": plain_number(value),
        "confidence": round(confidence, 4),
        "box": [x, y, width, height],
        "clock": clock,
        "frames": frames,
        "alert": alert,
        "reason": reason,
        "picture": (folder / Path(picture).name).is_file() if isinstance(picture, str) else bool(picture),
    }
