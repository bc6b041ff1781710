"""Readings out of the record to whoever takes them by request and answer: at least once each, oldest first.

The record is the queue, as for MQTT: what cannot be delivered waits there, however long, and the next run goes on where
this one ended. Delivery has a thread of its own; the reader never waits for a network.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence

from device.sinks.outage import Outage
from device.sinks.record.damage import describe
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import MOST_WAITING, RETRY_SECONDS, Record
from edge_digits.errors import EdgeDigitsError
from edge_digits.types import Image, Reading, Refusal

BACKOFF = (1.0, 120.0)
"""Seconds before the first attempt after one that failed, and most before later ones; doubled each time."""

LOOK_AHEAD = 5
"""Readings after one that is refused that are tried, to tell whether it is the reading that is wrong."""

DRAIN_SECONDS = 0.5
"""What ``close`` allows for the last readings."""

logger = logging.getLogger(__name__)

Row = tuple[int, Reading]


class RefusedError(EdgeDigitsError):
    """The other side does not want these very readings, however often they are sent."""


class AwayError(EdgeDigitsError):
    """The other side takes nothing now. wait: seconds for which it asks to be left alone, at least."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


Post = Callable[[Sequence[Reading]], None]
"""Hands over readings; has returned when the other side has said that it has all of them. Raises RefusedError and
AwayError."""


class Delivery:
    """A sink that delivers what ``record`` holds. It must stand behind the record among the sinks.

    lost: readings that the other side has refused while it took others.
    """

    def __init__(
        self,
        name: str,
        where: str,
        record: Record,
        post: Post,
        batch: int,
    ) -> None:
        """name: of this sink among those that the record delivers to. where: the other side, for people. batch: the
        most readings that ``post`` takes at once."""
        self.lost = 0
        self._name, self._record, self._post, self._batch = name, record, post, batch
        self._size = batch
        self._first_wait, self._longest_wait = BACKOFF
        self._wait = self._first_wait
        self._other = Outage(logger, f"{name}: {where}")
        self._disk = Outage(logger, f"{name}: {record.path}")
        self._outbox: Outbox | None = None
        self._early: deque[str] = deque(maxlen=MOST_WAITING)
        self._changed = threading.Condition()
        self._closing = False
        # All is delivered when the thread has found nothing since the last news.
        self._news, self._seen = 1, 0
        self._thread = threading.Thread(target=self._deliver, name=name, daemon=True)
        self._thread.start()

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Something new is in the record."""
        with self._changed:
            self._news += 1
            self._changed.notify_all()

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: a refused reading is not delivered."""

    def close(self) -> None:
        """Deliver what is taken at once; the rest is for the next run."""
        with self._changed:
            if not self._other.is_on:
                self._changed.wait_for(lambda: self._seen == self._news or self._other.is_on, DRAIN_SECONDS)
            self._closing = True
            self._changed.notify_all()
        # It may be in the middle of a request; that is no reason to stay.
        self._thread.join(1.0)

    def _deliver(self) -> None:
        """The delivery thread."""
        while not self._closing:
            pause = self._deliver_some()
            with self._changed:
                self._changed.notify_all()
                if pause is None:
                    self._changed.wait_for(lambda: self._closing or self._seen != self._news)
                elif pause:
                    self._changed.wait_for(lambda: self._closing, pause)
        if self._outbox is not None:
            self._outbox.close()

    def _deliver_some(self) -> float | None:
        """One batch. Returns the seconds until there is more to do, None while nothing is new."""
        news = self._news
        try:
            rows = self._undelivered(self._size)
            if rows:
                self._deliver_rows(rows)
            else:
                self._deliver_unrecorded()
        except AwayError as error:
            self._other.begin(f"{error}; readings wait in the record")
            pause = max(self._wait, error.wait)
            self._wait = min(2 * self._wait, self._longest_wait)
            return pause
        if self._outbox is None:
            return RETRY_SECONDS
        if rows:
            return 0.0
        self._seen = news
        return None

    def _undelivered(self, most: int) -> Sequence[Row]:
        """The oldest rows; none, and no outbox, while the disk cannot be read."""
        generation = self._record.generation
        try:
            if self._outbox is None or self._outbox.generation != generation:
                self._outbox = Outbox(self._record, self._name)
            rows = self._outbox.undelivered(most)
        except (sqlite3.Error, EdgeDigitsError, OSError) as error:
            self._record.note_damage(error, generation)
            reason = describe(self._record.path, error)
            self._disk.begin(f"cannot be read ({reason}); what waits there is delivered later")
            self._outbox = None
            return ()
        self._disk.end("is read again")
        return rows

    def _deliver_rows(self, rows: Sequence[Row]) -> None:
        """Raises AwayError."""
        try:
            self._hand_over([reading for _, reading in rows if reading.id not in self._early])
        except RefusedError as error:
            if len(rows) > 1:
                # Which one it is shows in ever smaller batches.
                self._size = len(rows) // 2
            else:
                self._pass_over(error)
            return
        self._size = min(2 * self._size, self._batch)
        self._done(rows[-1][0])

    def _pass_over(self, error: RefusedError) -> None:
        """Leave out the oldest reading, which was refused, if one after it is taken: it keeps no others back for ever.
        If none is, it is not the reading that is wrong. Raises AwayError then."""
        [(_, first), *others] = self._undelivered(LOOK_AHEAD)
        refused = [first]
        for seq, reading in others:
            if reading.id in self._early:
                continue
            try:
                self._hand_over([reading])
            except RefusedError:
                refused.append(reading)
                continue
            self._early.append(reading.id)
            self._try_again(refused)
            self._done(seq)
            return
        raise AwayError(str(error))

    def _try_again(self, refused: Sequence[Reading]) -> None:
        """Offer what was refused once more, now that another one was taken: the other side may have been mended
        meanwhile. Raises AwayError."""
        for reading in refused:
            try:
                self._hand_over([reading])
            except RefusedError as error:
                self.lost += 1
                logger.error("%s: the reading of id %s is left out: %s", self._name, reading.id, error)
            self._early.append(reading.id)

    def _deliver_unrecorded(self) -> None:
        """Deliver past a record that cannot be written: a full disk keeps nobody from knowing what is read now."""
        for reading in self._record.unrecorded():
            if reading.id not in self._early:
                try:
                    self._hand_over([reading])
                except RefusedError as error:
                    raise AwayError(str(error)) from error
                self._early.append(reading.id)

    def _hand_over(self, readings: Sequence[Reading]) -> None:
        if readings:
            self._post(readings)
            self._other.end("takes readings again")
            self._wait = self._first_wait

    def _done(self, seq: int) -> None:
        """On disk at once: what is not there when the reader is killed is delivered again."""
        if self._outbox is not None:
            self._outbox.delivered(seq)
            self._outbox.save()
