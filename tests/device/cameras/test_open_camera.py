"""Choosing a source: what each name opens, and one clear line for what cannot be opened."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.cameras import fake_picamera
from device.cameras.opening import find_source, open_camera
from device.config.camera import CameraSettings
from edge_digits.errors import CameraError, ConfigError

SMALL = CameraSettings(320, 240, 30)


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[fake_picamera.Picamera2]:
    """picamera2 as if it were installed, with one camera."""
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera)
    monkeypatch.setattr(fake_picamera, "__spec__", object())
    return fake_picamera.Picamera2


@pytest.mark.parametrize(
    "source", ["webcam", "ftp://host/x", "", "file:", "http:/x", "photo.jpg", "v4l2", "picamera:front"]
)
def test_an_unknown_source_is_refused_by_name(source: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_camera(source)
    assert f"'{source}'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_usb_camera_is_named() -> None:
    with pytest.raises(CameraError, match=r"^/dev/video97: there is no such camera"):
        open_camera("v4l2:97")


def test_a_device_that_is_no_camera_is_refused() -> None:
    with pytest.raises(CameraError, match=r"^/dev/null: no camera answers there"):
        open_camera("/dev/null")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CameraError, match=r"^nowhere/page\.mp4: no such file or folder$"):
        open_camera("file:nowhere/page.mp4")


def test_without_picamera2_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError) as caught:
        open_camera("picamera:0")
    assert "sudo apt install python3-picamera2" in str(caught.value)
    assert "--system-site-packages" in str(caught.value)


def test_a_missing_picamera_is_named(picamera2: type[fake_picamera.Picamera2]) -> None:
    with pytest.raises(CameraError, match=r"^picamera:1: there is no such camera \(1 found\)"):
        open_camera("picamera:1")


@pytest.mark.parametrize(("connected", "expected"), [(1, "picamera:0"), (0, "demo")])
def test_auto_is_the_pi_camera_where_one_is_connected(
    picamera2: type[fake_picamera.Picamera2], monkeypatch: pytest.MonkeyPatch, connected: int, expected: str
) -> None:
    monkeypatch.setattr(picamera2, "cameras", connected)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert find_source() == expected


@pytest.mark.parametrize(("exists", "expected"), [(True, "v4l2:0"), (False, "demo")])
def test_auto_without_a_pi_camera_is_the_first_usb_camera_else_the_demo(
    monkeypatch: pytest.MonkeyPatch, exists: bool, expected: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(Path, "exists", lambda path: exists)
    assert find_source() == expected


@pytest.mark.parametrize(
    ("frame_rate", "timeout", "silence"), [(15.0, 10.0, 10.0), (0.1, 10.0, 30.0), (0.2, 2.0, 15.0), (0.1, 60.0, 60.0)]
)
def test_a_slow_camera_has_the_time_for_a_few_frames_before_it_counts_as_lost(
    frame_rate: float, timeout: float, silence: float
) -> None:
    assert CameraSettings(frame_rate=frame_rate, timeout=timeout).longest_silence == pytest.approx(silence)


def test_every_source_closes_twice(tmp_path: Path, picamera2: type[fake_picamera.Picamera2]) -> None:
    cv2.imwrite(str(tmp_path / "page.png"), np.full((8, 8), 255, np.uint8))
    for source in ("demo", "picamera:0", f"file:{tmp_path}"):
        with open_camera(source, SMALL) as camera:
            camera.close()
        assert list(camera) == [], source
