"""A client of the broker that the configuration names, and one try whether it lets the reader in."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from device.config.credentials import read_secret
from device.config.fields import FieldError
from device.config.settings import MqttConfig
from device.sinks.mqtt.topics import client_id
from edge_digits.errors import EdgeDigitsError
from edge_digits.system.extras import require

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEEP_ALIVE = 30
"""Seconds; after one and a half times that the broker tells the others that this reader is gone."""


def address(config: MqttConfig) -> tuple[str, int]:
    """Host and port of the broker."""
    return config.host, config.port or (8883 if config.tls else 1883)


def make_client(config: MqttConfig, suffix: str = "") -> Client:
    """A client that is not connected yet. suffix: of its id; of two clients with one id, the broker throws out the
    first. config: as ``device.config.rules`` lets it pass. Raises FieldError for a file that cannot be read or that
    holds no password, RuntimeMissingError if paho-mqtt is not installed."""
    require("mqtt", "device")
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id(config) + suffix)
    if config.username is not None:
        file = config.password_file
        password = None if file is None else read_secret(file, ("mqtt", "password_file"))
        client.username_pw_set(config.username, password)
    if config.tls:
        try:
            client.tls_set(None if config.ca_file is None else str(config.ca_file.expanduser()))
        except OSError as error:
            raise FieldError(("mqtt", "ca_file"), f"{config.ca_file}: {error.strerror or error}") from error
    return client


def try_broker(config: MqttConfig, timeout: float = 5.0) -> None:
    """Connect once and leave again. Raises EdgeDigitsError, in one line, if that does not work within ``timeout``
    seconds; FieldError if it is the configuration."""
    host, port = address(config)
    client = make_client(config, suffix="-check")
    answered = threading.Event()
    answers: list[Any] = []

    def on_connect(_: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        answers.append(reason)
        answered.set()

    client.on_connect = on_connect
    client.connect_timeout = timeout
    try:
        client.connect(host, port, KEEP_ALIVE)
        client.loop_start()
        answered.wait(timeout)
    except OSError as error:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: {error.strerror or error}") from error
    finally:
        client.disconnect()
        client.loop_stop()
    if not answers:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: does not answer as an MQTT broker")
    if answers[0].is_failure:
        raise EdgeDigitsError(f"mqtt: {host}:{port}: the broker refuses: {answers[0]}")
