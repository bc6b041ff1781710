"""What names a camera: ``picamera:0``, ``v4l2:0``, ``file:PATH``, a URL; where that is, and who asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from device.config.fields import as_path, is_host, shown
from edge_digits.errors import ConfigError

MOST_DIGITS = 18
"""Of a camera's number or the demo's seed."""

SOURCES = "auto, demo[:SEED], file:PATH, picamera:N, v4l2:N, /dev/videoN or a URL (http, https, rtsp)"

PORTS = {"http": 80, "https": 443, "rtsp": 554}
"""By scheme; others are none of a camera's."""

SAFE = "%/:=&?~#+!$,;'@()*[]"
"""Characters that stay as they are in a path or query: what cannot be there, such as a space, is written with %."""


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
        reason = f"a number of at most {MOST_DIGITS} digits is expected after the colon"
        raise ConfigError(f"source {shown(source)}: {reason}, as in '{example}'")


@dataclass(frozen=True)
class Address:
    """name: the URL for people. url: the same to be asked, without user and password too. user, password: None if there
    is none."""

    name: str
    url: str
    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    @property
    def with_credentials(self) -> str:
        """The URL with user and password in it, as FFmpeg wants them."""
        if self.user is None:
            return self.url
        begin, _, rest = self.url.partition("//")
        secret = "" if self.password is None else f":{quote(self.password, safe='')}"
        return f"{begin}//{quote(self.user, safe='')}{secret}@{rest}"


def parse_url(source: str) -> Address:
    """The address in a URL of http, https or rtsp. Raises ConfigError, in which no password stands."""
    name = without_password(source)
    scheme = source.partition(":")[0]
    wrong = ConfigError(f"source '{name}': expected {scheme}://HOST/…; / and # in a password are written %2F and %23")
    try:
        parts = urlsplit(source)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise wrong from None
    if not host or not is_host(host):
        raise wrong
    place = parts.netloc.rpartition("@")[2]
    url = urlunsplit((scheme, place, quote(parts.path, SAFE), quote(parts.query, SAFE), ""))
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Address(name, url, scheme, host, port or PORTS[scheme], user, password)


def without_password(source: str) -> str:
    """``source`` without user and password, if it is a URL: to be shown and logged.

    Passwords are written with @ and / in them, though URLs allow neither; so all up to the last @ goes, at the price of
    a part of those paths that hold one.
    """
    return re.sub(r"//.*@", "//", source, flags=re.DOTALL)
