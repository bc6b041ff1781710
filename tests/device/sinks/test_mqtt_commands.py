"""What may be asked of a reader over MQTT: to read now, and to take a number for the last value of a counter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from broker import Broker, Listener, needs_mosquitto, retained
from mqtt_helpers import config, publish, until

from device.config.regions import RegionRule
from device.guard.memory import Memory
from device.sinks.mqtt import MqttSink
from device.sinks.record.sqlite import Record
from edge_digits.types import Box

WATER = RegionRule("water", Box(0, 0, 9, 9), decimals=1, digits=5, counter=True)
SET = "edge-digits/desk_cam/set/water"
LAST = "edge-digits/desk_cam/last/water"


@pytest.fixture
def asked() -> list[int]:
    return []


@pytest.fixture
def sink(broker: Broker, record: Record, asked: list[int]) -> Iterator[MqttSink]:
    sink = MqttSink(config(broker.port), record, [WATER], ask=lambda: asked.append(1))
    until(lambda: sink._told == sink._news)
    yield sink
    sink.close()


def taken(record: Record) -> dict[str, float]:
    """What the frame loop gets, when it does."""
    found: dict[str, float] = {}
    until(lambda: bool(found.update(record.take_values()) or found))
    return found


@needs_mosquitto
def test_a_number_that_is_sent_becomes_the_last_value(broker: Broker, record: Record, sink: MqttSink) -> None:
    publish(broker, SET, "1234.5", retain=False)
    assert taken(record) == {"water": 1234.5}


@needs_mosquitto
@pytest.mark.parametrize(
    ("topic", "text", "said"),
    [
        (SET, "much", "water: expected a number such as 1234.5, not 'much'"),
        (SET, "", "water: expected a number such as 1234.5, not ''"),
        (SET, "\udce4", "water: expected a number"),
        ("edge-digits/desk_cam/set/gas", "12", "'gas': no such region; expected one of water"),
    ],
)
def test_what_cannot_be_is_said_and_the_reader_goes_on(
    broker: Broker, record: Record, sink: MqttSink, caplog: pytest.LogCaptureFixture, topic: str, text: str, said: str
) -> None:
    publish(broker, topic, text.encode("utf-8", "surrogateescape"), retain=False)
    until(lambda: said in caplog.text)
    publish(broker, SET, "7", retain=False)
    assert taken(record) == {"water": 7.0}


@needs_mosquitto
def test_a_command_that_the_broker_has_kept_or_that_is_endless_is_none(broker: Broker, record: Record) -> None:
    publish(broker, SET, "1", retain=True)
    asked: list[int] = []
    sink = MqttSink(config(broker.port), record, [WATER], ask=lambda: asked.append(1))
    until(lambda: sink._told == sink._news)
    publish(broker, "edge-digits/desk_cam/read", b"x" * 10_000, retain=False)
    publish(broker, SET, "2", retain=False)
    assert taken(record) == {"water": 2.0}
    assert asked == []
    sink.close()


@needs_mosquitto
def test_whoever_presses_the_button_has_the_numbers_read(broker: Broker, sink: MqttSink, asked: list[int]) -> None:
    publish(broker, "edge-digits/desk_cam/read", "PRESS", retain=False)
    until(lambda: asked == [1])


@needs_mosquitto
def test_the_last_value_of_a_counter_is_told_whoever_has_set_it(broker: Broker, record: Record, sink: MqttSink) -> None:
    record.remember("water", Memory(((1_800_000_000.0, 1234.5),)))
    until(lambda: retained(broker).get(LAST) == "1234.5")
    record.remember("water", Memory(((1_800_000_000.0, 1234.5), (1_800_000_060.0, 1236.0))))
    until(lambda: retained(broker).get(LAST) == "1236")


@needs_mosquitto
def test_a_region_that_is_no_counter_any_more_has_no_last_value_to_set(
    broker: Broker, record: Record, sink: MqttSink, listener: Listener
) -> None:
    number = "homeassistant/number/desk_cam/water/config"
    record.remember("water", Memory(((1_800_000_000.0, 1234.5),)))
    until(lambda: retained(broker).keys() >= {LAST, number})
    sink.set_regions([RegionRule("water", Box(0, 0, 9, 9))])
    until(lambda: not retained(broker).keys() & {LAST, number})
