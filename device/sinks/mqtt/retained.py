"""What is retained on the broker: what should be there, what is known to be there, and what has to go."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from device.config.regions import RegionRule
from device.config.settings import MqttConfig
from device.sinks.mqtt.announced import Announced
from device.sinks.mqtt.connection import Message
from device.sinks.mqtt.home_assistant import ORIGIN, discovery
from device.sinks.mqtt.topics import Topics, client_id
from device.sinks.mqtt.unique_ids import lookalikes, old_unique_id, sensor_unique_id

logger = logging.getLogger(__name__)


class Retained:
    """The retained topics of one reader; for one thread. What is known of the broker lasts for one connection: it may
    have been restarted, and have forgotten everything.

    ``known``: payloads by topic, as far as the broker has told or acknowledged them.
    """

    def __init__(self, config: MqttConfig, topics: Topics, can_read_now: bool = False) -> None:
        """can_read_now: whether the reader reads when it is asked to."""
        self._config, self._topics, self._can_read_now = config, topics, can_read_now
        self.known: dict[str, bytes] = {}
        self.remembered: dict[str, Announced] = {}
        self._discovery: dict[str, str] = {}
        self._regions: Sequence[RegionRule] = ()
        self._was_used = False
        self._logged = ""

    def subscriptions(self, regions: Sequence[RegionRule]) -> list[str]:
        """What the broker is to tell of."""
        others = {f"{entry.base}/availability" for entry in self.remembered.values()} - {self._topics.availability}
        return [*self._topics.retained, *sorted(others), *sorted(set(self._lookalikes(regions)))]

    def meet(self, known: Mapping[str, bytes], was_used: bool) -> None:
        """Begin with a broker that has retained ``known``. was_used: whether version 0.1 may have announced regions."""
        self.known = dict(known)
        self._was_used = was_used
        other = self._other_reader()
        if other is not None and other != self._logged:
            self._logged = other
            logger.error(
                "mqtt: %s/… are the topics of a reader with the client_id %r, too: if that still runs, give one of "
                "them a client_id that differs in letters or digits",
                self._topics.base,
                other,
            )

    def announce(self, regions: Sequence[RegionRule]) -> None:
        """Decide what is to be there for these regions; none is the whole picture."""
        self._regions = regions
        self._discovery = discovery(self._config, self._topics, regions, self._sensor_id, self._can_read_now)
        self._was_used = False

    @property
    def regions(self) -> list[str | None]:
        """Names of the regions that were announced; None is the whole picture."""
        return [region.name for region in self._regions] or [None]

    def to_remember(self) -> dict[str, Announced]:
        """What will be on the broker and is not remembered."""
        base = self._topics.base
        new = {topic: Announced(base, _unique_id(payload)) for topic, payload in self._discovery.items()}
        new |= {topic: Announced(base) for topic in self._current_topics()}
        return {topic: entry for topic, entry in new.items() if self.remembered.get(topic) != entry}

    def cleared(self, topics: Iterable[str]) -> list[str]:
        """Take note that the broker has nothing there any more. Returns those that need not be remembered."""
        forgotten = [topic for topic in topics if topic not in self._discovery]
        for topic in forgotten:
            self.remembered.pop(topic, None)
        return forgotten

    def stale(self) -> set[str]:
        """Topics to be cleared: of regions that are gone, of another name, prefix or base of this reader, and of
        entities whose unique ids have changed, which Home Assistant only takes as new ones."""
        if self._other_reader() is not None:
            return set()
        kept = self._current_topics() | self._discovery.keys()
        there = {topic: payload for topic, payload in self.known.items() if payload}
        here = {topic for topic, payload in there.items() if topic not in kept and self._is_from_here(topic, payload)}
        left = {topic for topic, entry in self.remembered.items() if topic not in kept and not self._is_lived_in(entry)}
        changed = {
            topic
            for topic, payload in self._discovery.items()
            if topic in there and _unique_id(there[topic]) != _unique_id(payload)
        }
        return here | left | changed

    def changes(self, latest: Mapping[str, str | bytes]) -> list[Message]:
        """What the broker does not have as it should: of what Home Assistant is to be told, and of ``latest``, payloads
        by topic, as far as these are of regions that are there."""
        kept = self._current_topics()
        wanted: dict[str, str | bytes] = {**self._discovery, **{t: p for t, p in latest.items() if t in kept}}
        return [
            Message(topic, payload) for topic, payload in wanted.items() if self.known.get(topic) != _bytes(payload)
        ]

    def acknowledged(self, messages: Iterable[Message]) -> None:
        """The broker has these."""
        self.known |= {topic: _bytes(payload) for topic, payload, retain in messages if retain}

    def _current_topics(self) -> set[str]:
        topics = self._topics
        kept = {topics.availability, topics.camera, topics.problem}
        for region in self.regions:
            kept |= {topics.reading(region), topics.refused(region)}
            kept |= {topics.picture(region)} if self._config.pictures else set()
        return kept | {topics.last_value(region.name) for region in self._regions if region.counter}

    def _is_from_here(self, topic: str, payload: bytes) -> bool:
        if topic.startswith(f"{self._topics.base}/"):
            return True
        # Others use the same names: ESPHome, for one, announces its devices under theirs.
        return _announcer(payload) == (ORIGIN, self._topics.node, client_id(self._config))

    def _is_lived_in(self, entry: Announced) -> bool:
        """Whether another reader has the name that this one had, and with it the topics."""
        return entry.base != self._topics.base and self.known.get(f"{entry.base}/availability") == b"online"

    def _other_reader(self) -> str | None:
        """The client id of another reader that has announced itself under the same topics."""
        for topic, payload in self.known.items():
            origin, node, name = _announcer(payload) if topic.endswith("/config") else (None, None, None)
            if origin == ORIGIN and node == self._topics.node and name != client_id(self._config):
                return name
        return None

    def _lookalikes(self, regions: Sequence[RegionRule]) -> list[str]:
        if not self._topics.prefix:
            return []
        return [topic for region in regions if "_" in region.name for topic in self._lookalikes_of(region.name)]

    def _lookalikes_of(self, region: str) -> list[str]:
        return [
            f"{self._topics.prefix}/sensor/{node}/{name}/config" for node, name in lookalikes(self._topics.node, region)
        ]

    def _sensor_id(self, region: str) -> str:
        topic = self._topics.discovery("sensor", region)
        old = old_unique_id(self._topics.node, region)
        remembered = self.remembered.get(topic)
        known_id = _unique_id(self.known[topic]) if topic in self.known else remembered and remembered.unique_id
        is_used = known_id == old or (known_id is None and self._was_used)
        is_taken = any(_unique_id(self.known.get(other, b"")) == old for other in self._lookalikes_of(region))
        return sensor_unique_id(self._topics.node, region, is_used, is_taken)


def _bytes(payload: str | bytes) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload


def _parsed(payload: str | bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(payload)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _unique_id(payload: str | bytes) -> str | None:
    unique_id = _parsed(payload).get("unique_id")
    return unique_id if isinstance(unique_id, str) else None


def _announcer(payload: bytes) -> tuple[Any, Any, Any]:
    """Program, node and client id of the reader that has announced an entity."""
    parsed = _parsed(payload)
    origin, device = parsed.get("origin"), parsed.get("device")
    if not isinstance(origin, dict) or not isinstance(device, dict):
        return None, None, None
    identifiers = device.get("identifiers")
    node = identifiers[0] if isinstance(identifiers, list) and identifiers else None
    return origin.get("name"), node, device.get("name")
