"""What guards remember, and values that were set by hand, as rows of the record."""

from __future__ import annotations

import contextlib
import sqlite3
import threading

from device.guard.memory import Memory, memory_of

_MEMORY = "INSERT INTO guards VALUES (?, ?) ON CONFLICT (region) DO UPDATE SET memory = excluded.memory"
"""REPLACE would give the row another number and write its index too, one more page."""


class GuardRows:
    """A copy of the rows in memory; the record says when they are read and written. ``recall`` and ``set_value``
    may be called from any thread."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._set: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._version: int | None = None

    def recall(self, region: str) -> Memory | None:
        """See ``device.guard.memory.GuardStore``."""
        return self._memories.get(region)

    def remember(self, region: str, memory: Memory) -> None:
        """In the record with the next ``write``."""
        if self._memories.get(region) != memory:
            self._memories[region] = memory
            self._changed.add(region)

    def set_value(self, region: str, value: float) -> None:
        """See ``device.guard.memory.GuardStore``."""
        with self._lock:
            self._set[region] = value

    @property
    def has_value(self) -> bool:
        """Whether one was set in this process."""
        return bool(self._set)

    def take_values(self, connection: sqlite3.Connection | None) -> dict[str, float]:
        """Values that were set in this process, and by others in the record, where that can be read."""
        with self._lock:
            taken, self._set = self._set, {}
        with contextlib.suppress(sqlite3.Error):
            return {**self._set_by_others(connection), **taken}
        return taken

    @property
    def is_written(self) -> bool:
        """Whether the rows are what they should be, but for times at which numbers last stood there."""
        return not self._taken

    @property
    def has_changed(self) -> bool:
        """Whether there is something to write."""
        return bool(self._changed or self._taken)

    def read(self, connection: sqlite3.Connection) -> None:
        """Take over the rows of a record that was opened; what this process remembers wins, and is written to it."""
        stored: dict[str, Memory] = {}
        for region, text in connection.execute("SELECT region, memory FROM guards").fetchall():
            # Written by a later version, or by somebody else.
            with contextlib.suppress(ValueError):
                stored[region] = memory_of(text)
        self._changed |= {region for region, memory in self._memories.items() if stored.get(region) != memory}
        self._memories = stored | self._memories
        self._version = None

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what has changed, in the transaction that is open."""
        rows = [(region, self._memories[region].as_text()) for region in self._changed]
        connection.executemany(_MEMORY, rows)
        # Another may have been set meanwhile.
        connection.executemany("DELETE FROM set_values WHERE region = ? AND value = ?", self._taken.items())

    def written(self) -> None:
        """The transaction has been committed."""
        self._changed.clear()
        self._taken.clear()

    def _set_by_others(self, connection: sqlite3.Connection | None) -> dict[str, float]:
        if connection is None:
            return {}
        # Costs nothing, and tells whether another connection has written.
        [version] = connection.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return {}
        self._version = version
        rows = connection.execute("SELECT region, value FROM set_values").fetchall()
        new = {region: value for region, value in rows if self._taken.get(region) != value}
        self._taken |= new
        return new


def write_value(connection: sqlite3.Connection, region: str, value: float) -> None:
    """Set a value by hand, for a reader that runs or starts later."""
    connection.execute("INSERT OR REPLACE INTO set_values VALUES (?, ?)", (region, value))
