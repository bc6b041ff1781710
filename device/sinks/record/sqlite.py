"""The record: every reading, and every refusal with its reason and picture, in one SQLite file."""

from __future__ import annotations

import contextlib
import logging
import math
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from device.config.settings import RecordConfig
from device.guard.memory import Memory
from device.guard.rows import GuardRows
from device.sinks.outage import Outage
from device.sinks.record.damage import DamagedError, describe, is_damage, set_aside
from device.sinks.record.database import begin_writing, connect, newest_time, remove_older, shrink
from device.sinks.record.entries import Entry
from device.sinks.record.pictures import PictureFolder, picture_folder, small_jpeg
from device.sinks.record.wal import LeftLog, keep_if_damaged, left_log
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.types import Image, Reading, Refusal

UPKEEP_SECONDS = 60.0
"""Between two rounds of moving the log into the file and removing what is too old or too much."""

RETRY_SECONDS = 5.0
"""Between two attempts to write to a disk that could not be written."""

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

LOOK_SECONDS = 1.0
"""Between two looks for values that another process has set by hand."""

MOST_WAITING = 1000
"""Entries kept in memory while the disk cannot be written; then the oldest go."""

logger = logging.getLogger(__name__)


class Record:
    """Writes the record; each entry is committed when ``publish`` or ``refuse`` returns.

    A disk that cannot be written stops the recording and nothing else: the log says so once, the newest entries wait
    in memory, and are written when there is room again. ``generation`` counts the files: a damaged one is replaced.
    ``lost``: entries that are in none of them, final once the record is closed.

    It also keeps what the guards remember (``device.guard.memory.GuardStore``): in the transaction of the reading that
    they let pass, and once a minute that a number still stands there.
    """

    def __init__(
        self,
        config: RecordConfig,
        *,
        delivers_to: str | Sequence[str] = (),
        upkeep_seconds: float = UPKEEP_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """delivers_to: name or names of the sinks that take readings out, each with an ``Outbox``; those not yet taken
        are then kept, however old. Of other sinks only is remembered where delivery stopped. clock: seconds since the
        epoch. Raises ConfigError if the path is that of something else, as ``connect`` does."""
        self.path = config.path.expanduser()
        self.generation = 0
        self._config, self._clock = config, clock
        self._delivers_to = (delivers_to,) if isinstance(delivers_to, str) else tuple(delivers_to)
        self._outage = Outage(logger, str(self.path), SETTLED_SECONDS)
        self._waiting: deque[Entry] = deque(maxlen=MOST_WAITING)
        # Held while what waits is written: it is in the file before it waits no longer.
        self._writing = threading.Lock()
        self.lost = self._lost = 0
        self._retry_at = 0.0
        self._guards = GuardRows()
        self._look_at = self._guards_at = 0.0
        self._damaged = -1
        self._began = time.monotonic()
        self._newest_before: float | None = None
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._left = left_log(self.path)
        self._pictures: PictureFolder | None = None
        if config.reading_pictures:
            most_bytes = config.reading_pictures_megabytes * 1e6
            self._pictures = PictureFolder(picture_folder(self.path), config.reading_pictures, most_bytes)
        self._ended = threading.Event()
        self._write(starting=True)
        self._upkeep = threading.Thread(target=self._keep_up, args=(upkeep_seconds,), name="record", daemon=True)
        self._upkeep.start()

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Record one reading, with its picture in a file if the configuration wants that."""
        file = None
        if self._pictures is not None and picture is not None and picture.size:
            file = self._pictures.keep(reading.id, small_jpeg(picture))
        self._add(Entry(reading, file))

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Record one refusal, with its picture if the configuration wants pictures."""
        wanted = picture is not None and picture.size and self._config.pictures
        self._add(Entry(refusal, small_jpeg(picture) if wanted and picture is not None else None))

    def recall(self, region: str) -> Memory | None:
        """What the guard of ``region`` remembered last, in this run or an earlier one; from any thread."""
        return self._guards.recall(region)

    def remember(self, region: str, memory: Memory) -> None:
        """Keep it; written with the next entry, or within a minute."""
        self._guards.remember(region, memory)

    def set_value(self, region: str, value: float) -> None:
        """Have the reader take ``value`` for the region's last one; from any thread."""
        self._guards.set_value(region, value)

    def take_values(self) -> dict[str, float]:
        """Values that were set by hand since the last call, here or by another process, by region; to be called again
        and again, for what has long been remembered is written then too."""
        now = time.monotonic()
        if now < self._look_at and not self._guards.has_value:
            return {}
        self._look_at = now + LOOK_SECONDS
        with self._writing:
            if self._guards.has_changed and (now >= self._guards_at or not self._guards.is_written):
                self._guards_at = now + UPKEEP_SECONDS
                if now >= self._retry_at:
                    self._write()
            return self._guards.take_values(self._connection)

    def unrecorded(self) -> list[Reading]:
        """Readings that wait for a disk that can be written, oldest first."""
        with self._writing:
            return [entry.event for entry in self._waiting if isinstance(entry.event, Reading)]

    def note_damage(self, error: Exception, generation: int) -> None:
        """What another thread met with in file number ``generation``: a damaged file is replaced before the next entry
        is written, for entries may go into it for long that can never be read or removed."""
        if is_damage(error):
            self._damaged = generation

    def close(self) -> None:
        """Write what waits, if it can be written, and close the file."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._upkeep.join(1.0)
        with self._writing:
            if self._waiting or self._guards.has_changed:
                self._retry_at = 0.0
                self._write()
        if self._waiting or self._lost:
            logger.error("%s: %d entries are not in it", self.path, len(self._waiting) + self._lost)
        self.lost += len(self._waiting)
        self._disconnect()

    def _add(self, entry: Entry) -> None:
        with self._writing:
            if len(self._waiting) == MOST_WAITING:
                self.lost += 1
                self._lost += 1
            self._waiting.append(entry)
            if time.monotonic() >= self._retry_at:
                self._write()

    def _write(self, starting: bool = False) -> None:
        """Commit all that waits. Raises ConfigError only when the reader starts."""
        try:
            try:
                if self._damaged == self.generation:
                    self._replace("is damaged")
                self._commit()
            except (sqlite3.Error, DamagedError) as error:
                # Closing moves the log into the file and frees its space; often that is enough.
                self._disconnect()
                if is_damage(error):
                    self._replace(str(error) if isinstance(error, DamagedError) else "is damaged")
                self._commit()
        except (sqlite3.Error, EdgeDigitsError, OSError) as error:
            self._disconnect()
            if starting and isinstance(error, ConfigError):
                raise
            self._retry_at = time.monotonic() + RETRY_SECONDS
            reason = describe(self.path, error)
            self._outage.begin(f"cannot be written ({reason}); reading goes on without a record")
            return
        self._waiting.clear()
        if self._outage.end(f"is written again; {self._lost} entries were lost" if self._lost else "is written again"):
            self._lost = 0

    def _commit(self) -> None:
        """All that waits in one transaction."""
        if self._connection is not None and _identity(self.path) != self._opened:
            self._leave()
        if self._connection is None:
            self._connection = connect(self.path)
            # Before anything is written: upkeep may have to make room for that.
            self._opened = _identity(self.path)
            left, self._left = self._left, LeftLog()
            keep_if_damaged(self.path, left, self._connection)
            self._begin_deliveries(self._connection)
            self._guards.read(self._connection)
            if self._newest_before is None:
                newest = newest_time(self._connection)
                self._newest_before = self._clock() if newest is None else newest
        if self._waiting or self._guards.has_changed:
            self._connection.execute("BEGIN IMMEDIATE")
            for entry in self._waiting:
                self._connection.execute(*entry.statement())
            self._guards.write(self._connection)
            self._connection.execute("COMMIT")
            self._guards.written()

    def _begin_deliveries(self, connection: sqlite3.Connection) -> None:
        """Mark where delivery begins: with the next reading, unless it has begun before. Marks of other sinks stay:
        what they have not taken yet must outlast a reader without them."""
        # Even with nothing to write: a file that cannot be written is to be named when the reader starts.
        begin_writing(connection, self.path)
        for sink in self._delivers_to:
            connection.execute(
                "INSERT OR IGNORE INTO deliveries SELECT ?, coalesce(max(seq), 0) FROM readings", (sink,)
            )
        connection.execute("COMMIT")

    def _replace(self, problem: str) -> None:
        """Make room for a new file in the place of one that cannot be used. problem: what is wrong with it. Raises
        EdgeDigitsError if it cannot be moved away."""
        self._disconnect()
        try:
            aside = set_aside(self.path)
        except OSError as error:
            raise EdgeDigitsError(f"{problem} and cannot be moved away: {error.strerror}") from error
        self.generation += 1
        self._left = LeftLog()
        kept = "" if aside is None else f"; kept as {aside.name}"
        logger.error("%s: %s%s, and a new record begun", self.path, problem, kept)

    def _leave(self) -> None:
        """Let go of a file that somebody has moved, removed or replaced: what is written into it is in nobody's sight.
        SQLite leaves the log of such a database where it is; it must not become that of the new one."""
        self._disconnect()
        aside = set_aside(self.path, ("-wal", "-shm"))
        self.generation += 1
        kept = "" if aside is None else f"; its log is kept as {aside.name}-wal"
        logger.error("%s: was moved, removed or replaced while it is in use%s", self.path, kept)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _keep_up(self, seconds: float) -> None:
        """The thread beside the reader: what takes long on a slow card happens here, over a connection of its own."""
        warned = False
        while True:
            lost, generation = 0, self.generation
            try:
                # SQLite would make a new file in the place of one that was moved, and remove the log that it left.
                if _identity(self.path) != self._opened:
                    raise EdgeDigitsError(f"{self.path}: is another file than the one that is written")
                with contextlib.closing(connect(self.path)) as connection:
                    oldest = self._age_from() - self._config.keep_days * 86_400
                    remove_older(connection, oldest, self._clock(), self._delivers_to)
                    lost = shrink(connection, self._config.max_megabytes * 1e6, self._delivers_to)
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except (sqlite3.Error, EdgeDigitsError, OSError) as error:
                self.note_damage(error, generation)
                # If it is the disk, the next entry says so.
                logger.debug("%s: upkeep failed: %s", self.path, error)
            if lost and not warned:
                warned = True
                logger.error("%s: record.max_megabytes is reached; readings are lost before delivery", self.path)
            if self._ended.wait(seconds):
                return

    def _age_from(self) -> float:
        """What the age limit is measured from: the clock, unless it is ahead of the newest entry from before this run
        and the time that has passed since. A Pi's clock may jump for a moment, and what would then be removed is gone.
        After a pause entries stay longer by its length, until the next start."""
        if self._newest_before is None:
            return -math.inf
        return min(self._clock(), self._newest_before + time.monotonic() - self._began)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is, whatever it is called; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
