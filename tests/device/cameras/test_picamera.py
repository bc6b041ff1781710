"""The Raspberry Pi camera, on the fake picamera2 that ships: rows are wider than the picture, controls are limited."""

from __future__ import annotations

import itertools
import sys
import time
from typing import Any

import numpy as np
import pytest

from device.cameras import fake_picamera
from device.cameras.picamera import PicameraCamera, open_picamera
from device.config.camera import CameraSettings
from edge_digits.errors import CameraError
from edge_digits.types import Frame


@pytest.fixture(autouse=True)
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera)


def frames(camera: PicameraCamera, count: int) -> list[Frame]:
    return list(itertools.islice(camera, count))


@pytest.mark.parametrize(("asked", "given"), [((640, 480), (640, 480)), ((101, 75), (100, 74))])
def test_a_frame_is_the_grey_picture_without_the_padding_of_its_rows(
    asked: tuple[int, int], given: tuple[int, int]
) -> None:
    with open_picamera(0, CameraSettings(*asked)) as camera:
        [frame] = frames(camera, 1)
    width, height = given
    assert frame.image.shape == (height, width)
    assert fake_picamera.PADDING not in frame.image
    assert (frame.image[0] == np.arange(width) % 200).all()


def test_every_request_is_given_back() -> None:
    with open_picamera(0, CameraSettings()) as camera:
        assert [frame.number for frame in frames(camera, 20)] == list(range(20))


def test_a_frame_is_as_old_as_its_sensor_says() -> None:
    with open_picamera(0, CameraSettings()) as camera:
        before = time.time()
        [frame] = frames(camera, 1)
    assert before - 0.03 < frame.time < time.time() - 0.01


@pytest.mark.parametrize("taken", [None, 0, 2**62])
def test_a_frame_with_a_broken_time_stamp_gets_the_time_of_its_arrival(
    monkeypatch: pytest.MonkeyPatch, taken: int | None
) -> None:
    metadata = {} if taken is None else {"SensorTimestamp": taken}
    monkeypatch.setattr(fake_picamera.Request, "get_metadata", lambda request: metadata)
    with open_picamera(0, CameraSettings()) as camera:
        before = time.time()
        [frame] = frames(camera, 1)
    assert before <= frame.time <= time.time()


@pytest.mark.parametrize(("frame_rate", "duration"), [(15, 66_667), (120, 33_333), (1, 120_000)])
def test_the_frame_rate_is_set_as_far_as_the_camera_can(frame_rate: float, duration: int) -> None:
    picamera = fake_picamera.Picamera2()
    PicameraCamera("fake", picamera, CameraSettings(frame_rate=frame_rate))
    assert picamera.camera_configuration()["controls"]["FrameDurationLimits"] == (duration, duration)


@pytest.mark.parametrize(
    ("known", "expected"),
    [({}, {}), ({"AfMode": (0, 2, 0)}, {"AfMode": 2}), ({"AfMode": (0, 1, 0)}, {}), ({"Brightness": (-1, 1, 0)}, {})],
)
def test_only_controls_that_the_camera_has_are_set(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], expected: dict[str, Any]
) -> None:
    monkeypatch.setattr(fake_picamera.Picamera2, "camera_controls", known)
    picamera = fake_picamera.Picamera2()
    PicameraCamera("fake", picamera, CameraSettings())
    assert picamera.camera_configuration()["controls"] == expected


def test_frames_that_the_camera_dropped_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_picamera.Picamera2, "dropped", {2: 1, 5: 3})
    with open_picamera(0, CameraSettings()) as camera:
        assert [frame.number for frame in frames(camera, 7)] == [0, 1, 3, 4, 5, 9, 10]


def test_exposure_settles_is_locked_and_settles_again_in_another_light() -> None:
    picamera = fake_picamera.Picamera2()
    picamera.light = 0.5
    camera = PicameraCamera("fake", picamera, CameraSettings(320, 240, frame_rate=10))
    stream = iter(camera)

    def brightness(count: int) -> float:
        return float([next(stream).image for _ in range(count)][-1].max())

    right = brightness(60)
    assert camera.describe().endswith("locked")
    picamera.light = 0.55
    assert brightness(60) == pytest.approx(1.1 * right, rel=0.02)
    assert picamera.exposure == pytest.approx(20_000, rel=0.03)
    picamera.light = 0.2
    assert brightness(5) < 0.5 * right
    assert brightness(60) == pytest.approx(right, rel=0.05)
    assert camera.describe().endswith("locked")
    assert picamera.exposure == pytest.approx(50_000, rel=0.03)


@pytest.mark.parametrize("missing", ["AeEnable", "ExposureTime"])
def test_a_camera_whose_exposure_cannot_be_locked_is_left_alone(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    known = {name: limits for name, limits in fake_picamera.CONTROLS.items() if name != missing}
    monkeypatch.setattr(fake_picamera.Picamera2, "camera_controls", known)
    with open_picamera(0, CameraSettings(320, 240)) as camera:
        frames(camera, 30)
        assert camera.describe().endswith("automatic")


def test_the_fake_refuses_unknown_controls_as_the_real_one_does() -> None:
    picamera = fake_picamera.Picamera2()
    config = picamera.create_video_configuration({"size": (64, 64)}, {"size": (64, 64)}, 4, {"Sharpness": 2})
    with pytest.raises(RuntimeError, match="Sharpness"):
        picamera.configure(config)


def test_a_format_without_a_grey_plane_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"lores": {"size": (64, 64), "stride": 192, "format": "RGB888"}}
    monkeypatch.setattr(fake_picamera.Picamera2, "camera_configuration", lambda self: config)
    with pytest.raises(CameraError, match=r"^picamera:0: delivers RGB888"):
        open_picamera(0, CameraSettings())


def test_a_busy_camera_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(self: object, camera_num: int = 0) -> None:
        raise RuntimeError("Camera __init__ sequence did not complete.")

    monkeypatch.setattr(fake_picamera.Picamera2, "__init__", busy)
    with pytest.raises(CameraError, match=r"^picamera:0: cannot be opened, perhaps another program uses it"):
        open_picamera(0, CameraSettings())


def test_a_camera_that_stops_is_an_error_and_a_closed_one_is_not() -> None:
    camera = open_picamera(0, CameraSettings())
    stream = iter(camera)
    next(stream)
    camera._picamera.stop()
    with pytest.raises(CameraError, match="stopped delivering after 1 frames"):
        next(stream)
    camera.close()
    assert list(camera) == []
