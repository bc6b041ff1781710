"""A reader on an MQTT broker: its readings, whether it is there, and what Home Assistant should know of it.

The record is the queue. A broker that is away, for a second or a week, costs nothing but the disk space that the record
has anyway. paho-mqtt reconnects on a thread of its own, and everything is sent from another: the reader never waits for
a network. What is retained is compared, over every new connection, with what the broker has: one that was restarted may
have forgotten it, and one that was not must not hear a reading twice.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence

from device.config.regions import RegionRule
from device.config.settings import MqttConfig
from device.guard.by_hand import set_value
from device.guard.values import in_words
from device.scene.status import DriftStatus
from device.sinks.jsonl import refusal_as_json
from device.sinks.mqtt import announced
from device.sinks.mqtt.connection import BACKOFF, Connection, Message
from device.sinks.mqtt.delivery import Delivery
from device.sinks.mqtt.pictures import RegionPictures
from device.sinks.mqtt.retained import Retained
from device.sinks.mqtt.topics import make_topics
from device.sinks.outage import Outage
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record
from edge_digits.errors import EdgeDigitsError
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Reading, Refusal

NAME = "mqtt"
"""Of this sink among those that the record delivers to."""

LOOK_SECONDS = 1.0
"""Between two looks at what changes by itself, such as a camera that falls silent."""

RETRY_SECONDS = 5.0
"""Between two attempts to read a record that cannot be read."""

SAVE_SECONDS = 5.0
"""Between two writes of how far delivery has come; after a crash so much is delivered twice."""

DRAIN_SECONDS = 0.5
"""What ``close`` allows for the last readings."""

logger = logging.getLogger(__name__)


class MqttSink:
    """Delivers what ``record`` holds. It must stand behind the record among the sinks. What is not delivered now waits
    there, so none is lost."""

    lost = 0

    def __init__(
        self,
        config: MqttConfig,
        record: Record,
        regions: Sequence[RegionRule] = (),
        *,
        silence: float = 10.0,
        ask: Callable[[], None] | None = None,
        scene: Callable[[], DriftStatus] = DriftStatus,
        backoff: tuple[int, int] = BACKOFF,
    ) -> None:
        """record: opened with ``delivers_to=NAME``. regions: none is the whole picture. silence: seconds without a
        frame after which the camera counts as lost. ask: has the numbers read now. scene: where the
        regions are, and what keeps them from being read. Both are called in another thread. Raises FieldError and
        EdgeDigitsError as ``make_client`` does; a broker that is away is no error."""
        self._record, self._regions, self._silence, self._scene = record, tuple(regions), silence, scene
        self._topics = make_topics(config)
        self._disk = Outage(logger, f"mqtt: {record.path}")
        self._pictures = RegionPictures() if config.pictures else None
        self._watched_at: float | None = None
        # All is told when the thread has looked at everything since the last news.
        self._news, self._told = 1, 0
        self._latest: dict[str, str | bytes] = {}
        self._announced: tuple[RegionRule, ...] | None = None
        self._greeted = self._restored = 0
        self._retained = Retained(config, self._topics, ask is not None)
        commands = {self._topics.set_value("+"): self._set_value}
        if ask is not None:
            commands[self._topics.read_now] = lambda topic, text: ask()
        self._connection = Connection(config, self._topics.availability, commands, backoff)
        self._changed = self._connection.changed
        self._delivery = Delivery(record, self._topics, self._send)
        self._thread = threading.Thread(target=self._work, name="mqtt", daemon=True)
        self._thread.start()

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Something new is in the record."""
        self._happened(reading.region)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Tell of a reading that broke a rule; while the broker is away, only of the last one of each region."""
        with self._changed:
            self._latest[self._topics.refused(refusal.region)] = refusal_as_json(refusal)
        self._happened(refusal.region)

    def watch(self, frame: Frame, page: Page) -> None:
        """Take note that frames come."""
        self._watched_at = time.monotonic()
        if self._pictures is not None:
            boxes: dict[str | None, Box] = {region.name: region.box for region in self._regions}
            moved = {name: outline.bounds for name, outline in self._scene().outlines.items() if name in boxes}
            self._pictures.watch(frame.image, boxes | moved)

    def set_regions(self, regions: Sequence[RegionRule]) -> None:
        """These are read from now on."""
        self._regions = tuple(regions)
        self._happened(None)

    def close(self) -> None:
        """Deliver what a broker takes at once, say ``offline``, and leave; the rest is for the next run."""
        with self._changed:
            if self._connection.is_closing:
                return
            if not self._connection.is_down:
                self._changed.wait_for(lambda: self._told == self._news, DRAIN_SECONDS)
        self._connection.stop_waiting()
        self._thread.join(1.0)
        self._connection.close([Message(self._topics.camera, "offline"), Message(self._topics.availability, "offline")])

    def _happened(self, region: str | None) -> None:
        if self._pictures is not None:
            self._pictures.want(region)
        with self._changed:
            self._news += 1
            self._changed.notify_all()

    def _set_value(self, topic: str, text: str) -> None:
        """Somebody sets the last value of a region. Raises ConfigError for what it cannot be."""
        set_value(self._record, self._regions, topic.rpartition("/")[2], text)

    def _work(self) -> None:
        """The thread: while there is something to tell and somebody to tell it to."""
        connection = self._connection
        outbox: Outbox | None = None
        save_at = 0.0
        while not connection.is_closing:
            with self._changed:
                self._changed.wait_for(lambda: connection.is_closing or self._has_work(), LOOK_SECONDS)
                news = self._news
            connection.look_after()
            self._look()
            generation = self._record.generation
            try:
                if outbox is None or outbox.generation != generation:
                    outbox = Outbox(self._record, NAME)
                if connection.is_on and not connection.is_closing:
                    self._tell(outbox, news)
                self._disk.end("is read again")
            except (sqlite3.Error, EdgeDigitsError, OSError) as error:
                self._record.note_damage(error, generation)
                self._disk.begin(f"cannot be read ({error}); what waits there is delivered later")
                outbox = None
                self._tell_without_record()
                with self._changed:
                    self._changed.wait_for(lambda: connection.is_closing, RETRY_SECONDS)
            if outbox is not None and time.monotonic() >= save_at:
                outbox.save()
                save_at = time.monotonic() + SAVE_SECONDS
        if outbox is not None:
            outbox.close()

    def _has_work(self) -> bool:
        return self._connection.is_on and (self._told != self._news or self._greeted != self._connection.number)

    def _look(self) -> None:
        """Take note of what changes by itself."""
        heard = self._watched_at
        is_there = heard is not None and time.monotonic() - heard <= self._silence
        latest: dict[str, str | bytes] = {
            self._topics.camera: "online" if is_there else "offline",
            self._topics.problem: json.dumps({"problem": self._scene().problem}, ensure_ascii=False),
        }
        if self._pictures is not None:
            latest |= {self._topics.picture(region): data for region, data in self._pictures.taken().items()}
        for region in self._regions:
            memory = self._record.recall(region.name) if region.counter else None
            if memory is not None and memory.value is not None:
                latest[self._topics.last_value(region.name)] = in_words(memory.value)
        with self._changed:
            self._latest |= latest

    def _tell(self, outbox: Outbox, news: int) -> None:
        """Everything but readings, then the next readings; when there are none, the last ones, if the broker has
        forgotten them. news: what ``_news`` was before."""
        if not self._greet(outbox):
            return
        self._send_changes(outbox)
        if not self._delivery.deliver_some(outbox):
            return
        if self._restored != self._greeted:
            self._restored = self._greeted
            self._delivery.deliver_last(outbox, self._retained.known)
        with self._changed:
            self._told = news
            self._changed.notify_all()

    def _tell_without_record(self) -> None:
        if self._connection.is_on and self._greet(None):
            self._send_changes(None)
            self._delivery.deliver_unrecorded()

    def _greet(self, outbox: Outbox | None) -> bool:
        """Learn what the broker has, once a connection. Returns False if the connection is lost meanwhile."""
        number = self._connection.number
        if self._greeted != number:
            if outbox is not None:
                self._retained.remembered = announced.recall(outbox.connection)
            was_used = outbox is not None and outbox.has_delivered and not self._retained.remembered
            known = self._connection.greet(self._retained.subscriptions(self._regions))
            if known is None:
                return False
            self._retained.meet(known, was_used)
            self._announced = None
            self._greeted = number
        return True

    def _send_changes(self, outbox: Outbox | None) -> None:
        """Announce the regions, if they are others, and send what the broker does not have as it should."""
        regions = self._regions
        if self._announced != regions:
            self._retained.announce(regions)
            self._delivery.regions = self._retained.regions
            self._clear(outbox)
            self._announced = regions
        with self._changed:
            latest = dict(self._latest)
        self._send(self._retained.changes(latest))

    def _clear(self, outbox: Outbox | None) -> None:
        """Clear what is not announced any more. What is announced is remembered before it is there: a reader that is
        killed in between must find it."""
        new = self._retained.to_remember()
        if outbox is not None:
            announced.remember(outbox.connection, new)
        self._retained.remembered |= new
        stale = self._retained.stale()
        entities = {topic for topic in stale if topic.endswith("/config")}
        # One after the other: an entity that is still there would take the end of its states for a state.
        sent = sum(self._send([Message(topic, "") for topic in sorted(part)]) for part in (entities, stale - entities))
        if sent == len(stale) and outbox is not None:
            announced.forget(outbox.connection, self._retained.cleared(stale))

    def _send(self, messages: Sequence[Message]) -> int:
        """Publish, and take note of what the broker has acknowledged."""
        count = self._connection.send(messages) if messages else 0
        self._retained.acknowledged(messages[:count])
        return count
