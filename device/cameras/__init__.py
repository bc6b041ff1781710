"""Where frames come from: one protocol, one module per kind of source, ``open_camera`` to choose."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

from device.fields import as_path, shown
from edge_digits.errors import CameraError, ConfigError
from edge_digits.types import Frame

Kind = Literal["live", "video", "stills"]
"""live: frames come whether or not they are read, and only the newest counts. video: a recording, of which every
frame is read. stills: every frame is a picture of its own, so there is nothing to vote over."""

PATIENT_FRAMES = 3.0
"""Frames that a camera must have had the time for before it can count as lost."""

MOST_DIGITS = 18
"""Of a camera's number or the demo's seed."""

SOURCES = "auto, demo[:SEED], file:PATH, picamera:N, v4l2:N, /dev/videoN or a URL (http, https, rtsp)"


@dataclass(frozen=True)
class CameraSettings:
    """What a camera is asked for; one that cannot do it gives what comes nearest.

    width, height: of the frames, in pixels. frame_rate: frames per second. Recordings and pictures keep their own.
    timeout: seconds without a frame after which a live camera is closed and opened again, if they are enough for a few.
    """

    width: int = field(default=1280, metadata={"least": 64, "most": 8192})
    height: int = field(default=960, metadata={"least": 64, "most": 8192})
    frame_rate: float = field(default=15.0, metadata={"least": 0.1, "most": 240})
    timeout: float = field(default=10.0, metadata={"least": 1.0, "most": 86400.0})

    @property
    def longest_silence(self) -> float:
        """Seconds without a frame after which a live camera counts as lost: ``timeout``, but a slow camera that is
        well must not be taken for one."""
        return max(self.timeout, PATIENT_FRAMES / self.frame_rate)


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


def open_camera(source: str = "auto", settings: CameraSettings | None = None) -> Camera:
    """Open the camera that ``source`` names (see ``SOURCES``).

    "auto" is a Raspberry Pi camera, else the first USB camera, else the demo camera. Raises ConfigError if the source
    is of no known kind, CameraError if it is not there or cannot be opened.
    """
    check_source(source)
    settings = settings or CameraSettings()
    if source == "auto":
        source = find_source()
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
    from device.cameras.opencv import open_url

    return open_url(source)


def check_source(source: str) -> None:
    """Raises ConfigError, as ``open_camera`` would, if ``source`` is of no known kind or holds no number or path."""
    kind, _, rest = source.partition(":")
    if kind in ("picamera", "v4l2") or (kind == "demo" and rest):
        _check_number(source, rest)
    elif not (
        source in ("auto", "demo")
        or (kind == "file" and as_path(rest))
        or source.startswith("/dev/")
        or (kind in ("http", "https", "rtsp") and rest.startswith("//"))
    ):
        raise ConfigError(f"unknown source '{without_password(source)}': expected {SOURCES}")


def without_password(source: str) -> str:
    """``source`` without user and password, if it is a URL: to be shown and logged.

    Passwords are written with @ and / in them, though URLs allow neither; so all up to the last @ goes, at the price of
    a part of those paths that hold one.
    """
    return re.sub(r"//.*@", "//", source, flags=re.DOTALL)


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


__all__ = ["SOURCES", "Camera", "CameraError", "CameraSettings", "Frame", "Kind", "find_source", "open_camera"]
