"""How the picture is turned, over the API: what is saved is seen at once, and regions stay with their numbers."""

from __future__ import annotations

from typing import Any

import pytest
from web_client import HEIGHT, WIDTH, Running, eventually

from device.config.load import load_config
from device.web.regions_file import read_text
from edge_digits.types import Box


def put(server: Running, **geometry: Any) -> Any:
    """The answer to a request to turn the picture so; what is not named is as it is without a setting."""
    version = server.client.get("/api/geometry").json()["version"]
    row = {"rotate": 0, "flip": "none", "crop": None, "version": version} | geometry
    return server.client.send("PUT", "/api/geometry", row)


def is_seen_as(server: Running, width: int, height: int) -> bool:
    aim = server.client.get("/api/aim").json()
    return (aim.get("width"), aim.get("height")) == (width, height)


def test_the_picture_s_geometry_is_told(server: Running) -> None:
    row = server.client.get("/api/geometry").json()
    assert (row["rotate"], row["flip"], row["crop"], row["file"]) == (0, "none", None, "camera.toml")


@pytest.mark.usefixtures("regions_put_back")
def test_what_is_saved_is_seen_and_the_regions_are_moved_along(server: Running) -> None:
    assert put(server, rotate=90).json()["saved"]
    assert eventually(lambda: is_seen_as(server, HEIGHT, WIDTH))
    config = load_config(server.config)
    assert config.camera.rotate == 90
    # It was [40, 30, 320, 100] of 640x480.
    assert config.region[0].box == Box(480 - 30 - 100, 40, 100, 320)
    assert "# the counter" in server.config.read_text()
    assert server.client.get("/api/regions").json()["regions"][0]["box"] == [350, 40, 100, 320]
    assert put(server, crop=[40, 30, 500, 200]).json()["saved"]
    assert eventually(lambda: is_seen_as(server, 500, 200))
    assert load_config(server.config).region[0].box == Box(0, 0, 320, 100)


@pytest.mark.parametrize(
    ("geometry", "status", "said"),
    [
        ({"rotate": 45}, 400, "rotate: expected 0, 90, 180 or 270, not 45"),
        ({"rotate": "90"}, 400, "rotate: expected 0, 90, 180 or 270, not '90'"),
        ({"flip": None}, 400, "flip: expected 'none', 'horizontal' or 'vertical', not None"),
        ({"crop": [0, 0, 0, 9]}, 400, "crop: expected [x, y, width, height] in pixels of the picture after rotation"),
        ({"crop": [0, 0, 641, 9]}, 400, "crop: [0, 0, 641, 9] leaves the picture of 640x480"),
        ({"rotate": 90, "crop": [0, 0, 481, 9]}, 400, "crop: [0, 0, 481, 9] leaves the picture of 480x640"),
        ({"crop": [100, 0, 300, 300]}, 400, "region score would leave the picture; change or remove it first"),
        ({"version": "0"}, 409, "the file was changed by somebody else meanwhile"),
        ({"version": None}, 409, "the file was changed by somebody else meanwhile"),
        ({"colour": "red"}, 400, "expected rotate, flip, crop and the version"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    server: Running, geometry: dict[str, Any], status: int, said: str
) -> None:
    before = read_text(server.config)
    answer = put(server, **geometry)
    assert (answer.status, read_text(server.config)) == (status, before)
    assert answer.error.startswith(said)


def test_all_of_it_is_given(server: Running) -> None:
    answer = server.client.send("PUT", "/api/geometry", {"rotate": 90})
    assert (answer.status, answer.error) == (
        400,
        "expected rotate, flip, crop and the version that they were read with",
    )
