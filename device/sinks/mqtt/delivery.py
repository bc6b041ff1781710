"""Readings out of the record to the broker: at least once each, with their ids, oldest first."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from device.sinks.jsonl import as_json, refusal_as_json
from device.sinks.mqtt.connection import MOST_ON_THEIR_WAY, Message
from device.sinks.mqtt.topics import Topics
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import MOST_WAITING, Record
from edge_digits.types import Reading


class Delivery:
    """Takes readings out of the record; for one thread. A reading counts as delivered when the broker has acknowledged
    it. send: publishes messages, waits for the acknowledgements, and returns how many came, from the first on.
    ``regions``: whose last readings the broker is to keep; of others, such as one that was renamed, they only pass.
    """

    def __init__(self, record: Record, topics: Topics, send: Callable[[Sequence[Message]], int]) -> None:
        self.regions: Sequence[str | None] = (None,)
        self._record, self._topics, self._send = record, topics, send
        self._early: deque[str] = deque(maxlen=MOST_WAITING)

    def deliver_some(self, outbox: Outbox) -> bool:
        """Deliver the next batch, or, when all is delivered, what waits to be recorded. Returns whether all was."""
        rows = outbox.undelivered(MOST_ON_THEIR_WAY)
        if not rows:
            self.deliver_unrecorded()
            return True
        fresh = [reading for _, reading in rows if reading.id not in self._early]
        arrived = {*self._early, *(reading.id for reading in fresh[: self._publish(fresh)])}
        done = list(itertools.takewhile(lambda row: row[1].id in arrived, rows))
        if done:
            outbox.delivered(done[-1][0])
        return False

    def deliver_unrecorded(self) -> None:
        """Deliver past a record that cannot be written: a full disk keeps nobody from knowing what is read now."""
        readings = [reading for reading in self._record.unrecorded() if reading.id not in self._early]
        if readings:
            self._early.extend(reading.id for reading in readings[: self._publish(readings)])

    def _publish(self, readings: Sequence[Reading]) -> int:
        return self._send(
            [
                Message(self._topics.reading(reading.region), as_json(reading), reading.region in self.regions)
                for reading in readings
            ]
        )

    def deliver_last(self, outbox: Outbox, known: Mapping[str, bytes]) -> None:
        """Deliver again what was last for each region, except for topics that are ``known``: the broker has forgotten
        it. Readings and refusals bear the ids and times that they had."""
        messages: list[Message] = []
        for region in self.regions:
            topic = self._topics.reading(region)
            if not known.get(topic) and (reading := outbox.last_reading(region)) is not None:
                messages.append(Message(topic, as_json(reading)))
            topic = self._topics.refused(region)
            if not known.get(topic) and (refusal := outbox.last_refusal(region)) is not None:
                messages.append(Message(topic, refusal_as_json(refusal)))
        self._send(messages)
