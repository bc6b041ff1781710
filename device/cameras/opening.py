"""A camera by its name: one module per kind of source."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from device.cameras.camera import Camera
from device.cameras.framed import FramedCamera
from device.cameras.geometry import Framing, Geometry
from device.config.camera import CameraSettings
from device.config.sources import check_source


def open_camera(
    source: str = "auto", settings: CameraSettings | None = None, framing: Framing | None = None
) -> FramedCamera:
    """Open the camera that ``source`` names (see ``SOURCES``).

    "auto" is a Raspberry Pi camera, else the first USB camera, else the demo camera. framing: where the geometry of its
    frames stands, if that may change; None is that of ``settings`` for good. Raises ConfigError if the source is of no
    known kind, CameraError if it is not there or cannot be opened.
    """
    check_source(source)
    settings = settings or CameraSettings()
    if source == "auto":
        source = find_source()
    return FramedCamera(_open(source, settings), framing or Framing(Geometry.of(settings)), settings)


def _open(source: str, settings: CameraSettings) -> Camera:
    """The camera itself; ``source`` is none but "auto"."""
    kind, _, rest = source.partition(":")
    if kind == "demo":
        from device.cameras.demo import DemoCamera

        return DemoCamera(settings, seed=int(rest or 0))
    if kind == "file":
        from device.cameras.files import open_file

        return open_file(Path(rest).expanduser())
    if kind == "picamera":
        from device.cameras.picamera import open_picamera

        return open_picamera(int(rest), settings)
    if kind == "v4l2" or source.startswith("/dev/"):
        from device.cameras.opencv import open_v4l2

        return open_v4l2(Path(f"/dev/video{rest}" if kind == "v4l2" else source), settings)
    from device.cameras.network.opening import open_url

    return open_url(source, settings)


def find_source() -> str:
    """The source that "auto" stands for on this machine."""
    if importlib.util.find_spec("picamera2") is not None:
        from device.cameras.picamera import camera_count

        if camera_count():
            return "picamera:0"
    return "v4l2:0" if Path("/dev/video0").exists() else "demo"
