"""The page knows where the regions are, says what keeps them from being read, and saves them where they lie now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_client import Running, eventually

from device.config.load import load_config
from device.scene.status import DriftStatus, Outline
from edge_digits.types import Box

BOX = Box(40, 30, 320, 100)
"""Of the one region that the server begins with."""

MOVED = [[62.0, 38.0], [381.5, 50.2], [377.7, 150.1], [58.2, 137.9]]


@pytest.fixture
def told(server: Running) -> Iterator[Running]:
    """The server; afterwards nothing has moved."""
    before = server.drift.status
    yield server
    server.drift.status = before
    assert eventually(lambda: server.client.get("/api/status").json()["drift"] == before.as_json())


def tell(server: Running, status: DriftStatus) -> None:
    server.drift.status = status
    assert eventually(lambda: server.client.get("/api/status").json()["drift"] == status.as_json())


def test_a_problem_is_a_warning_of_a_reader_that_is_well(told: Running) -> None:
    tell(told, DriftStatus("unsure", outlines={"score": Outline(BOX, None)}, problem="region score: has moved"))
    health = told.client.get("/healthz")
    assert (health.status, health.json()) == (200, {"status": "ok", "warning": "region score: has moved"})


def test_without_a_problem_there_is_no_warning(told: Running) -> None:
    tell(told, DriftStatus("following", outlines={"score": Outline(BOX, MOVED)}))
    assert told.client.get("/healthz").json() == {"status": "ok"}


def test_regions_come_in_boxes_that_hold_them_where_they_are_now(told: Running) -> None:
    tell(told, DriftStatus("following", (20.0, 14.0), 2.2, {"score": Outline(BOX, MOVED)}))
    [region] = told.client.get("/api/regions").json()["regions"]
    assert (region["name"], region["box"]) == ("score", [58, 38, 324, 113])


@pytest.mark.parametrize(
    "outline",
    [
        pytest.param(Outline(BOX, None), id="where they are is not sure"),
        pytest.param(Outline(Box(1, 2, 3, 4), MOVED), id="they were drawn anew since"),
        pytest.param(Outline(BOX, [[40.4, 29.8], [360.4, 29.8], [360.4, 129.8], [40.4, 129.8]]), id="not moved"),
    ],
)
def test_regions_come_as_they_were_drawn_if(told: Running, outline: Outline) -> None:
    tell(told, DriftStatus("following", outlines={"score": outline}))
    [region] = told.client.get("/api/regions").json()["regions"]
    assert region["box"] == BOX.as_list()


def test_frames_come_with_the_regions_outlines(told: Running) -> None:
    tell(told, DriftStatus("following", outlines={"score": Outline(BOX, MOVED)}))
    assert told.client.get("/api/frame.jpg").status == 200
    said = told.client.until("/api/events", b'"outlines":{"score":[[62.0,38.0]')
    assert b'"outlines":{"score":[[62.0,38.0]' in said


@pytest.mark.usefixtures("regions_put_back")
def test_a_picture_that_is_turned_takes_regions_along_from_where_they_are_now(told: Running) -> None:
    tell(told, DriftStatus("following", (20.0, 14.0), 2.2, {"score": Outline(BOX, MOVED)}))
    version = told.client.get("/api/geometry").json()["version"]
    row = {"rotate": 180, "flip": "none", "crop": None, "version": version}
    assert told.client.send("PUT", "/api/geometry", row).json()["saved"]
    [region] = load_config(told.config).region
    assert region.box == Box(640 - 58 - 324, 480 - 38 - 113, 324, 113)
