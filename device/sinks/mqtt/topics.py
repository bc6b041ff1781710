"""The topics of one reader."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

from device.config.settings import MqttConfig

WHOLE_PICTURE = "page"
"""Stands in a topic for the region of a reader without regions."""

READ_NOW = "read"
SET_VALUE = "set"


@dataclass(frozen=True)
class Topics:
    """What a reader publishes, and what it listens to. base: begins all topics but those for Home Assistant. node: the
    reader's name in these. prefix: begins them; "" is none of them."""

    base: str
    node: str
    prefix: str

    @property
    def availability(self) -> str:
        """``online`` or ``offline``, retained; the broker itself says ``offline`` when the reader vanishes."""
        return f"{self.base}/availability"

    @property
    def camera(self) -> str:
        """``online`` while frames come, else ``offline``; retained, and worth nothing while the reader is offline."""
        return f"{self.base}/camera"

    @property
    def problem(self) -> str:
        """What keeps regions from being read, JSON ``{"problem"}``, null for nothing; retained."""
        return f"{self.base}/problem"

    @property
    def read_now(self) -> str:
        """Anything that is sent there asks for a reading."""
        return f"{self.base}/{READ_NOW}"

    def reading(self, region: str | None) -> str:
        """Readings of ``region`` (None: the whole picture), JSON as ``device.sinks.jsonl.as_json`` has it; the last
        one is retained."""
        return f"{self.base}/reading/{region or WHOLE_PICTURE}"

    def refused(self, region: str | None) -> str:
        """Readings that broke a rule, JSON as ``device.sinks.jsonl.refusal_as_json`` has it; the last one is
        retained."""
        return f"{self.base}/refused/{region or WHOLE_PICTURE}"

    def picture(self, region: str | None) -> str:
        """The region as it was at the last reading or refusal, JPEG; retained."""
        return f"{self.base}/picture/{region or WHOLE_PICTURE}"

    def last_value(self, region: str) -> str:
        """The value that the next numbers of ``region`` are compared with; retained."""
        return f"{self.base}/last/{region}"

    def set_value(self, region: str) -> str:
        """A number that is sent there becomes the last value of ``region``; "+" is all regions."""
        return f"{self.base}/{SET_VALUE}/{region}"

    def discovery(self, component: str, name: str) -> str:
        """Where Home Assistant looks for an entity. component: the kind of entity. name: letters, digits, "-", "_"."""
        return f"{self.prefix}/{component}/{self.node}/{name}/config"

    @property
    def retained(self) -> list[str]:
        """Subscriptions that bring all that a reader of this name has left on the broker."""
        kinds = [self.reading, self.refused, self.picture, self.last_value]
        return [self.availability, self.camera, self.problem, *(kind("+") for kind in kinds), *self._all_discovery]

    @property
    def _all_discovery(self) -> list[str]:
        return [self.discovery("+", "+")] if self.prefix else []


def client_id(config: MqttConfig) -> str:
    """The configured one, else made from the computer's name."""
    return config.client_id or f"edge-digits-{socket.gethostname().partition('.')[0]}"


def make_topics(config: MqttConfig) -> Topics:
    """The topics of a reader. config: as ``device.config.rules`` lets it pass."""
    # What Home Assistant allows in a topic, as the configuration demands of regions.
    node = re.sub(r"[^\w-]+", "_", client_id(config), flags=re.ASCII)
    return Topics(f"{config.base_topic.strip('/')}/{node}", node, config.discovery.strip("/"))
