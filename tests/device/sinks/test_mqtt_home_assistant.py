"""What Home Assistant is told: `.ci/extended home_assistant` holds it against its own schemas, these tests against what
of them has to be there."""

from __future__ import annotations

import json
import math
import re
from itertools import product
from typing import Any

import pytest
from mqtt_helpers import config

from device.config.regions import RegionRule
from device.sinks.mqtt.home_assistant import discovery
from device.sinks.mqtt.topics import make_topics
from device.sinks.mqtt.unique_ids import lookalikes, old_unique_id, sensor_unique_id, unique_id
from edge_digits.types import Box

TOPIC = re.compile(r"homeassistant/(\w+)/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config")

REQUIRED = {
    "sensor": {"name", "unique_id", "state_topic", "availability", "availability_mode", "device", "origin"},
    "binary_sensor": {"name", "unique_id", "state_topic", "availability", "device", "origin"},
    "number": {"name", "unique_id", "state_topic", "command_topic", "min", "max", "step", "mode", "device", "origin"},
    "button": {"name", "unique_id", "command_topic", "availability", "device", "origin"},
    "image": {"name", "unique_id", "image_topic", "content_type", "availability", "device", "origin"},
}

ALLOWED = {
    *("name", "unique_id", "device", "origin", "availability", "availability_mode", "icon", "entity_category"),
    *("state_topic", "value_template", "json_attributes_topic", "force_update", "expire_after", "device_class"),
    *("payload_on", "payload_off", "image_topic", "content_type", "command_topic", "min", "max", "step", "mode"),
    *("unit_of_measurement", "state_class", "suggested_display_precision"),
}
SCORE = "homeassistant/sensor/desk_cam/score/config"


def told(*regions: str | RegionRule, can_read_now: bool = False, **settings: Any) -> dict[str, dict[str, Any]]:
    """Payloads by topic, for regions or their names."""
    mqtt = config(1883, **settings)
    topics = make_topics(mqtt)
    rules = [RegionRule(region, Box(0, 0, 9, 9)) if isinstance(region, str) else region for region in regions]
    payloads = discovery(mqtt, topics, rules, lambda name: old_unique_id(topics.node, name), can_read_now)
    return {topic: json.loads(payload) for topic, payload in payloads.items()}


def region(**settings: Any) -> RegionRule:
    return RegionRule("score", Box(0, 0, 9, 9), **settings)


def meaning(**settings: Any) -> dict[str, Any]:
    """What the sensor of a region says of its state."""
    sensor = told(region(**settings))[SCORE]
    keys = ("unit_of_measurement", "device_class", "state_class", "suggested_display_precision", "value_template")
    return {key: sensor[key] for key in keys if key in sensor}


@pytest.mark.parametrize("names", [(), ("score",), ("score", "home-2", "score_time", "score_refused")])
def test_every_entity_has_what_home_assistant_demands_and_nothing_that_it_does_not_know(names: tuple[str, ...]) -> None:
    everything = region(title="Wasser 水", counter=True, decimals=3, digits=8, unit="m³", device_class="water")
    rules = [everything if name == "score" else name for name in names]
    entities = told(*rules, can_read_now=True, pictures=True, expire_after=90.5)
    for topic, entity in entities.items():
        found = TOPIC.fullmatch(topic)
        assert found is not None
        assert entity.keys() >= REQUIRED[found[1]]
        assert entity.keys() <= ALLOWED
    ids = [entity["unique_id"] for entity in entities.values()]
    assert len(set(ids)) == len(ids)


def test_a_number_is_available_while_reader_and_camera_are_there() -> None:
    number = told("score")[SCORE]
    assert number["availability_mode"] == "all"
    assert [part["topic"] for part in number["availability"]] == [
        "edge-digits/desk_cam/availability",
        "edge-digits/desk_cam/camera",
    ]


def test_the_sensor_of_a_region_is_the_one_that_version_0_1_announced() -> None:
    number = told("score")[SCORE]
    assert (number["name"], number["unique_id"]) == ("score", "desk_cam_score")
    assert number["state_topic"] == number["json_attributes_topic"] == "edge-digits/desk_cam/reading/score"
    assert number["device"]["identifiers"] == ["desk_cam"]


def test_a_number_expires_only_if_wished() -> None:
    assert "expire_after" not in told("score")[SCORE]
    assert told("score", expire_after=90.5)[SCORE]["expire_after"] == 91


def test_a_region_that_says_nothing_of_its_numbers_has_texts() -> None:
    assert meaning() == {"value_template": "{{ value_json.text or 'unknown' }}"}


def test_a_region_that_says_what_its_numbers_mean_has_numbers() -> None:
    value = {"value_template": "{{ value_json.value }}"}
    assert meaning(unit="°C", state_class="measurement", decimals="seen") == value | {
        "unit_of_measurement": "°C",
        "state_class": "measurement",
    }
    assert meaning(decimals=2) == value | {"suggested_display_precision": 2}
    # Home Assistant takes a state for a number only if one of these says so.
    assert meaning(decimals="seen") == value | {"state_class": "measurement"}
    assert meaning(decimals=0) == value | {"suggested_display_precision": 0}


def test_a_counter_is_one_for_statistics_too_and_its_last_value_can_be_set() -> None:
    assert meaning(counter=True)["state_class"] == "total_increasing"
    number = told(region(counter=True, decimals=1, digits=5, unit="m³", title="Water"))
    number = number["homeassistant/number/desk_cam/score/config"]
    assert (number["min"], number["max"], number["step"]) == (0, 9999.9, 0.1)
    assert number["name"] == "Water last value"
    assert number["unit_of_measurement"] == "m³"
    assert number["command_topic"] == "edge-digits/desk_cam/set/score"
    assert "homeassistant/number/desk_cam/score/config" not in told("score")


@pytest.mark.parametrize(
    ("settings", "most", "step"),
    [
        ({}, 1e12, 1),
        ({"range": (0, math.inf)}, 1e12, 1),
        ({"range": (0, 500.0), "digits": 4}, 500, 1),
        ({"rollover": 3, "rise_per_hour": 5.0}, 999, 1),
        ({"decimals": 6, "digits": 6}, 0.999999, 0.001),
        ({"decimals": "seen"}, 1e12, 0.001),
        ({"range": (-5, 0)}, 0.001, 1),
    ],
)
def test_home_assistant_accepts_the_limits_of_a_last_value(settings: dict, most: float, step: float) -> None:
    number = told(region(counter=True, **settings))["homeassistant/number/desk_cam/score/config"]
    assert number["max"] == pytest.approx(most)
    assert number["step"] == step
    assert number["min"] < number["max"]


def test_a_title_is_shown_instead_of_the_name() -> None:
    entities = told(region(title="Wasser 水"), pictures=True)
    assert entities[SCORE]["name"] == "Wasser 水"
    assert {entity["name"] for entity in entities.values()} == {
        "Camera",
        "Problem",
        "Wasser 水",
        "Wasser 水 last reading",
        "Wasser 水 refused",
    }


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
