"""What a reader has left on brokers, remembered in the record: what is renamed or removed later is cleared there."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Announced:
    """One retained topic. base: of the reader's topics when it was published. unique_id: of the entity that it tells
    Home Assistant of; None for other topics."""

    base: str
    unique_id: str | None = None


def recall(connection: sqlite3.Connection) -> dict[str, Announced]:
    """All that was remembered, by topic. connection: to the record. Raises sqlite3.Error if it cannot be read."""
    rows = connection.execute("SELECT topic, base, unique_id FROM announced").fetchall()
    return {topic: Announced(base, unique_id) for topic, base, unique_id in rows}


def remember(connection: sqlite3.Connection, topics: Mapping[str, Announced]) -> None:
    """Remember these too; not, if the disk cannot be written."""
    rows = [(topic, entry.base, entry.unique_id) for topic, entry in topics.items()]
    with contextlib.suppress(sqlite3.Error):
        connection.executemany("INSERT OR REPLACE INTO announced VALUES (?, ?, ?)", rows)


def forget(connection: sqlite3.Connection, topics: Iterable[str]) -> None:
    """They were cleared; if the disk cannot be written, they will be again."""
    with contextlib.suppress(sqlite3.Error):
        connection.executemany("DELETE FROM announced WHERE topic = ?", [(topic,) for topic in topics])
