"""InfluxDB and what understands its line protocol over HTTP (docs.influxdata.com, "Write data with the API", v2)."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Sequence
from urllib.parse import urlencode

from device.config.credentials import header_value
from device.config.settings import InfluxConfig
from device.sinks.delivery import Delivery
from device.sinks.http.client import Client, check, place
from device.sinks.record.sqlite import Record
from edge_digits.types import Reading

NAME = "influx"
"""Of this sink among those that the record delivers to, and of its table."""

BATCH = 500
"""Readings in one request: about 100 kB."""

MILLISECOND = 1_000_000
"""Nanoseconds."""


def open_client(config: InfluxConfig) -> Client:
    """Raises FieldError for a file that cannot be used."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "edge-digits"}
    if config.token_file is not None:
        headers["Authorization"] = f"Token {header_value(config.token_file, (NAME, 'token_file'))}"
    query = urlencode({"org": config.org, "bucket": config.bucket, "precision": "ns"})
    url = f"{config.url.rstrip('/')}/api/v2/write?{query}"
    return Client(url, headers, config.ca_file, config.timeout, (NAME,))


def open_influx(config: InfluxConfig, record: Record) -> Delivery:
    """A sink behind ``record``, which was opened to deliver to ``NAME``. Raises FieldError as ``open_client`` does; a
    server that is away is no error."""
    client = open_client(config)
    reader = config.reader or socket.gethostname().partition(".")[0]

    def post(readings: Sequence[Reading]) -> None:
        lines = [line(reading, config.measurement, reader) for reading in readings]
        check(client.post("\n".join(lines).encode(), {}))

    return Delivery(NAME, place(config.url), record, post, BATCH)


def line(reading: Reading, measurement: str, reader: str) -> str:
    """A reading in line protocol; its time in nanoseconds since the epoch.

    A point with the same time and tags takes the place of another, which is welcome when a reading comes twice, and not
    when a page has several lines. So the time is exact to the millisecond, and what follows is made of the id.
    """
    tags = f",reader={_escaped(reader, ', =')}"
    if reading.region:
        tags += f",region={_escaped(reading.region, ', =')}"
    fields = {
        "text": _quoted(reading.text),
        "confidence": f"{reading.confidence:.4f}",
        "frames": f"{int(reading.frames)}i",
        "id": _quoted(reading.id),
    }
    if reading.value is not None:
        fields["value"] = repr(float(reading.value))
    for name, words in (("alert", reading.alert), ("clock", reading.clock)):
        if words:
            fields[name] = _quoted(words)
    given = ",".join(f"{name}={value}" for name, value in fields.items())
    nanoseconds = round(reading.time * 1000) * MILLISECOND + _within_millisecond(reading.id)
    return f"{_escaped(measurement, ', ')}{tags} {given} {nanoseconds}"


def _within_millisecond(id: str) -> int:
    """Nanoseconds, the same for the same id, and hardly ever for another one."""
    return zlib.crc32(id.encode()) % MILLISECOND


def _escaped(name: str, special: str) -> str:
    return "".join(f"\\{character}" if character in special else character for character in name)


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
