"""A broker that restarts: what it has forgotten is sent again, what it has kept is not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from broker import Broker, Gate, Listener, needs_mosquitto, retained
from mqtt_helpers import SCORE, config, hand_over, reading, until

from device.config.regions import RegionRule
from device.sinks.mqtt import MqttSink
from device.sinks.record.sqlite import Record
from edge_digits.types import Box, Refusal

REGIONS = [*SCORE, RegionRule("water", Box(0, 0, 9, 9))]
BASE = "edge-digits/desk_cam"
RETAINED = {
    f"{BASE}/availability",
    f"{BASE}/camera",
    f"{BASE}/problem",
    f"{BASE}/reading/score",
    f"{BASE}/reading/water",
    "homeassistant/binary_sensor/desk_cam/camera/config",
    "homeassistant/binary_sensor/desk_cam/problem/config",
    "homeassistant/sensor/desk_cam/score/config",
    "homeassistant/sensor/desk_cam/score_time/config",
    "homeassistant/sensor/desk_cam/score_refused/config",
    "homeassistant/sensor/desk_cam/water/config",
    "homeassistant/sensor/desk_cam/water_time/config",
    "homeassistant/sensor/desk_cam/water_refused/config",
}


def restart(broker: Broker, gate: Gate, how: str) -> None:
    """The reader's way to the broker is cut meanwhile, so that a listener can be there before it."""
    gate.cut()
    broker.kill() if how == "kill" else broker.stop()
    broker.start()


@needs_mosquitto
@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_broker_that_keeps_nothing_gets_everything_again_with_the_ids_that_it_had(
    broker: Broker, record: Record, how: str
) -> None:
    gate = Gate(broker.port)
    gate.open()
    sink = MqttSink(config(gate.port), record, REGIONS, backoff=(1, 1))
    hand_over(range(3), record, sink)
    hand_over(range(3, 5), record, sink, region="water")
    until(lambda: retained(broker).keys() == RETAINED)
    before = retained(broker)
    restart(broker, gate, how)
    with Listener(broker.port) as listener:
        gate.open()
        until(lambda: {topic for topic, _ in listener.messages} == RETAINED)
    assert retained(broker) == before
    assert Counter(listener.ids) == {reading(2).id: 1, reading(4).id: 1}
    sink.close()


@pytest.mark.slow
@needs_mosquitto
def test_a_broker_that_keeps_everything_hears_no_reading_twice(tmp_path: Path, record: Record) -> None:
    broker = Broker(tmp_path, f"allow_anonymous true\npersistence true\npersistence_location {tmp_path}/")
    broker.start()
    gate = Gate(broker.port)
    gate.open()
    sink = MqttSink(config(gate.port), record, REGIONS, backoff=(1, 1))
    hand_over(range(3), record, sink)
    hand_over(range(3, 5), record, sink, region="water")
    until(lambda: retained(broker).keys() == RETAINED)
    restart(broker, gate, "stop")
    with Listener(broker.port) as listener:
        gate.open()
        hand_over(range(5, 6), record, sink)
        until(lambda: bool(listener.ids))
    assert listener.ids == [reading(5).id]
    # That is all: "offline" came from the broker itself when the way was cut.
    assert {topic for topic, _ in listener.messages} == {f"{BASE}/availability", f"{BASE}/reading/score"}
    sink.close()
    broker.close()


@needs_mosquitto
def test_a_reader_that_restarts_with_its_broker_has_the_last_readings_from_the_record(
    broker: Broker, record: Record
) -> None:
    sink = MqttSink(config(broker.port), record, REGIONS)
    hand_over(range(3), record, sink)
    refusal = Refusal("score", "77", 0.9, 1_800_000_003.0, "2 digits, expected 1", Box(1, 2, 3, 4))
    for each in (record, sink):
        each.refuse(refusal)
    until(lambda: retained(broker).keys() >= {f"{BASE}/reading/score", f"{BASE}/refused/score"})
    sink.close()
    broker.kill()
    broker.start()
    sink = MqttSink(config(broker.port), record, REGIONS)
    until(lambda: retained(broker).keys() >= {f"{BASE}/reading/score", f"{BASE}/refused/score"})
    assert json.loads(retained(broker)[f"{BASE}/reading/score"])["id"] == reading(2).id
    refused = json.loads(retained(broker)[f"{BASE}/refused/score"])
    assert (refused["text"], refused["reason"]) == ("77", "2 digits, expected 1")
    sink.close()


@needs_mosquitto
def test_a_new_reading_is_never_followed_by_an_old_one(broker: Broker, record: Record) -> None:
    gate = Gate(broker.port)
    gate.open()
    sink = MqttSink(config(gate.port), record, SCORE, backoff=(1, 1))
    hand_over(range(3), record, sink)
    until(lambda: f"{BASE}/reading/score" in retained(broker))
    restart(broker, gate, "kill")
    hand_over(range(3, 300), record, sink)
    with Listener(broker.port) as listener:
        gate.open()
        until(lambda: reading(299).id in listener.ids)
    assert listener.ids == [reading(number).id for number in range(3, 300)]
    sink.close()
