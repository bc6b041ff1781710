"""What was recorded and not yet delivered, for the sinks that deliver from the record."""

from __future__ import annotations

import contextlib
import logging
import sqlite3

from device.sinks.record.database import connect
from device.sinks.record.entries import READING, reading_of
from device.sinks.record.sqlite import Record
from edge_digits.types import Box, Reading, Refusal

logger = logging.getLogger(__name__)


class Outbox:
    """What was recorded and not yet delivered by ``sink``; for one thread.

    Starts with the first reading that was recorded for it, later where ``save`` left it. Raises sqlite3.Error or
    EdgeDigitsError while the disk cannot be read.
    """

    def __init__(self, record: Record, sink: str) -> None:
        self._sink = sink
        self.generation = record.generation
        self._connection = connect(record.path)
        [self._last] = self._connection.execute(
            "SELECT coalesce(max(seq), 0) FROM deliveries WHERE sink = ?", (sink,)
        ).fetchone()
        self._saved = self._last

    @property
    def connection(self) -> sqlite3.Connection:
        """To the record, for the same thread."""
        return self._connection

    @property
    def has_delivered(self) -> bool:
        """Whether anything was delivered, in this run or an earlier one."""
        return self._last > 0

    def last_reading(self, region: str | None) -> Reading | None:
        """The newest of a region that was delivered."""
        _, readings = self._readings("region IS ? AND seq <= ? ORDER BY seq DESC LIMIT 1", (region, self._last))
        return readings[0][1] if readings else None

    def last_refusal(self, region: str | None) -> Refusal | None:
        """The newest of a region."""
        row = self._connection.execute(
            "SELECT region, text, confidence, time, reason, x, y, width, height, id, value, clock FROM refusals"
            " WHERE region IS ? ORDER BY seq DESC LIMIT 1",
            (region,),
        ).fetchone()
        if row is None:
            return None
        region, text, confidence, taken, reason, x, y, width, height, id, value, clock = row
        return Refusal(region, text, confidence, taken, reason, Box(x, y, width, height), id, value, clock)

    def undelivered(self, most: int) -> list[tuple[int, Reading]]:
        """The oldest readings after the last delivered one, each with its row number. Rows that are damaged are passed
        over."""
        while True:
            numbers, readings = self._readings("seq > ? ORDER BY seq LIMIT ?", (self._last, most))
            if readings or not numbers:
                return readings
            self._last = numbers[-1]

    def _readings(self, which: str, values: tuple[object, ...]) -> tuple[list[int], list[tuple[int, Reading]]]:
        """Numbers of the rows that were found, and what readings can be made of them."""
        rows = self._connection.execute(f"SELECT seq, {READING} FROM readings WHERE {which}", values).fetchall()
        readings: list[tuple[int, Reading]] = []
        for seq, *row in rows:
            try:
                readings.append((seq, reading_of(row)))
            except ValueError:
                logger.error("%s: row %d of the record is damaged, and not delivered", self._sink, seq)
        return [row[0] for row in rows], readings

    def delivered(self, seq: int) -> None:
        """All readings up to row ``seq`` were delivered; on disk with the next ``save``."""
        self._last = seq

    def save(self) -> None:
        """Write how far delivery has come; later, if the disk cannot be written now. Not for every reading: after a
        crash some are delivered twice instead."""
        if self._saved != self._last:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("UPDATE deliveries SET seq = ? WHERE sink = ?", (self._last, self._sink))
                self._saved = self._last

    def close(self) -> None:
        """Save and close."""
        self.save()
        self._connection.close()
