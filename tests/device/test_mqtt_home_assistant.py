"""What Home Assistant is told: `.ci/extended homeassistant` holds it against its own schemas, these tests against what
of them has to be there."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest
from mqtt_helpers import config

from device.regions import RegionRule
from device.sinks.mqtt.home_assistant import discovery
from device.sinks.mqtt.topics import make_topics
from device.sinks.mqtt.unique_ids import lookalikes, old_unique_id, sensor_unique_id, unique_id
from edge_digits.types import Box

TOPIC = re.compile(r"homeassistant/(\w+)/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config")

REQUIRED = {
    "sensor": {"name", "unique_id", "state_topic", "availability", "availability_mode", "device", "origin"},
    "binary_sensor": {"name", "unique_id", "state_topic", "payload_on", "payload_off", "availability", "device"},
    "image": {"name", "unique_id", "image_topic", "content_type", "availability", "device", "origin"},
}

ALLOWED = {
    *("name", "unique_id", "device", "origin", "availability", "availability_mode", "icon", "entity_category"),
    *("state_topic", "value_template", "json_attributes_topic", "force_update", "expire_after", "device_class"),
    *("payload_on", "payload_off", "image_topic", "content_type"),
}


def regions(*names: str) -> list[RegionRule]:
    return [RegionRule(name, Box(0, 0, 9, 9)) for name in names]


def told(*names: str, **settings: Any) -> dict[str, dict[str, Any]]:
    """Payloads by topic, for regions of these names."""
    mqtt = config(1883, **settings)
    topics = make_topics(mqtt)
    payloads = discovery(mqtt, topics, regions(*names), lambda name: old_unique_id(topics.node, name))
    return {topic: json.loads(payload) for topic, payload in payloads.items()}


@pytest.mark.parametrize("names", [(), ("score",), ("score", "home-2", "score_time", "score_refused")])
def test_every_entity_has_what_home_assistant_demands_and_nothing_that_it_does_not_know(names: tuple[str, ...]) -> None:
    entities = told(*names, pictures=True, expire_after=90.5)
    for topic, entity in entities.items():
        found = TOPIC.fullmatch(topic)
        assert found is not None
        assert entity.keys() >= REQUIRED[found[1]]
        assert entity.keys() <= ALLOWED
    ids = [entity["unique_id"] for entity in entities.values()]
    assert len(set(ids)) == len(ids)


def test_a_number_is_available_while_reader_and_camera_are_there() -> None:
    number = told("score")["homeassistant/sensor/desk_cam/score/config"]
    assert number["availability_mode"] == "all"
    assert [part["topic"] for part in number["availability"]] == [
        "edge-digits/desk_cam/availability",
        "edge-digits/desk_cam/camera",
    ]


def test_the_sensor_of_a_region_is_the_one_that_version_0_1_announced() -> None:
    number = told("score")["homeassistant/sensor/desk_cam/score/config"]
    assert (number["name"], number["unique_id"]) == ("score", "desk_cam_score")
    assert number["state_topic"] == number["json_attributes_topic"] == "edge-digits/desk_cam/reading/score"
    assert number["device"]["identifiers"] == ["desk_cam"]


def test_a_number_expires_only_if_wished() -> None:
    topic = "homeassistant/sensor/desk_cam/score/config"
    assert "expire_after" not in told("score")[topic]
    assert told("score", expire_after=90.5)[topic]["expire_after"] == 91


def test_without_a_prefix_nothing_is_announced() -> None:
    assert told("score", discovery="") == {}


def test_two_readers_never_make_the_same_unique_id() -> None:
    names = ["a", "b", "a_b", "b_c", "a_b_c", "_", "a_", "_a", "a-b"]
    ids = [sensor_unique_id(node, region, False, False) for node, region in product(names, names)]
    ids += [unique_id(node, region, what) for node, region in product(names, names) for what in ("time", "picture")]
    ids += [unique_id(node, "camera") for node in names]
    assert len(set(ids)) == len(ids)


def test_an_old_id_is_kept_where_it_is_used_and_nobody_elses() -> None:
    assert sensor_unique_id("desk", "score", False, False) == "desk_score"
    assert sensor_unique_id("desk", "a_b", True, False) == "desk_a_b"
    assert sensor_unique_id("desk", "a_b", True, True) == "desk/a_b"
    assert lookalikes("desk", "a_b") == [("desk_a", "b")]
    assert lookalikes("desk_a", "b_c") == [("desk", "a_b_c"), ("desk_a_b", "c")]
    assert lookalikes("desk", "score") == []
