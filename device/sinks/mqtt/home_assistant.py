"""How a reader introduces itself to Home Assistant (home-assistant.io, "MQTT", section "Discovery")."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from device.config.regions import SEEN, RegionRule
from device.config.settings import MqttConfig
from device.sinks.mqtt.topics import WHOLE_PICTURE, Topics, client_id
from device.sinks.mqtt.unique_ids import unique_id

ORIGIN = "Edge Digits"

MOST = 1e12
"""Of a counter's last value, where nothing is known of its digits."""

LEAST_STEP = 0.001
"""Of a value that is set; Home Assistant allows no smaller one."""

Entity = dict[str, Any]
"""What is said of one entity; it becomes JSON."""


def discovery(
    config: MqttConfig,
    topics: Topics,
    regions: Sequence[RegionRule],
    sensor_id: Callable[[str], str],
    can_read_now: bool = False,
) -> dict[str, str]:
    """Topics and payloads that make Home Assistant show a device with its entities; none without a prefix.

    regions: none is the whole picture. sensor_id: the unique id of a region's sensor. can_read_now: whether the reader
    reads when it is asked to.
    """
    if not topics.prefix:
        return {}
    taken = {region.name for region in regions} or {WHOLE_PICTURE}
    entities = {
        topics.discovery("binary_sensor", "camera"): _camera(topics),
        topics.discovery("binary_sensor", "problem"): _problem(topics),
    }
    if can_read_now:
        entities[topics.discovery("button", "read_now")] = _read_now(topics)
    for region in regions or (None,):
        name = WHOLE_PICTURE if region is None else region.name
        sensor = _number(config, topics, region) | {"unique_id": sensor_id(name)}
        entities[topics.discovery("sensor", name)] = sensor
        entities[topics.discovery("sensor", _free(f"{name}_time", taken))] = _time(topics, region)
        entities[topics.discovery("sensor", _free(f"{name}_refused", taken))] = _refused(topics, region)
        if region is not None and region.counter:
            entities[topics.discovery("number", name)] = _last_value(topics, region)
        if config.pictures:
            entities[topics.discovery("image", name)] = _picture(topics, region)
    shared = _device(config, topics)
    return {topic: json.dumps(entity | shared, ensure_ascii=False) for topic, entity in entities.items()}


def _free(name: str, taken: set[str]) -> str:
    """``name`` for an entity beside the sensors of regions, whose names are taken."""
    while name in taken:
        name += "_"
    return name


def _device(config: MqttConfig, topics: Topics) -> Entity:
    try:
        version = metadata.version("edge-digits")
    except metadata.PackageNotFoundError:
        version = "unknown"
    return {
        "device": {
            "identifiers": [topics.node],
            "name": client_id(config),
            "manufacturer": ORIGIN,
            "model": "camera reader",
            "sw_version": version,
        },
        "origin": {"name": ORIGIN, "sw_version": version},
    }


def _while_reading(topics: Topics) -> Entity:
    """Available while reader and camera are there."""
    return {"availability": [{"topic": topics.availability}, {"topic": topics.camera}], "availability_mode": "all"}


def _while_connected(topics: Topics) -> Entity:
    """Available while the reader is there."""
    return {"availability": [{"topic": topics.availability}], "availability_mode": "all"}


def _number(config: MqttConfig, topics: Topics, region: RegionRule | None) -> Entity:
    """The number that is read: a number to Home Assistant too where the region says what it means, else a text."""
    name = None if region is None else region.name
    entity: Entity = {
        "name": "Number" if region is None else region.title or region.name,
        "state_topic": topics.reading(name),
        # Without a text the number is gone.
        "value_template": "{{ value_json.text or 'unknown' }}",
        "json_attributes_topic": topics.reading(name),
        # The same number on the next page is another reading.
        "force_update": True,
        "icon": "mdi:numeric",
    }
    if config.expire_after is not None:
        entity["expire_after"] = math.ceil(config.expire_after)
    meaning = {} if region is None else _meaning(region)
    if meaning:
        del entity["icon"]
        entity |= meaning | {"value_template": "{{ value_json.value }}"}
    return entity | _while_reading(topics)


def _meaning(region: RegionRule) -> Entity:
    """What makes a state a number, with a unit and statistics; empty where the region says nothing of it."""
    meaning = {
        "unit_of_measurement": region.unit,
        "device_class": region.device_class,
        "state_class": region.state_class or ("total_increasing" if region.counter else None),
        "suggested_display_precision": region.decimals if isinstance(region.decimals, int) else None,
    }
    stated = {key: value for key, value in meaning.items() if value is not None}
    # Something has to say that it is a number.
    return stated if stated or region.decimals is None else {"state_class": "measurement"}


def _time(topics: Topics, region: RegionRule | None) -> Entity:
    """When the last number was read."""
    name = None if region is None else region.name
    return {
        "name": _titled(region, "last reading"),
        "unique_id": unique_id(topics.node, name or WHOLE_PICTURE, "time"),
        "state_topic": topics.reading(name),
        "value_template": "{{ value_json.time }}",
        "device_class": "timestamp",
        "entity_category": "diagnostic",
    } | _while_connected(topics)


def _refused(topics: Topics, region: RegionRule | None) -> Entity:
    """What was read last and broke a rule."""
    name = None if region is None else region.name
    return {
        "name": _titled(region, "refused"),
        "unique_id": unique_id(topics.node, name or WHOLE_PICTURE, "refused"),
        "state_topic": topics.refused(name),
        "value_template": "{{ value_json.text }}",
        "json_attributes_topic": topics.refused(name),
        "force_update": True,
        "icon": "mdi:numeric-off",
        "entity_category": "diagnostic",
    } | _while_connected(topics)


def _picture(topics: Topics, region: RegionRule | None) -> Entity:
    """How the region looked."""
    name = None if region is None else region.name
    return {
        "name": "Picture" if region is None else region.title or region.name,
        "unique_id": unique_id(topics.node, name or WHOLE_PICTURE, "picture"),
        "image_topic": topics.picture(name),
        "content_type": "image/jpeg",
    } | _while_connected(topics)


def _camera(topics: Topics) -> Entity:
    """Whether the camera delivers."""
    return {
        "name": "Camera",
        "unique_id": unique_id(topics.node, "camera"),
        "state_topic": topics.camera,
        "payload_on": "online",
        "payload_off": "offline",
        "device_class": "connectivity",
        "entity_category": "diagnostic",
    } | _while_connected(topics)


def _problem(topics: Topics) -> Entity:
    """Whether something keeps regions from being read; what it is, as an attribute."""
    return {
        "name": "Problem",
        "unique_id": unique_id(topics.node, "problem"),
        "state_topic": topics.problem,
        "value_template": "{{ 'ON' if value_json.problem else 'OFF' }}",
        "json_attributes_topic": topics.problem,
        "device_class": "problem",
        "entity_category": "diagnostic",
    } | _while_reading(topics)


def _read_now(topics: Topics) -> Entity:
    """Asks for a reading."""
    return {
        "name": "Read now",
        "unique_id": unique_id(topics.node, "read-now"),
        "command_topic": topics.read_now,
        "icon": "mdi:camera-iris",
    } | _while_reading(topics)


def _last_value(topics: Topics, region: RegionRule) -> Entity:
    """The value that a counter rises from: shows it, and sets it."""
    decimals = region.decimals if isinstance(region.decimals, int) else 0
    digits = region.rollover or region.digits
    most = MOST if digits is None else 10.0 ** (digits - decimals) - 10.0**-decimals
    if region.range is not None:
        most = min(most, region.range[1])
    entity: Entity = {
        "name": _titled(region, "last value"),
        "unique_id": unique_id(topics.node, region.name, "last"),
        "state_topic": topics.last_value(region.name),
        "command_topic": topics.set_value(region.name),
        "min": 0,
        "max": max(most, LEAST_STEP),
        "step": max(10.0**-decimals, LEAST_STEP) if region.decimals != SEEN else LEAST_STEP,
        "mode": "box",
        "entity_category": "config",
    }
    if region.unit is not None:
        entity["unit_of_measurement"] = region.unit
    return entity | _while_connected(topics)


def _titled(region: RegionRule | None, what: str) -> str:
    return what.capitalize() if region is None else f"{region.title or region.name} {what}"
