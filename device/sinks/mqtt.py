"""Readings to an MQTT broker, out of the record: at least once each, with their ids, in the order of their time.

The record is the queue. A reading counts as delivered when the broker has acknowledged it (quality of service 1), so a
broker that is away, for a second or a week, costs nothing but the disk space that the record has anyway. paho-mqtt
reconnects with backoff on a thread of its own, and delivery runs on another: the reader never waits for a network.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from device.config import MqttConfig
from device.fields import FieldError
from device.sinks.jsonl import as_json
from device.sinks.outage import Outage
from device.sinks.sqlite import MOST_WAITING, Outbox, Record
from device.sinks.topics import announcement, client_id, make_topics
from device.system.credentials import read_secret
from edge_digits.errors import EdgeDigitsError
from edge_digits.types import Image, Reading, Refusal

if TYPE_CHECKING:
    from paho.mqtt.client import Client

NAME = "mqtt"
"""Of this sink among those that the record delivers to."""

BATCH = 100
"""Readings on their way to the broker at once."""

BACKOFF = (1, 120)
"""Seconds before the first attempt to reconnect, and most before later ones; doubled each time."""

KEEP_ALIVE = 30
"""Seconds; after one and a half times that the broker tells the others that this reader is gone."""

SAVE_SECONDS = 5.0
"""Between two writes of how far delivery has come; after a crash so much is delivered twice."""

DRAIN_SECONDS = 0.5
"""What ``close`` allows for the last readings."""

logger = logging.getLogger(__name__)


def address(config: MqttConfig) -> tuple[str, int]:
    """Host and port of the broker."""
    return config.host, config.port or (8883 if config.tls else 1883)


def make_client(config: MqttConfig, suffix: str = "") -> Client:
    """A client that is not connected yet. suffix: of its id; of two clients with one id, the broker throws out the
    first. config: as ``device.rules`` lets it pass. Raises FieldError for a file that cannot be read or that holds no
    password, EdgeDigitsError if paho-mqtt is not installed."""
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError as error:
        raise EdgeDigitsError("mqtt: needs paho-mqtt: pip install 'edge-digits[device]'") from error
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id(config) + suffix)
    if config.username is not None:
        file = config.password_file
        password = None if file is None else read_secret(file, ("mqtt", "password_file"))
        client.username_pw_set(config.username, password)
    if config.tls:
        try:
            client.tls_set(None if config.ca_file is None else str(config.ca_file.expanduser()))
        except OSError as error:
            raise FieldError(("mqtt", "ca_file"), f"{config.ca_file}: {error.strerror or error}") from error
    return client


def try_broker(config: MqttConfig, timeout: float = 5.0) -> None:
    """Connect once and leave again. Raises EdgeDigitsError, in one line, if that does not work within ``timeout``
    seconds; FieldError if it is the configuration."""
    host, port = address(config)
    client = make_client(config, suffix="-check")
    answered = threading.Event()
    answers: list[Any] = []

    def on_connect(_: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        answers.append(reason)
        answered.set()

    client.on_connect = on_connect
    client.connect_timeout = timeout
    try:
        client.connect(host, port, KEEP_ALIVE)
        client.loop_start()
        answered.wait(timeout)
    except OSError as error:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: {error.strerror or error}") from error
    finally:
        client.disconnect()
        client.loop_stop()
    if not answers:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: does not answer as an MQTT broker")
    if answers[0].is_failure:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: the broker refuses: {answers[0]}")


class MqttSink:
    """Delivers what ``record`` holds. It must stand behind the record among the sinks. What is not delivered now waits
    there, so none is lost."""

    lost = 0

    def __init__(
        self,
        config: MqttConfig,
        record: Record,
        regions: Sequence[str | None] = (None,),
        *,
        backoff: tuple[int, int] = BACKOFF,
    ) -> None:
        """record: opened with ``delivers_to=NAME``. regions: their names, for Home Assistant; None is the whole
        picture. Raises FieldError and EdgeDigitsError as ``make_client`` does; a broker that is away is no error."""
        self._config, self._record, self._regions = config, record, regions
        self._topics = make_topics(config)
        host, port = address(config)
        self._broker = Outage(logger, f"mqtt: {host}:{port}")
        self._disk = Outage(logger, f"mqtt: {record.path}")
        self._closing = False
        self._connected = False
        self._changed = threading.Condition()
        # The delivery thread is done when it has looked at the record since the last news.
        self._news, self._seen = 1, 0
        self._acknowledged: set[int] = set()
        self._early: deque[str] = deque(maxlen=MOST_WAITING)
        self._client = client = make_client(config)
        client.will_set(self._topics.availability, "offline", qos=1, retain=True)
        client.max_inflight_messages_set(BATCH)
        client.reconnect_delay_set(*backoff)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.connect_async(host, port, KEEP_ALIVE)
        client.loop_start()
        self._thread = threading.Thread(target=self._deliver, name="mqtt", daemon=True)
        self._thread.start()

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Something new is in the record."""
        with self._changed:
            self._news += 1
            self._changed.notify_all()

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Nothing: a refused reading is not published."""

    def close(self) -> None:
        """Deliver what a broker takes at once, say ``offline``, and leave; the rest is for the next run."""
        with self._changed:
            if self._closing:
                return
            if not self._broker.is_on:
                self._changed.wait_for(lambda: self._seen == self._news, DRAIN_SECONDS)
            self._closing = True
            self._changed.notify_all()
        self._thread.join(1.0)
        if self._connected:
            with contextlib.suppress(ValueError, RuntimeError):
                self._client.publish(self._topics.availability, "offline", qos=1, retain=True).wait_for_publish(0.3)
        self._client.disconnect()
        # An attempt to connect may hold paho's thread for seconds; that is no reason to stay.
        stopping = threading.Thread(target=self._client.loop_stop, daemon=True)
        stopping.start()
        stopping.join(0.3)

    def _on_connect(self, client: Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._broker.begin(f"the broker refuses: {reason}; readings wait in the record")
            return
        if self._config.discovery:
            for region in self._regions:
                client.publish(*announcement(self._config, self._topics, region), qos=1, retain=True)
        client.publish(self._topics.availability, "online", qos=1, retain=True)
        self._broker.end("connected again")
        with self._changed:
            self._connected = True
            self._changed.notify_all()

    def _on_connect_fail(self, _: Client, __: Any) -> None:
        self._broker.begin("the broker cannot be reached; readings wait in the record")

    def _on_disconnect(self, _: Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        with self._changed:
            self._connected = False
        if not self._closing:
            self._broker.begin(f"the connection is lost ({reason}); readings wait in the record")

    def _on_publish(self, _: Client, __: Any, message: int, ___: Any, ____: Any) -> None:
        with self._changed:
            self._acknowledged.add(message)
            self._changed.notify_all()

    def _deliver(self) -> None:
        """The delivery thread: while there is something to deliver and somebody to deliver it to."""
        outbox: Outbox | None = None
        save_at = 0.0
        while not self._closing:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._has_work(), SAVE_SECONDS)
                news = self._news
            generation = self._record.generation
            try:
                if outbox is None or outbox.generation != generation:
                    outbox = Outbox(self._record, NAME)
                if self._has_work() and not self._closing:
                    self._deliver_some(outbox, news)
                self._disk.end("is read again")
            except (sqlite3.Error, EdgeDigitsError, OSError) as error:
                self._record.found(error, generation)
                self._disk.begin(f"cannot be read ({error}); what waits there is delivered later")
                outbox = None
                self._send_unrecorded()
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, SAVE_SECONDS)
            if outbox is not None and time.monotonic() >= save_at:
                outbox.save()
                save_at = time.monotonic() + SAVE_SECONDS
        if outbox is not None:
            outbox.close()

    def _has_work(self) -> bool:
        return self._connected and self._seen != self._news

    def _deliver_some(self, outbox: Outbox, news: int) -> None:
        """Deliver the next batch; news: what ``_news`` was before."""
        rows = outbox.undelivered(BATCH)
        if not rows:
            self._send_unrecorded()
            with self._changed:
                self._seen = news
                self._changed.notify_all()
            return
        fresh = [reading for _, reading in rows if reading.id not in self._early]
        arrived = {*self._early, *(reading.id for reading in fresh[: self._send(fresh)])}
        done = list(itertools.takewhile(lambda row: row[1].id in arrived, rows))
        if done:
            outbox.delivered(done[-1][0])

    def _send_unrecorded(self) -> None:
        """Deliver past a record that cannot be written: a full disk keeps nobody from knowing what is read now."""
        readings = [reading for reading in self._record.unrecorded() if reading.id not in self._early]
        if readings and self._connected:
            self._early.extend(reading.id for reading in readings[: self._send(readings)])

    def _send(self, readings: Sequence[Reading]) -> int:
        """Publish and wait until the broker has acknowledged all, whenever that is; paho sends them again over a new
        connection. Returns how many, from the first on, were acknowledged: all, unless the sink is closed."""
        with self._changed:
            self._acknowledged.clear()
        messages = [
            self._client.publish(self._topics.reading(reading.region), as_json(reading), qos=1, retain=True).mid
            for reading in readings
        ]
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._acknowledged.issuperset(messages))
            return len(list(itertools.takewhile(self._acknowledged.__contains__, messages)))
