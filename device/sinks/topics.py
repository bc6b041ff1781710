"""Where a reader publishes over MQTT, and how it introduces itself to Home Assistant."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from importlib import metadata

from device.config import MqttConfig

WHOLE_PICTURE = "page"
"""Stands in a topic for the region of a reader without regions."""


@dataclass(frozen=True)
class Topics:
    """Topics of one reader. base: begins all of them. node: the reader's name in Home Assistant's topics."""

    base: str
    node: str

    @property
    def availability(self) -> str:
        """``online`` or ``offline``, retained; the broker itself says ``offline`` when the reader vanishes."""
        return f"{self.base}/availability"

    def reading(self, region: str | None) -> str:
        """Readings of ``region`` (None: the whole picture), JSON as ``device.sinks.jsonl.as_json`` has it; the last
        one is retained."""
        return f"{self.base}/reading/{region or WHOLE_PICTURE}"


def client_id(config: MqttConfig) -> str:
    """The configured one, else made from the computer's name."""
    return config.client_id or f"edge-digits-{socket.gethostname().partition('.')[0]}"


def make_topics(config: MqttConfig) -> Topics:
    """The topics of a reader. config: as ``device.rules`` lets it pass."""
    # What Home Assistant allows in a topic, as the configuration demands of regions.
    node = re.sub(r"[^\w-]+", "_", client_id(config), flags=re.ASCII)
    return Topics(f"{config.base_topic.strip('/')}/{node}", node)


def announcement(config: MqttConfig, topics: Topics, region: str | None) -> tuple[str, str]:
    """Topic and payload that make Home Assistant show a region as a sensor (home-assistant.io, "MQTT Discovery")."""
    name = region or WHOLE_PICTURE
    try:
        version = metadata.version("edge-digits")
    except metadata.PackageNotFoundError:
        version = "unknown"
    payload = {
        "name": region or "Number",
        "unique_id": f"{topics.node}_{name}",
        "state_topic": topics.reading(region),
        "value_template": "{{ value_json.text }}",
        "json_attributes_topic": topics.reading(region),
        "availability_topic": topics.availability,
        # The same number on the next page is another reading.
        "force_update": True,
        "icon": "mdi:numeric",
        "device": {
            "identifiers": [topics.node],
            "name": client_id(config),
            "manufacturer": "Edge Digits",
            "model": "camera reader",
            "sw_version": version,
        },
        "origin": {"name": "Edge Digits", "sw_version": version},
    }
    return f"{config.discovery.strip('/')}/sensor/{topics.node}/{name}/config", json.dumps(payload, ensure_ascii=False)
