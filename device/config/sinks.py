"""What names a sink: ``console``, ``jsonl:PATH``, ``sqlite:PATH``; and what ``[mqtt]``, ``[webhook]`` and ``[influx]``
must be besides what the types of their fields say."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from device.config.credentials import MOST_BYTES
from device.config.fields import FieldError, as_path, is_host, shown
from device.config.settings import Config, MqttConfig
from device.config.sources import without_password
from device.config.toml_lines import Key
from edge_digits.errors import ConfigError

SINKS = "console, jsonl:PATH, jsonl:- (standard output) or sqlite:PATH"

FILES = ("jsonl", "sqlite")
"""Kinds of sinks that name a file."""

MOST_TOPIC_BYTES = 16_000
"""Of each setting that a topic is put together from, so that the whole topic fits too."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""Names of headers (RFC 9110, section 5.6.2)."""

TAKEN = ("host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key")
"""Headers that requests have already."""


def check_sink(name: str) -> None:
    """Raises ConfigError, as ``open_sink`` would, if ``name`` is of no known kind or holds what can be no path."""
    kind, _, rest = name.partition(":")
    if name != "console" and not (kind in FILES and rest):
        raise ConfigError(f"unknown sink '{name}': expected {SINKS}")
    if rest and as_path(rest) is None:
        raise ConfigError(f"sink {name!r}: expected a path without zero bytes, and not in the home of an unknown user")


def check_deliveries(config: Config) -> None:
    """Raises FieldError for what does not hold in the tables of sinks that deliver from the record."""
    if config.mqtt is not None:
        if config.record is None:
            raise FieldError(("mqtt",), "expected a table [record] too: MQTT delivers from the record")
        _check_mqtt(config.mqtt)
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


def _check_mqtt(mqtt: MqttConfig) -> None:
    """Everything of it that would only come to light on paho's threads, and end them, or when the broker answers."""
    if not is_host(mqtt.host):
        raise FieldError(("mqtt", "host"), f"expected the name or the address of the broker, not {shown(mqtt.host)}")
    for key, value in (("base_topic", mqtt.base_topic), ("discovery", mqtt.discovery)):
        if set(value) & set("+#\0") or (key == "base_topic" and not value.strip("/")):
            raise FieldError(("mqtt", key), f"expected the beginning of a topic, without + and #, not {shown(value)}")
    for key, value, most in (
        ("username", mqtt.username, MOST_BYTES),
        ("client_id", mqtt.client_id, MOST_TOPIC_BYTES),
        ("base_topic", mqtt.base_topic, MOST_TOPIC_BYTES),
        ("discovery", mqtt.discovery, MOST_TOPIC_BYTES),
    ):
        size = len((value or "").encode())
        if size > most or "\0" in (value or ""):
            raise FieldError(("mqtt", key), f"expected at most {most} bytes, none of them zero; these are {size}")
    # Said of the key that is there: the line of the other one cannot be told.
    if mqtt.password_file is not None and mqtt.username is None:
        raise FieldError(("mqtt", "password_file"), "expected a username too: without one no password is sent")
    if mqtt.ca_file is not None and not mqtt.tls:
        raise FieldError(("mqtt", "ca_file"), "expected tls = true too: without it nothing is encrypted")


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
