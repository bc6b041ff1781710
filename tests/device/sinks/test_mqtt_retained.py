"""What was renamed or removed is cleared on the broker, and nothing else is."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from broker import Broker, Gate, Listener, needs_mosquitto, retained
from mqtt_helpers import SCORE, config, hand_over, publish, reading, until

from device.config.regions import RegionRule
from device.config.settings import MqttConfig, RecordConfig
from device.sinks.mqtt import NAME, MqttSink
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record
from edge_digits.types import Box

BASE = "edge-digits/desk_cam"
SENSORS = "homeassistant/sensor/desk_cam"


def region(name: str) -> RegionRule:
    return RegionRule(name, Box(0, 0, 9, 9))


def run(settings: MqttConfig, record: Record, regions: list[RegionRule], reads: str | None = None) -> None:
    """A run of the reader, until the broker has all that it has to tell. reads: a region that it reads a number in."""
    sink = MqttSink(settings, record, regions)
    if reads is not None:
        hand_over(range(1), record, sink, region=reads)
    until(lambda: sink._told == sink._news)
    sink.close()


def unique_id(broker: Broker, topic: str) -> str:
    """Of the entity that the broker has at a topic of Home Assistant's discovery."""
    return json.loads(retained(broker)[topic])["unique_id"]


@needs_mosquitto
def test_a_region_that_is_renamed_between_two_runs_leaves_nothing_behind(broker: Broker, record: Record) -> None:
    run(config(broker.port), record, [region("old")], "old")
    assert f"{BASE}/reading/old" in retained(broker)
    run(config(broker.port), record, [region("new")], "new")
    assert f"{BASE}/reading/new" in retained(broker)
    assert "homeassistant/sensor/desk_cam/new/config" in retained(broker)
    assert not [topic for topic in retained(broker) if "old" in topic]


@needs_mosquitto
def test_a_region_that_is_renamed_in_the_page_leaves_nothing_behind(broker: Broker, record: Record) -> None:
    sink = MqttSink(config(broker.port), record, [region("old")])
    hand_over(range(1), record, sink, region="old")
    until(lambda: f"{BASE}/reading/old" in retained(broker))
    sink.set_regions([region("new")])
    until(lambda: "homeassistant/sensor/desk_cam/new/config" in retained(broker))
    assert not [topic for topic in retained(broker) if "old" in topic]
    sink.close()


@needs_mosquitto
def test_what_version_0_1_left_of_a_region_is_cleared_though_nothing_is_remembered(
    broker: Broker, record: Record
) -> None:
    old = {
        "unique_id": "desk_cam_gone",
        "device": {"identifiers": ["desk_cam"], "name": "desk cam"},
        "origin": {"name": "Edge Digits", "sw_version": "0.1.0"},
    }
    publish(broker, "homeassistant/sensor/desk_cam/gone/config", json.dumps(old))
    publish(broker, f"{BASE}/reading/gone", "{}")
    run(config(broker.port), record, [region("score")])
    assert not [topic for topic in retained(broker) if "gone" in topic]


@needs_mosquitto
def test_readings_of_a_region_that_was_renamed_while_the_broker_was_away_arrive_and_do_not_stay(
    broker: Broker, record: Record
) -> None:
    gate = Gate(broker.port)
    run_away = MqttSink(config(gate.port), record, [region("old")])
    hand_over(range(3), record, run_away, region="old")
    run_away.close()
    with Listener(broker.port) as listener:
        run(config(broker.port), record, [region("new")])
        until(lambda: listener.ids == [reading(number).id for number in range(3)])
    assert f"{BASE}/reading/old" not in retained(broker)


@needs_mosquitto
@pytest.mark.parametrize(
    "settings", [{"client_id": "hall"}, {"base_topic": "house"}, {"discovery": "ha"}, {"discovery": ""}]
)
def test_a_reader_under_another_name_clears_the_one_that_it_had(
    broker: Broker, record: Record, settings: dict[str, str]
) -> None:
    run(config(broker.port, pictures=True), record, [*SCORE], "score")
    before = retained(broker).keys()
    run(config(broker.port, **settings), record, [*SCORE], "score")
    after = retained(broker)
    own = {f"{BASE}/{part}" for part in ("availability", "camera", "problem", "reading/score")}
    same = own if "discovery" in settings else set()
    if "base_topic" in settings:
        same = {topic for topic in before if topic.startswith("homeassistant/")} - {
            "homeassistant/image/desk_cam/score/config"
        }
    assert before & after.keys() == same


@needs_mosquitto
def test_another_reader_that_has_taken_the_name_over_keeps_its_topics(broker: Broker, record: Record) -> None:
    run(config(broker.port, client_id="desk"), record, [*SCORE], "score")
    publish(broker, "edge-digits/desk/availability", "online")
    before = retained(broker)
    run(config(broker.port, client_id="hall"), record, [*SCORE], "score")
    assert retained(broker).items() >= before.items()
    # Once it is gone too, what is remembered goes.
    publish(broker, "edge-digits/desk/availability", "offline")
    run(config(broker.port, client_id="hall"), record, [*SCORE], "score")
    assert not [topic for topic in retained(broker) if "/desk/" in topic]


@needs_mosquitto
def test_a_device_of_another_program_that_bears_the_same_name_is_left_alone(broker: Broker, record: Record) -> None:
    other = json.dumps({"name": "Temperature", "unique_id": "x", "device": {"identifiers": ["desk_cam"]}})
    publish(broker, "homeassistant/sensor/desk_cam/temperature/config", other)
    publish(broker, "homeassistant/sensor/desk_cam/broken/config", "{")
    run(config(broker.port), record, [*SCORE])
    assert retained(broker)["homeassistant/sensor/desk_cam/temperature/config"] == other
    assert retained(broker)["homeassistant/sensor/desk_cam/broken/config"] == "{"


@needs_mosquitto
def test_two_readers_whose_client_ids_become_one_topic_are_said_and_clear_nothing(
    broker: Broker, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    other = {
        "unique_id": "desk_cam_door",
        "device": {"identifiers": ["desk_cam"], "name": "desk_cam"},
        "origin": {"name": "Edge Digits"},
    }
    publish(broker, "homeassistant/sensor/desk_cam/door/config", json.dumps(other))
    run(config(broker.port), record, [*SCORE])
    assert "are the topics of a reader with the client_id 'desk_cam', too" in caplog.text
    assert "homeassistant/sensor/desk_cam/door/config" in retained(broker)


@needs_mosquitto
def test_a_sensor_that_home_assistant_knows_by_its_old_id_keeps_it_and_a_new_one_cannot_be_mistaken(
    broker: Broker, record: Record
) -> None:
    known = {"unique_id": "desk_cam_cold_water", "origin": {"name": "Edge Digits"}}
    publish(broker, f"{SENSORS}/cold_water/config", json.dumps(known))
    run(config(broker.port), record, [region("cold_water"), region("hot_water"), region("score")])
    assert unique_id(broker, f"{SENSORS}/cold_water/config") == "desk_cam_cold_water"
    assert unique_id(broker, f"{SENSORS}/hot_water/config") == "desk_cam/hot_water"
    assert unique_id(broker, f"{SENSORS}/score/config") == "desk_cam_score"
    # In later runs too, whatever the broker has forgotten.
    broker.kill()
    broker.start()
    run(config(broker.port), record, [region("cold_water")])
    assert unique_id(broker, f"{SENSORS}/cold_water/config") == "desk_cam_cold_water"


@needs_mosquitto
def test_a_record_of_version_0_1_says_that_its_regions_were_known_by_their_old_ids(
    broker: Broker, record: Record
) -> None:
    hand_over(range(1), record)
    with closing(Outbox(record, NAME)) as outbox:
        outbox.delivered(1)
    run(config(broker.port), record, [region("cold_water")])
    assert unique_id(broker, f"{SENSORS}/cold_water/config") == "desk_cam_cold_water"


@needs_mosquitto
def test_two_sensors_with_one_id_become_two(broker: Broker, tmp_path: Path) -> None:
    """``desk`` with ``a_b`` and ``desk_a`` with ``b``, both announced by version 0.1."""
    topics = ["homeassistant/sensor/desk/a_b/config", "homeassistant/sensor/desk_a/b/config"]
    for topic in topics:
        publish(broker, topic, json.dumps({"unique_id": "desk_a_b"}))
    with Listener(broker.port) as listener:
        for name, place in (("desk", "a_b"), ("desk_a", "b")):
            with closing(Record(RecordConfig(tmp_path / f"{name}.sqlite"), delivers_to=NAME)) as record:
                run(config(broker.port, client_id=name), record, [region(place)])
        told = [payload for topic, payload in listener.messages if topic == topics[0]]
    assert [unique_id(broker, topic) for topic in topics] == ["desk/a_b", "desk_a_b"]
    # Home Assistant takes another id only from an entity that was gone.
    assert told[0] == ""
