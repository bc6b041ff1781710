"""What numbers mean to people: wherever the page shows one, it has the region's title, its value and the unit."""

from __future__ import annotations

import json
import time

import pytest
from web_client import Running, reading

from device.config.regions import RegionRule
from device.scene.status import Outline
from edge_digits.types import Box

pytest.importorskip("starlette", reason="needs the extra web")

from device.web.api.meaning import with_meaning

METER = RegionRule("meter", Box(40, 30, 320, 100), title="Cold water", unit="m³", decimals=1)
MOVED = [[140.0, 30.0], [460.0, 30.0], [460.0, 130.0], [140.0, 130.0]]


def line(text: str, x: int) -> dict[str, object]:
    return {"text": text, "confidence": 0.9, "box": [x, 60, 40, 40], "digits": []}


def test_a_line_in_a_region_has_its_value_there() -> None:
    said = {"region": "meter", "title": "Cold water", "unit": "m³", "value": 298}
    assert with_meaning(line("2980", 100), [METER], {}) == line("2980", 100) | said
    assert with_meaning(line("2985", 100), [METER], {})["value"] == 298.5
    assert with_meaning(line("29?5", 100), [METER], {})["value"] is None


def test_a_line_beside_all_regions_is_left_as_it_is() -> None:
    assert with_meaning(line("2980", 500), [METER], {}) == line("2980", 500)
    assert with_meaning(line("2980", 100), [], {}) == line("2980", 100)


def test_a_region_that_has_moved_takes_its_meaning_along() -> None:
    outlines = {"meter": Outline(METER.box, MOVED)}
    assert with_meaning(line("2980", 430), [METER], outlines)["region"] == "meter"
    assert "region" not in with_meaning(line("2980", 50), [METER], outlines)
    assert with_meaning(line("2980", 50), [METER], {"meter": Outline(METER.box, None)})["region"] == "meter"


def test_entries_of_the_record_have_it_of_the_regions_as_they_are_now(metered: Running) -> None:
    found = metered.client.get("/api/readings?limit=1").json()
    assert found["titles"] == {"score": "Cold water"}
    assert [found["entries"][0][key] for key in ("region", "title", "unit")] == ["score", "Cold water", "m³"]


def test_events_have_it_as_they_happen(metered: Running) -> None:
    metered.feed.publish(reading("4712", time.time(), decimals=1))
    stream = metered.client.until("/api/events", b'"text":"4712"').decode()
    [event] = [json.loads(part.partition("data: ")[2]) for part in stream.split("\n\n") if '"text":"4712"' in part]
    assert (event["title"], event["unit"], event["value"]) == ("Cold water", "m³", 471.2)


def test_frames_have_it_with_each_line(metered: Running) -> None:
    assert metered.client.get("/api/frame.jpg").status == 200
    stream = metered.client.until("/api/events", b'"value":298,"title":"Cold water","unit":"m\\u00b3"').decode()
    assert '"titles":{"score":"Cold water"}' in stream
