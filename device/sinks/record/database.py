"""The record's file: its tables, how it is opened, and how it stays small.

Gentle to SD cards: in WAL mode with ``synchronous=NORMAL`` a commit appends a page or two to a file and waits for
nothing; what is written goes to the card when the kernel sees fit, or at a checkpoint (sqlite.org/wal.html, sections
2.3 and 3). A killed process loses nothing that was committed; a power cut may lose the last minute, and never breaks
the file. Rows are small and there is no index beside the row number, because each would be one more page a commit.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from device.guard.memory import Memory
from device.sinks.record.damage import DamagedError, why_not_written
from edge_digits.errors import ConfigError

BUSY_SECONDS = 1.0
"""How long one connection waits for another's transaction, which lasts milliseconds; the reader waits with it."""

CHUNK = 50
"""Rows removed in one transaction: who wants to write waits no longer than that takes."""

CACHE_BYTES = 256 * 1024
"""What SQLite may keep of the record in memory. Its own 2 MB would fill up over days, for rows that nobody reads."""

_VERSION = 2
"""Of the tables."""

LATEST_VERSION = 1000
"""Of the tables, that anybody could have made; a higher one is damage."""

WAL_BYTES = 4_000_000
"""A longer log is cut to this length at a checkpoint."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time REAL NOT NULL, region TEXT, text TEXT NOT NULL,
    confidence REAL NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    frames INTEGER NOT NULL, alert TEXT, value REAL, clock TEXT, picture TEXT);
CREATE TABLE IF NOT EXISTS refusals (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time REAL NOT NULL, region TEXT, text TEXT NOT NULL,
    confidence REAL NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    reason TEXT NOT NULL, picture BLOB, value REAL, clock TEXT);
CREATE TABLE IF NOT EXISTS deliveries (sink TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS announced (topic TEXT PRIMARY KEY, base TEXT NOT NULL, unique_id TEXT);
CREATE TABLE IF NOT EXISTS guards (region TEXT PRIMARY KEY, memory TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS set_values (region TEXT PRIMARY KEY, value REAL NOT NULL);
"""

_TABLES = {
    table: dict(column.split(maxsplit=1) for column in columns.split(", "))
    for table, columns in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+) \((.*?)\);", " ".join(_SCHEMA.split()))
}
"""Each table of a record with its columns, and what each of these is."""

_FIRST = {"readings": 12, "refusals": 12, "deliveries": 2}
"""The tables of version 1, each with how many of its columns; later versions only add some at the end."""

_VALUES = """
UPDATE {table} SET value = CAST(replace(text, ' ', '') AS REAL)
WHERE value IS NULL AND text GLOB '[0-9]*' AND text NOT GLOB '*[^0-9 ]*' AND length(text) <= 300
"""
"""Gives the texts of version 1, which knew no decimals, their values; a float holds no more digits."""


_SHOWN = "INSERT INTO guards SELECT region, ? FROM readings WHERE region IS NOT NULL GROUP BY region"
"""What guards remember of version 1, which reported no number as gone: that there was one."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the record, or make it. One connection serves one thread at a time.

    Raises ConfigError for what is somebody else's, which stays as it is: another program's database, a record of a
    later version, a folder with something in it, a device; DamagedError for what may be set aside; sqlite3.Error for a
    disk that cannot be read or written, which time may mend.
    """
    _check_kind(path)
    try:
        return _open(path)
    except UnicodeDecodeError as error:
        # What the sqlite3 module makes of an error that names a part of a damaged table.
        raise DamagedError("is damaged") from error
    except sqlite3.Error as error:
        kind = error.sqlite_errorcode & 0xFF
        if kind == sqlite3.SQLITE_NOTADB:
            raise DamagedError("is damaged, or was never a record") from error
        # What is asked of a database before it is used, any can answer that is not damaged.
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT):
            raise DamagedError("is damaged") from error
        raise


def _check_kind(path: Path) -> None:
    """Raises ConfigError and DamagedError as ``connect`` does, for what is there and no file."""
    try:
        if path.is_dir():
            if any(path.iterdir()):
                raise ConfigError(f"{path}: is a folder with something in it; expected a file")
            # As container runtimes make one where a file is to be mounted that is not there yet.
            raise DamagedError("is an empty folder")
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: is no file that can be a record")
    except OSError:
        # Opening it tells why.
        return


def begin_writing(connection: sqlite3.Connection, path: Path) -> None:
    """Begin a transaction. Raises sqlite3.Error for a record that can only be read, or that another program locks,
    DamagedError for one that only its header keeps from being written."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        # Where a file may only be read, SQLite takes that for BEGIN; a statement that writes tells, even if it has no
        # rows.
        connection.execute("DELETE FROM deliveries WHERE 0")
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_READONLY and why_not_written(path) is None:
            raise DamagedError("is damaged") from error
        raise


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # The bytes of a damaged text need not be one.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        if _missing(connection, path) is not None:
            _upgrade(connection, path)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = {-CACHE_BYTES // 1024}")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _missing(connection: sqlite3.Connection, path: Path) -> list[tuple[str, str]] | None:
    """Columns that the tables lack, each with its table; None if the record is as it should be. Only reads. Raises
    ConfigError for another program's database: its rows would be removed as too old. The version alone does not tell,
    because many programs count theirs in the same place. Raises DamagedError for the record's tables with other
    columns."""
    # The version first: another reader, which makes both in one transaction, may do so in between.
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [objects] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    tables = {
        table: [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if table in _TABLES
    }
    if tables.keys() >= _FIRST.keys():
        if _VERSION < version <= LATEST_VERSION:
            raise ConfigError(f"{path}: was made by a later version of Edge Digits; expected a record or a new file")
        if not 0 <= version <= _VERSION or not all(_is_known(table, names) for table, names in tables.items()):
            raise DamagedError("is damaged")
    # Views, indexes and tables that somebody has added to a record are left alone.
    elif objects or version:
        raise ConfigError(f"{path}: is another program's database; expected a record or a new file")
    missing = [(table, name) for table, names in tables.items() for name in list(_TABLES[table])[len(names) :]]
    return None if version == _VERSION and tables.keys() == _TABLES.keys() and not missing else missing


def _is_known(table: str, names: list[str]) -> bool:
    """Whether a table has the columns of some version."""
    columns = list(_TABLES[table])
    return names == columns[: len(names)] and len(names) >= _FIRST.get(table, len(columns))


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Make what is missing, in one transaction; a record of an earlier version loses nothing."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    # Anew: another reader may have done it meanwhile.
    columns = _missing(connection, path) or []
    [guards] = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'guards'").fetchone()
    for table, name in columns:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {_TABLES[table][name]}")
    for table, name in columns:
        if name == "value":
            connection.execute(_VALUES.format(table=table))
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    if not guards:
        connection.execute(_SHOWN, (Memory(is_shown=True).as_text(),))
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the rows take up; freed pages of the file are used again and do not count."""
    [pages, free, size] = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def remove_older(
    connection: sqlite3.Connection, time: float, now: float = math.inf, delivers_to: Sequence[str] = ()
) -> int:
    """Remove what is older than ``time`` (both in seconds since the epoch), except what is still to be delivered to one
    of the sinks ``delivers_to``; returns the number of rows."""
    # Marks of other sinks do not count: one that is no longer configured would hold back all that comes after it.
    delivered = _delivered(connection, delivers_to)
    last = _newest(connection) if delivered is None else delivered
    rows = 0
    # Rows come in the order of time, so the oldest chunk tells whether there is more to do; except for those after
    # ``now``, which a clock that was ahead has left. They are passed over, or they would keep all that follows.
    while True:
        removed = connection.execute(
            "DELETE FROM readings WHERE seq IN (SELECT seq FROM readings WHERE time <= ? ORDER BY seq LIMIT ?)"
            " AND time < ? AND seq <= ? AND seq < ?",
            (now, CHUNK, time, last, _newest(connection)),
        ).rowcount
        removed += connection.execute(
            "DELETE FROM refusals WHERE seq IN (SELECT seq FROM refusals WHERE time <= ? ORDER BY seq LIMIT ?)"
            " AND time < ?",
            (now, CHUNK, time),
        ).rowcount
        rows += removed
        if not removed:
            return rows


def shrink(connection: sqlite3.Connection, most_bytes: float, delivers_to: Sequence[str] = ()) -> int:
    """Remove the oldest rows until the others fit into ``most_bytes``: refusals and their pictures, then readings;
    returns how many readings were removed before they were delivered to all of the sinks ``delivers_to``."""
    lost = 0
    while used_bytes(connection) > most_bytes:
        removed = connection.execute(
            "DELETE FROM refusals WHERE seq IN (SELECT seq FROM refusals ORDER BY seq LIMIT ?)", (CHUNK,)
        ).rowcount
        if removed:
            continue
        first = connection.execute("SELECT min(seq) FROM readings").fetchone()[0]
        if first is None or first == _newest(connection):
            break
        end = min(first + CHUNK, _newest(connection))
        [lost_here] = connection.execute(
            "SELECT count(*) FROM readings WHERE seq < ? AND seq > ?", (end, _delivered(connection, delivers_to))
        ).fetchone()
        lost += lost_here
        connection.execute("DELETE FROM readings WHERE seq < ?", (end,))
    [pages, size] = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if pages * size > most_bytes:
        # It frees a page a step, and ``execute`` makes only one step of a statement without columns.
        connection.executescript("PRAGMA incremental_vacuum")
    return lost


def newest_time(connection: sqlite3.Connection) -> float | None:
    """When the newest entry was read, in seconds since the epoch; None without entries."""
    newest = "SELECT time FROM (SELECT time FROM {} ORDER BY seq DESC LIMIT 1)"
    both = f"{newest.format('readings')} UNION ALL {newest.format('refusals')}"
    return connection.execute(f"SELECT max(time) FROM ({both})").fetchone()[0]


def _delivered(connection: sqlite3.Connection, sinks: Sequence[str]) -> int | None:
    """Number of the last reading that all of the sinks have; None without sinks."""
    marks = ", ".join("?" * len(sinks))
    return connection.execute(f"SELECT min(seq) FROM deliveries WHERE sink IN ({marks})", tuple(sinks)).fetchone()[0]


def _newest(connection: sqlite3.Connection) -> int:
    """Number of the newest reading, 0 if there is none. It is never removed: a number that was given once must not be
    given again, or the reading that has it next would count as delivered."""
    return connection.execute("SELECT coalesce(max(seq), 0) FROM readings").fetchone()[0]
