"""A webhook: each reading as one POST of the JSON that JSON lines have."""

from __future__ import annotations

from collections.abc import Sequence

from device.config.credentials import header_value
from device.config.settings import WebhookConfig
from device.sinks.delivery import Delivery
from device.sinks.http.client import Client, check, place
from device.sinks.jsonl import as_json
from device.sinks.record.sqlite import Record
from edge_digits.types import Reading

NAME = "webhook"
"""Of this sink among those that the record delivers to, and of its table."""


def open_client(config: WebhookConfig) -> Client:
    """Raises FieldError for a file that cannot be used."""
    headers = {"Content-Type": "application/json", "User-Agent": "edge-digits"}
    if config.secret_file is not None:
        headers[config.header] = header_value(config.secret_file, (NAME, "secret_file"))
    return Client(config.url, headers, config.ca_file, config.timeout, (NAME,))


def open_webhook(config: WebhookConfig, record: Record) -> Delivery:
    """A sink behind ``record``, which was opened to deliver to ``NAME``. Raises FieldError as ``open_client`` does; a
    server that is away is no error."""
    client = open_client(config)

    def post(readings: Sequence[Reading]) -> None:
        for reading in readings:
            # After an answer that was lost the same reading comes again, and can be told by this
            # (draft-ietf-httpapi-idempotency-key-header).
            check(client.post(as_json(reading).encode(), {"Idempotency-Key": f'"{reading.id}"'}))

    return Delivery(NAME, place(config.url), record, post, batch=1)
