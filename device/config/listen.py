"""``web.listen``: where the page's server listens."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from device.config.fields import is_host
from edge_digits.errors import ConfigError

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Address:
    """host: a name or address. port: 0 is any free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """``HOST:PORT``, ``HOST``, ``:PORT`` (this computer) or ``[IPv6]:PORT``. Raises ConfigError."""
    host, separator, port = text.rpartition(":")
    if not separator or text.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = text, str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535 or not host.isprintable() or not is_host(host):
        raise ConfigError(f"expected HOST:PORT, as 127.0.0.1:{DEFAULT_PORT}, not {text!r}")
    return Address(host, int(port))
