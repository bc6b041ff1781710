"""Focus, exposure, gain and flicker: set where the camera offers them, and said by name where it does not."""

from __future__ import annotations

import itertools
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from device.cameras import fake_picamera
from device.cameras.controls import v4l2
from device.cameras.controls.v4l2 import set_controls
from device.cameras.opening import open_camera
from device.cameras.picamera import PicameraCamera
from device.config.camera import CameraSettings


@pytest.fixture(autouse=True)
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera)


def set_on_a_pi(**settings: Any) -> tuple[fake_picamera.Picamera2, PicameraCamera]:
    picamera = fake_picamera.Picamera2()
    return picamera, PicameraCamera("picamera:0", picamera, CameraSettings(320, 240, **settings))


@pytest.mark.parametrize(
    ("settings", "controls"),
    [
        ({"lens_position": 8.5}, {"AfMode": 0, "LensPosition": 8.5}),
        ({"focus_range": "macro"}, {"AfMode": 2, "AfRange": 1}),
        ({"exposure_time": 0.01}, {"ExposureTime": 10_000}),
        ({"analogue_gain": 4.0}, {"AnalogueGain": 4.0}),
        (
            {"exposure_time": 0.01, "analogue_gain": 2.0},
            {"ExposureTime": 10_000, "AnalogueGain": 2.0, "AeEnable": False},
        ),
        ({"flicker": 50}, {"AeFlickerMode": 1, "AeFlickerPeriod": 10_000}),
        ({"flicker": 60}, {"AeFlickerMode": 1, "AeFlickerPeriod": 8333}),
    ],
)
def test_a_pi_camera_is_set_as_asked(settings: dict[str, Any], controls: dict[str, Any]) -> None:
    picamera, camera = set_on_a_pi(**settings)
    set_to = picamera.camera_configuration()["controls"]
    assert {name: set_to[name] for name in controls} == controls
    assert camera.unsupported == ()


def test_newer_cameras_have_a_mode_for_each_fixed_value(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = {"ExposureTimeMode": (0, 1, 0), "AnalogueGainMode": (0, 1, 0)}
    monkeypatch.setattr(fake_picamera.Picamera2, "camera_controls", fake_picamera.CONTROLS | modes)
    picamera, _ = set_on_a_pi(exposure_time=0.01)
    controls = picamera.camera_configuration()["controls"]
    assert controls["ExposureTimeMode"] == 1
    assert not {"AeEnable", "AnalogueGainMode"} & controls.keys()


def test_what_was_fixed_stays_so() -> None:
    picamera, camera = set_on_a_pi(exposure_time=0.02, analogue_gain=2.0)
    picamera.light = 0.1
    list(itertools.islice(camera, 60))
    assert (picamera.exposure, picamera.gain) == (20_000, 2.0)
    assert camera.describe() == "exposure 20.0 ms, gain 2.0, set"


def test_a_long_exposure_takes_the_time_of_its_frame_and_the_limits_of_its_mode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before it is configured, a camera tells limits that are no camera's own."""
    limits = {"ExposureTime": (75, 2_000_000, None), "FrameDurationLimits": (33_333, 2_000_000, None)}
    monkeypatch.setattr(fake_picamera.Picamera2, "limits_of_mode", limits)
    picamera, camera = set_on_a_pi(exposure_time=0.5, frame_rate=15)
    assert (picamera.set_to["ExposureTime"], picamera.set_to["FrameDurationLimits"]) == (500_000, (500_000, 500_000))
    assert camera.unsupported == ()


@pytest.mark.parametrize(
    ("settings", "control"),
    [
        ({"lens_position": 1.0}, "LensPosition"),
        ({"focus_range": "macro"}, "AfRange"),
        ({"exposure_time": 0.01}, "ExposureTime"),
        ({"analogue_gain": 2.0}, "AnalogueGain"),
        ({"flicker": 50}, "AeFlickerPeriod"),
    ],
)
def test_what_a_pi_camera_lacks_is_named_and_not_set(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], control: str
) -> None:
    known = {name: limits for name, limits in fake_picamera.CONTROLS.items() if name != control}
    monkeypatch.setattr(fake_picamera.Picamera2, "camera_controls", known)
    picamera, camera = set_on_a_pi(**settings)
    [setting] = settings
    assert camera.unsupported == (f"picamera:0: camera.{setting} has no effect: this camera does not offer it",)
    assert control not in picamera.camera_configuration()["controls"]


def test_what_a_pi_camera_cannot_reach_is_said_with_its_limits() -> None:
    picamera, camera = set_on_a_pi(analogue_gain=100.0)
    assert picamera.camera_configuration()["controls"]["AnalogueGain"] == 16.0
    [said] = camera.unsupported
    assert said == "picamera:0: camera.analogue_gain: this camera takes 1 to 16, and is set to what is nearest"


@pytest.mark.parametrize("source", ["demo", "file"])
def test_a_source_without_controls_names_all_that_were_asked_for(tmp_path: Path, source: str) -> None:
    if source == "file":
        (tmp_path / "page.png").touch()
        source = f"file:{tmp_path}"
    with open_camera(source, CameraSettings(320, 240, lens_position=1.0, flicker=50)) as camera:
        assert [line.split(": ")[-2].split(" ")[0] for line in camera.unsupported] == [
            "camera.lens_position",
            "camera.flicker",
        ]


class Device:
    """Stands in for the driver of a USB camera. limits: least and most by control; state: what was set, in order."""

    def __init__(self, **limits: tuple[int, int]) -> None:
        self.limits = {getattr(v4l2, name): limit for name, limit in limits.items()}
        self.state: dict[int, int] = {}

    def ioctl(self, descriptor: int, request: int, data: bytearray) -> int:
        [control] = struct.unpack_from("=I", data)
        if control not in self.limits:
            raise OSError(22, "Invalid argument")
        if request == v4l2.QUERY:
            struct.pack_into("=ii", data, 40, *self.limits[control])
        else:
            assert request == v4l2.SET
            _, value = struct.unpack("=Ii", data)
            assert self.limits[control][0] <= value <= self.limits[control][1]
            self.state[control] = value
        return 0


WEBCAM = {
    "AUTO_EXPOSURE": (0, 3),
    "EXPOSURE_TIME": (3, 2047),
    "GAIN": (0, 255),
    "POWER_LINE_FREQUENCY": (0, 2),
    "FOCUS": (0, 250),
    "AUTO_FOCUS": (0, 1),
}


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({"exposure_time": 0.01}, {"AUTO_EXPOSURE": 1, "EXPOSURE_TIME": 100}),
        ({"analogue_gain": 64.0}, {"GAIN": 64}),
        ({"flicker": 50}, {"POWER_LINE_FREQUENCY": 1}),
        ({"flicker": 60}, {"POWER_LINE_FREQUENCY": 2}),
        ({"lens_position": 30.0}, {"AUTO_FOCUS": 0, "FOCUS": 30}),
    ],
)
def test_a_usb_camera_is_set_as_asked_its_automatics_before(settings: dict[str, Any], state: dict[str, int]) -> None:
    device = Device(**WEBCAM)
    assert set_controls(Path("/dev/null"), CameraSettings(**settings), device.ioctl) == ()
    assert list(device.state.items()) == [(getattr(v4l2, name), value) for name, value in state.items()]


def test_what_a_usb_camera_lacks_or_cannot_reach_is_said() -> None:
    settings = CameraSettings(focus_range="macro", exposure_time=1.0, flicker=50)
    device = Device(AUTO_EXPOSURE=(0, 3), EXPOSURE_TIME=(3, 2047))
    assert set_controls(Path("/dev/null"), settings, device.ioctl) == (
        "/dev/null: camera.focus_range has no effect: this camera does not offer it",
        "/dev/null: camera.exposure_time: this camera takes 0.0003 to 0.2047, and is set to what is nearest",
        "/dev/null: camera.flicker has no effect: this camera does not offer it",
    )
    assert device.state[v4l2.EXPOSURE_TIME] == 2047


def test_a_usb_camera_that_is_asked_for_nothing_is_left_alone() -> None:
    assert set_controls(Path("/dev/no such device"), CameraSettings(), Device().ioctl) == ()
