"""The connection to the broker: made again whenever it is lost, on a thread of paho's own."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from device.config.settings import MqttConfig
from device.sinks.mqtt.client import KEEP_ALIVE, address, make_client
from device.sinks.mqtt.takeover import SHORT, Takeover
from device.sinks.mqtt.topics import client_id
from device.sinks.outage import Outage
from edge_digits.errors import EdgeDigitsError

if TYPE_CHECKING:
    from paho.mqtt.client import Client

BACKOFF = (1, 120)
"""Seconds before the first attempt to reconnect, and most before later ones; doubled each time."""

MOST_ON_THEIR_WAY = 100
"""Messages that are sent before the first of them is acknowledged."""

ANSWER_SECONDS = 5.0
"""For the broker to send what it has retained."""

MOST_COMMAND_BYTES = 256

logger = logging.getLogger(__name__)


class Message(NamedTuple):
    """Sent with quality of service 1. Retained without a payload, it removes what was retained."""

    topic: str
    payload: str | bytes
    retain: bool = True


class Connection:
    """Connects at once and for ever. ``changed``: held where something is looked at that threads share, and notified
    whenever something happens; who waits for a broker waits for that. ``number``: of the present connection, counted
    from 1; 0 before the first."""

    def __init__(
        self,
        config: MqttConfig,
        availability: str,
        commands: Mapping[str, Callable[[str, str], None]],
        backoff: tuple[int, int] = BACKOFF,
    ) -> None:
        """availability: topic that says ``online`` or ``offline``. commands: what is to be done with a topic and its
        text, by subscription; an EdgeDigitsError is logged. Raises as ``make_client`` does."""
        self.changed = threading.Condition()
        self.number = 0
        self.is_on = False
        self.is_closing = False
        self._config, self._availability, self._commands, self._backoff = config, availability, commands, backoff
        host, port = address(config)
        self._name = f"mqtt: {host}:{port}"
        self._outage = Outage(logger, self._name)
        self._takeover = Takeover()
        self._acknowledged: set[int] = set()
        self._retained: dict[str, bytes] = {}
        self._answered = False
        self._is_deaf = False
        self._client = client = make_client(config)
        client.will_set(availability, "offline", qos=1, retain=True)
        client.max_inflight_messages_set(MOST_ON_THEIR_WAY)
        client.reconnect_delay_set(*backoff)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        for subscription, act in commands.items():
            client.message_callback_add(subscription, self._obeying(act))
        client.connect_async(host, port, KEEP_ALIVE)
        client.loop_start()

    @property
    def is_down(self) -> bool:
        """Whether the broker is known to be away."""
        return self._outage.is_on

    def send(self, messages: Sequence[Message]) -> int:
        """Publish and wait until the broker has acknowledged all, whenever that is; paho sends them again over a new
        connection. Returns how many, from the first on, were acknowledged: all, unless the connection is closed."""
        with self.changed:
            self._acknowledged.clear()
        numbers = [self._client.publish(topic, payload, 1, retain).mid for topic, payload, retain in messages]
        with self.changed:
            self.changed.wait_for(lambda: self.is_closing or self._acknowledged.issuperset(numbers))
            return len(list(itertools.takewhile(self._acknowledged.__contains__, numbers)))

    def greet(self, subscriptions: Sequence[str]) -> dict[str, bytes] | None:
        """Say ``online`` over a new connection and ask for commands. Returns what the broker has retained, by topic,
        under ``subscriptions``, one of which must bring the availability: nothing if it does not tell, None if the
        connection was lost meanwhile."""
        number = self.number
        with self.changed:
            self._retained, self._answered = {}, False
        if self._commands:
            self._client.subscribe([(subscription, 1) for subscription in self._commands])
        # All without acknowledgements: so the broker keeps the order, and what comes back last is what was sent last.
        self._client.subscribe([(subscription, 0) for subscription in subscriptions])
        self._client.publish(self._availability, "online", qos=1, retain=True)
        with self.changed:
            self.changed.wait_for(lambda: self._answered or self._is_over(number), ANSWER_SECONDS)
            if self._is_over(number):
                return None
            retained, answered = dict(self._retained), self._answered
        self._client.unsubscribe(list(subscriptions))
        if not answered and not self._is_deaf:
            self._is_deaf = True
            logger.warning(
                "%s: the reader may not read its own topics there: commands do not reach it, and what is retained is "
                "sent again with every connection; docs/guide/mqtt.md has an access list",
                self._name,
            )
        return retained

    def _is_over(self, number: int) -> bool:
        return self.is_closing or not self.is_on or self.number != number

    def look_after(self) -> None:
        """To be called again and again."""
        if self.is_on and self._takeover.may_be_over:
            self._takeover.over()
            self._outage.end("connections last again")

    def stop_waiting(self) -> None:
        """End ``send`` and ``greet``."""
        with self.changed:
            self.is_closing = True
            self.changed.notify_all()

    def close(self, farewell: Sequence[Message]) -> None:
        """Say farewell, if the broker takes it at once, and leave."""
        if self.is_on:
            with contextlib.suppress(ValueError, RuntimeError):
                sent = [self._client.publish(topic, payload, 1, retain) for topic, payload, retain in farewell]
                sent[-1].wait_for_publish(0.3)
        self._client.disconnect()
        # An attempt to connect may hold paho's thread for seconds; that is no reason to stay.
        stopping = threading.Thread(target=self._client.loop_stop, daemon=True)
        stopping.start()
        stopping.join(0.3)

    def _on_connect(self, _: Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        if reason.is_failure:
            self._outage.begin(f"the broker refuses: {reason}; readings wait in the record")
            return
        self._takeover.connected()
        if not self._takeover.is_on:
            self._outage.end("connected again")
        with self.changed:
            self.is_on = True
            self.number += 1
            self.changed.notify_all()

    def _on_connect_fail(self, _: Client, __: Any) -> None:
        self._outage.begin("the broker cannot be reached; readings wait in the record")

    def _on_disconnect(self, client: Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        with self.changed:
            was_on, self.is_on = self.is_on, False
            self.changed.notify_all()
        if self.is_closing or not was_on:
            return
        if self._takeover.lost():
            logger.error(
                "%s: the broker ends connections within %.0f s of their beginning, again and again: most often another "
                "client has the client_id %r, too; give each reader one of its own. Trying again less and less often",
                self._name,
                SHORT,
                client_id(self._config),
            )
        if self._takeover.is_on:
            client.reconnect_delay_set(int(self._takeover.wait), max(int(self._takeover.wait), self._backoff[1]))
        else:
            client.reconnect_delay_set(*self._backoff)
            self._outage.begin(f"the connection is lost ({reason}); readings wait in the record")

    def _on_publish(self, _: Client, __: Any, number: int, ___: Any, ____: Any) -> None:
        with self.changed:
            self._acknowledged.add(number)
            self.changed.notify_all()

    def _on_message(self, _: Client, __: Any, message: Any) -> None:
        """While ``greet`` waits."""
        with self.changed:
            if message.retain:
                self._retained[message.topic] = message.payload
            elif message.topic == self._availability and message.payload == b"online":
                self._answered = True
                self.changed.notify_all()

    def _obeying(self, act: Callable[[str, str], None]) -> Callable[[Client, Any, Any], None]:
        def obey(_: Client, __: Any, message: Any) -> None:
            # One that is retained would be obeyed again with every connection.
            if message.retain or len(message.payload) > MOST_COMMAND_BYTES:
                return
            try:
                act(message.topic, message.payload.decode("utf-8", "replace"))
            except EdgeDigitsError as error:
                logger.warning("mqtt: %s: %s", message.topic, error)

        return obey
