"""What the tables ``[webhook]`` and ``[influx]`` must be besides what the types of their fields say."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from device.cameras.network.address import without_password
from device.config.fields import FieldError, is_host, shown
from device.config.settings import Config
from device.config.toml_lines import Key
from device.system.credentials import read_secret

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""Names of headers (RFC 9110, section 5.6.2)."""

TAKEN = ("host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key")
"""Headers that requests have already."""


def check_settings(config: Config) -> None:
    """Raises FieldError for what does not hold."""
    for name, table in (("webhook", config.webhook), ("influx", config.influx)):
        if table is None:
            continue
        if config.record is None:
            raise FieldError((name,), "expected a table [record] too: readings are delivered from the record")
        _check_url((name, "url"), table.url)
        if table.ca_file is not None and not table.url.startswith("https:"):
            raise FieldError((name, "ca_file"), "expected a url with https too: without it nothing is encrypted")
    if config.webhook is not None:
        header = config.webhook.header
        if not TOKEN.fullmatch(header) or header.lower() in TAKEN:
            raise FieldError(("webhook", "header"), f"expected the name of a header, not {shown(header)}")
    if config.influx is not None:
        for key in ("bucket", "org", "measurement", "reader"):
            text = getattr(config.influx, key)
            if text is not None and (not text.isprintable() or "\\" in text or not (text or key == "org")):
                raise FieldError(("influx", key), f"expected printable text without \\, not {shown(text)}")


def _check_url(key: Key, url: str) -> None:
    expected = "expected an address such as https://host:port/path, in ASCII"
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or not url.isascii() or not url.isprintable() or " " in url:
        raise FieldError(key, f"{expected}, not {shown(without_password(url))}")
    if "@" in urlsplit(url).netloc:
        raise FieldError(key, f"{expected}, without user and password; a file of its own holds a secret")


def header_value(path: Path, key: Key) -> str:
    """What a header can hold, from a file. key: of the setting that names the file. Raises FieldError as
    ``read_secret`` does, and for a secret that no header can hold."""
    secret = read_secret(path, key).strip()
    if not secret or not secret.isascii() or not secret.isprintable():
        raise FieldError(key, f"{path}: expected one line of printable ASCII")
    return secret
