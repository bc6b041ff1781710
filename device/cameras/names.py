"""What names a camera: ``picamera:0``, ``v4l2:0``, ``file:PATH``, a URL."""

from __future__ import annotations

from device.cameras.network.address import PORTS, parse_url, without_password
from device.config.fields import as_path, shown
from edge_digits.errors import ConfigError

MOST_DIGITS = 18
"""Of a camera's number or the demo's seed."""

SOURCES = "auto, demo[:SEED], file:PATH, picamera:N, v4l2:N, /dev/videoN or a URL (http, https, rtsp)"


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


def _check_number(source: str, digits: str) -> None:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DIGITS:
        example = f"{source.split(':')[0]}:0"
        said = f"a number of at most {MOST_DIGITS} digits is expected after the colon"
        raise ConfigError(f"source {shown(source)}: {said}, as in '{example}'")
