"""Readings for the tests of MQTT, a configuration, and waiting for what comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from broker import Broker
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from device.config.regions import RegionRule
from device.config.settings import MqttConfig
from device.sinks.mqtt import MqttSink
from device.sinks.record.sqlite import Record
from edge_digits.types import Box, Reading

SCORE = (RegionRule("score", Box(0, 0, 10, 10)),)


def reading(number: int, region: str | None = "score") -> Reading:
    return Reading(str(number), 0.9, Box(1, 2, 3, 4), 1_800_000_000.0 + number, 6, region, None, f"{number:032d}")


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def config(port: int, **settings: Any) -> MqttConfig:
    return MqttConfig(**({"host": "127.0.0.1", "port": port, "client_id": "desk cam"} | settings))


def publish(broker: Broker, topic: str, payload: str | bytes, retain: bool = True) -> None:
    """As another client of the broker does."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.publish(topic, payload, 1, retain).wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


def hand_over(readings: range, *sinks: Record | MqttSink, region: str | None = "score") -> None:
    for number in readings:
        for sink in sinks:
            sink.publish(reading(number, region))
