"""Rotation, flip and crop in the configuration: changed alone, comments kept, regions moved along."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.cameras.geometry import Geometry
from device.config.load import parse_config
from edge_digits.errors import ConfigError
from edge_digits.types import Box

pytest.importorskip("tomlkit", reason="needs the extra web")

from device.web.geometry.file import moved, only_geometry, with_geometry

PATH = Path("camera.toml")
TURNED = Geometry(180, "horizontal", Box(10, 20, 300, 200))

geometries = st.builds(
    Geometry,
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from(["none", "horizontal", "vertical"]),
    st.none() | st.builds(Box, *2 * [st.integers(0, 500)], *2 * [st.integers(1, 500)]),
)


def test_a_camera_s_table_keeps_its_comments_and_the_others_stay_as_they_are() -> None:
    text = """\
# The desk.
source = "demo"

[camera]  # over the desk
width = 640  # enough
rotate = 90  # it hangs so

# The counter.
[[region]]
name = "a"
box = [1, 2, 3, 4]
"""
    changed = with_geometry(text, TURNED, PATH)
    assert changed == text.replace("rotate = 90  #", "rotate = 180  #").replace(
        "hangs so\n", 'hangs so\nflip = "horizontal"\ncrop = [10, 20, 300, 200]\n'
    )
    assert with_geometry(changed, Geometry(90), PATH) == text.replace("hangs so\n", 'hangs so\nflip = "none"\n')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "source = 'demo'",
        "source = 'demo'\r\n\r\n[web]\r\nlisten = ':1'\r\n",
        "camera = { width = 640 }\nsource = 'demo'\n",
        "camera.width = 640\ncamera.rotate = 270\n[web]\n",
        "[[region]]\nname = 'a'\nbox = [0, 0, 9, 9]\n# the end",
        "[camera]",
        "[camera]\ncrop = [\n 1,\n 2, # two\n 3,\n 4,\n]\n[web]\n",
    ],
)
@settings(deadline=None, max_examples=6)
@given(geometry=geometries)
def test_however_it_is_written_nothing_else_changes(text: str, geometry: Geometry) -> None:
    before, after = parse_config(text, PATH), parse_config(with_geometry(text, geometry, PATH), PATH)
    assert Geometry.of(after.camera) == geometry
    assert (before.source, before.region, before.web, before.camera.width) == (
        after.source,
        after.region,
        after.web,
        after.camera.width,
    )
    assert ("\r\n" in text) == ("\r\n" in with_geometry(text, geometry, PATH))


def test_what_is_as_it_is_without_a_setting_needs_none() -> None:
    assert with_geometry("source = 'demo'\n", Geometry(rotate=90), PATH) == "source = 'demo'\n\n[camera]\nrotate = 90\n"
    assert Geometry.of(parse_config(only_geometry(TURNED), PATH).camera) == TURNED


def test_what_is_no_configuration_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"^camera\.toml: not valid TOML"):
        with_geometry("[camera", TURNED, PATH)


@settings(deadline=None)
@given(geometries.filter(lambda g: g.crop is None), geometries.filter(lambda g: g.crop is None))
def test_a_region_stays_with_its_number(before: Geometry, after: Geometry) -> None:
    box, size = Box(30, 40, 50, 20), (640, 480)
    there = moved(before.from_source(box, size), before, after, size)
    assert there == after.from_source(box, size)


def test_a_region_that_would_be_cut_off_is_none() -> None:
    size = (640, 480)
    assert moved(Box(30, 40, 50, 20), Geometry(), Geometry(crop=Box(30, 40, 50, 20)), size) == Box(0, 0, 50, 20)
    assert moved(Box(30, 40, 50, 20), Geometry(), Geometry(crop=Box(31, 40, 50, 20)), size) is None
    assert moved(Box(0, 0, 50, 20), Geometry(crop=Box(30, 40, 50, 20)), Geometry(), size) == Box(30, 40, 50, 20)
