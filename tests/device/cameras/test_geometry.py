"""Rotation, flip and crop, in this order: every source is seen so, and boxes refer to what is seen."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.cameras.geometry import Framing, Geometry
from device.cameras.opening import open_camera
from device.config.camera import CameraSettings, Flip, Rotation
from device.config.fields import FieldError
from edge_digits.types import Box, Image

WIDTH, HEIGHT = 7, 5
SIZE = (WIDTH, HEIGHT)


def picture() -> Image:
    """Every pixel has a value of its own."""
    return np.arange(WIDTH * HEIGHT, dtype=np.uint8).reshape(HEIGHT, WIDTH)


def in_steps(image: Image, geometry: Geometry) -> Image:
    """The definition: rotate clockwise, then flip, then crop."""
    image = np.rot90(image, -geometry.rotate // 90)
    if geometry.flip != "none":
        image = image[:, ::-1] if geometry.flip == "horizontal" else image[::-1]
    return image if geometry.crop is None else geometry.crop.cut(image)


geometries = st.builds(
    Geometry,
    st.sampled_from(get_args(Rotation)),
    st.sampled_from(get_args(Flip)),
    st.none() | st.builds(Box, *2 * [st.integers(0, 8)], *2 * [st.integers(1, 9)]),
)


@settings(deadline=None)
@given(geometries)
def test_a_picture_is_rotated_then_flipped_then_cropped(geometry: Geometry) -> None:
    expected = in_steps(picture(), geometry)
    seen = geometry.apply(picture())
    assert seen.size == expected.size
    assert not seen.size or (seen == expected).all()


@settings(deadline=None)
@given(geometries, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, 3), st.integers(1, 3))
def test_a_box_is_found_where_its_pixels_are(geometry: Geometry, x: int, y: int, width: int, height: int) -> None:
    box = Box(x, y, min(width, WIDTH - x), min(height, HEIGHT - y))
    seen = geometry.from_source(box, SIZE)
    assert geometry.to_source(seen, SIZE) == box
    whole = Geometry(geometry.rotate, geometry.flip)
    at = whole.from_source(box, SIZE)
    assert sorted(at.cut(whole.apply(picture())).ravel()) == sorted(box.cut(picture()).ravel())


def test_what_is_not_to_be_changed_is_not_copied() -> None:
    image = picture()
    assert Geometry().apply(image) is image
    assert np.shares_memory(Geometry(crop=Box(1, 1, 3, 3)).apply(image), image)


def number(folder: Path) -> Path:
    """A folder of one picture, 64×48, whose top left corner is black."""
    image = np.full((48, 64), 200, np.uint8)
    image[:8, :8] = 0
    cv2.imwrite(str(folder / "page.png"), image)
    return folder


@pytest.mark.parametrize(
    ("settings", "shape", "corner"),
    [
        (CameraSettings(rotate=90), (64, 48), (0, -1)),
        (CameraSettings(rotate=180), (48, 64), (-1, -1)),
        (CameraSettings(rotate=270), (64, 48), (-1, 0)),
        (CameraSettings(flip="horizontal"), (48, 64), (0, -1)),
        (CameraSettings(flip="vertical"), (48, 64), (-1, 0)),
        (CameraSettings(rotate=90, crop=Box(38, 0, 10, 20)), (20, 10), (0, -1)),
    ],
)
def test_a_file_is_seen_as_the_settings_say(
    tmp_path: Path, settings: CameraSettings, shape: tuple[int, int], corner: tuple[int, int]
) -> None:
    with open_camera(f"file:{number(tmp_path)}", settings) as camera:
        [frame] = camera
    assert frame.image.shape == shape
    assert [place for place in itertools.product((0, -1), (0, -1)) if frame.image[place] == 0] == [corner]


def test_the_demo_is_seen_so_too() -> None:
    with open_camera("demo", CameraSettings(320, 240, 240, rotate=90, crop=Box(0, 0, 100, 50))) as camera:
        assert next(iter(camera)).image.shape == (50, 100)


def test_a_crop_outside_of_the_first_picture_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = CameraSettings(rotate=90, crop=Box(50, 0, 10, 10))
    with (
        open_camera(f"file:{number(tmp_path)}", settings) as camera,
        pytest.raises(FieldError, match=r"^camera\.crop: \[50, 0, 10, 10\] lies outside of the picture of 48x64$"),
    ):
        next(iter(camera))


def test_a_crop_that_leaves_the_picture_is_said_once_for_each_size(caplog: pytest.LogCaptureFixture) -> None:
    framing = Framing(Geometry(crop=Box(4, 0, 8, 4)))
    for shape in ((8, 16), (8, 8), (8, 8), (8, 4), (8, 4), (8, 16)):
        framing.apply(np.zeros(shape, np.uint8), "camera")
    assert caplog.messages == [
        "camera: camera.crop: [4, 0, 8, 4] leaves the picture of 8x8; only the part inside is seen",
        "camera: camera.crop: [4, 0, 8, 4] lies outside of the picture of 4x8; such frames are skipped",
    ]


def test_the_geometry_may_change_while_a_camera_runs(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        number(tmp_path / name)
        (tmp_path / name / "page.png").rename(tmp_path / f"{name}.png")
    framing = Framing()
    with open_camera(f"file:{tmp_path}", framing=framing) as camera:
        frames = iter(camera)
        assert next(frames).image.shape == (48, 64)
        framing.geometry = Geometry(rotate=90)
        assert next(frames).image.shape == (64, 48)
    assert framing.source_size == (64, 48)
