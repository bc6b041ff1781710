"""Where frames come from: one protocol, one module per kind of source, ``open_camera`` to choose."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

from device.cameras.geometry import Framing
from device.cameras.network.address import PORTS, parse_url, without_password
from device.cameras.settings import CameraSettings
from device.config.fields import as_path, shown
from edge_digits.errors import CameraError, ConfigError
from edge_digits.types import Frame

if TYPE_CHECKING:
    from device.cameras.framed import FramedCamera

Kind = Literal["live", "video", "stills"]
"""live: frames come whether or not they are read, and only the newest counts. video: a recording, of which every
frame is read. stills: every frame is a picture of its own, so there is nothing to vote over."""

MOST_DIGITS = 18
"""Of a camera's number or the demo's seed."""

SOURCES = "auto, demo[:SEED], file:PATH, picamera:N, v4l2:N, /dev/videoN or a URL (http, https, rtsp)"


class Camera(Protocol):
    """A source of frames.

    Iterating gives frames, numbers rising, until the recording ends; a live camera that ends or stops delivering
    raises CameraError. Only one thread may iterate; ``close`` may be called from another one, and again.
    """

    name: str
    kind: Kind

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Let go of the device or file; does nothing the second time."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_camera(
    source: str = "auto", settings: CameraSettings | None = None, framing: Framing | None = None
) -> FramedCamera:
    """Open the camera that ``source`` names (see ``SOURCES``).

    "auto" is a Raspberry Pi camera, else the first USB camera, else the demo camera. framing: where the geometry of its
    frames stands, if that may change; None is that of ``settings`` for good. Raises ConfigError if the source is of no
    known kind, CameraError if it is not there or cannot be opened.
    """
    from device.cameras.framed import FramedCamera

    check_source(source)
    settings = settings or CameraSettings()
    if source == "auto":
        source = find_source()
    return FramedCamera(_open(source, settings), framing or Framing(settings.geometry), settings)


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


def check_source(source: str) -> None:
    """Raises ConfigError, as ``open_camera`` would, if ``source`` is of no known kind or holds no number or path."""
    kind, _, rest = source.partition(":")
    if kind in ("picamera", "v4l2") or (kind == "demo" and rest):
        _check_number(source, rest)
    elif is_url(source):
        parse_url(source)
    elif not (source in ("auto", "demo") or (kind == "file" and as_path(rest)) or source.startswith("/dev/")):
        raise ConfigError(f"unknown source '{without_password(source)}': expected {SOURCES}")


def is_url(source: str) -> bool:
    """Whether ``source`` is a camera on the network."""
    kind, _, rest = source.partition(":")
    return kind in PORTS and rest.startswith("//")


def find_source() -> str:
    """The source that "auto" stands for on this machine."""
    if importlib.util.find_spec("picamera2") is not None:
        from device.cameras.picamera import camera_count

        if camera_count():
            return "picamera:0"
    return "v4l2:0" if Path("/dev/video0").exists() else "demo"


def _check_number(source: str, digits: str) -> None:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DIGITS:
        example = f"{source.split(':')[0]}:0"
        said = f"a number of at most {MOST_DIGITS} digits is expected after the colon"
        raise ConfigError(f"source {shown(source)}: {said}, as in '{example}'")


__all__ = [
    "SOURCES",
    "Camera",
    "CameraError",
    "CameraSettings",
    "Frame",
    "Framing",
    "Kind",
    "find_source",
    "open_camera",
    "without_password",
]
