"""MQTT against a real broker: every reading arrives, with its id, whatever happens to the broker or the reader.

EDGE_DIGITS_READINGS says how many are sent while the broker is killed three times; ``.ci/extended delivery`` sends
10,000.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Broker, Gate, Listener, free_port, needs_mosquitto
from mqtt_helpers import SCORE, config, hand_over, reading, until

from device.config.settings import RecordConfig
from device.sinks.mqtt import NAME, MqttSink, try_broker
from device.sinks.record.sqlite import Record
from edge_digits.errors import ConfigError, EdgeDigitsError

READINGS = int(os.environ.get("EDGE_DIGITS_READINGS", "1000"))
ON_THEIR_WAY = 100
"""At most, when the broker is killed."""


@needs_mosquitto
def test_a_reading_arrives_as_json_with_its_id_and_is_retained(
    broker: Broker, listener: Listener, record: Record
) -> None:
    sink = MqttSink(config(broker.port), record, SCORE)
    hand_over(range(1), record, sink)
    until(lambda: listener.ids == [reading(0).id])
    topic, payload = next(message for message in listener.messages if "/reading/" in message[0])
    assert topic == "edge-digits/desk_cam/reading/score"
    assert json.loads(payload)["text"] == "0"
    late = Listener(broker.port)
    until(lambda: late.retained.get(topic) == payload)
    late.close()
    sink.close()


@needs_mosquitto
def test_discovery_can_be_turned_off(broker: Broker, listener: Listener, record: Record) -> None:
    sink = MqttSink(config(broker.port, discovery="", base_topic="house/desk"), record)
    until(lambda: ("house/desk/desk_cam/camera", "offline") in listener.messages)
    sink.close()
    until(lambda: ("house/desk/desk_cam/availability", "offline") in listener.messages)
    assert all(topic.startswith("house/desk/desk_cam/") for topic, _ in listener.messages)


@needs_mosquitto
def test_the_broker_says_offline_when_the_reader_vanishes(broker: Broker, listener: Listener, record: Record) -> None:
    gate = Gate(broker.port)
    gate.open()
    sink = MqttSink(config(gate.port), record)
    until(lambda: ("edge-digits/desk_cam/availability", "online") in listener.messages)
    gate.cut()
    until(lambda: ("edge-digits/desk_cam/availability", "offline") in listener.messages)
    sink.close()


@needs_mosquitto
def test_all_readings_arrive_though_the_broker_is_killed_under_load(
    broker: Broker, listener: Listener, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    # What a killed broker had acknowledged and not yet passed on is gone, and no fault of the sender. So the listener
    # takes part without acknowledgements (the broker writes to it first), and is back before the way is open again.
    gate = Gate(broker.port)
    gate.open()
    sink = MqttSink(config(gate.port), record, backoff=(1, 2))
    writer = threading.Thread(target=hand_over, args=(range(READINGS), record, sink))
    writer.start()
    for received in (READINGS // 20, 3 * READINGS // 10, 7 * READINGS // 10):
        until(lambda n=received: len(listener.ids) >= n)
        broker.kill()
        gate.cut()
        until(lambda: not listener.subscribed.is_set())
        broker.start()
        assert listener.subscribed.wait(60)
        gate.open()
    writer.join()
    expected = {reading(number).id for number in range(READINGS)}
    until(lambda: len(listener.ids) >= READINGS and set(listener.ids) == expected)
    sink.close()
    # Sent again is only what was on its way.
    assert len(listener.ids) <= READINGS + 3 * ON_THEIR_WAY
    assert caplog.text.count("readings wait in the record") == caplog.text.count("connected again") == 3


@needs_mosquitto
def test_a_broker_that_was_away_gets_everything_in_order_and_the_reader_did_not_wait(
    broker: Broker, listener: Listener, record: Record
) -> None:
    gate = Gate(broker.port)
    sink = MqttSink(config(gate.port), record, backoff=(1, 1))
    began = time.monotonic()
    hand_over(range(300), record, sink)
    assert time.monotonic() - began < 5.0
    gate.open()
    until(lambda: len(listener.ids) >= 300)
    assert listener.ids == [reading(number).id for number in range(300)]
    sink.close()


@needs_mosquitto
def test_the_next_run_delivers_what_the_last_one_could_not(broker: Broker, listener: Listener, record: Record) -> None:
    away = MqttSink(config(free_port()), record)
    hand_over(range(50), record, away)
    away.close()
    for numbers in (range(50, 60), range(60, 70)):
        sink = MqttSink(config(broker.port), record)
        hand_over(numbers, record, sink)
        until(lambda n=numbers.stop: len(listener.ids) >= n)
        sink.close()
    assert listener.ids == [reading(number).id for number in range(70)]


@needs_mosquitto
def test_a_full_disk_keeps_no_reading_from_the_broker(
    broker: Broker, listener: Listener, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    sink = MqttSink(config(broker.port), record)
    hand_over(range(5), record, sink)
    until(lambda: len(listener.ids) == 5)
    monkeypatch.setattr("device.sinks.record.entries._INSERT_READING", "INSERT INTO nowhere VALUES (1)")
    hand_over(range(5, 10), record, sink)
    until(lambda: len(listener.ids) == 10)
    monkeypatch.undo()
    record._retry_at = 0.0
    hand_over(range(10, 15), record, sink)
    until(lambda: len(listener.ids) >= 15)
    sink.close()
    assert listener.ids == [reading(number).id for number in range(15)]


@needs_mosquitto
def test_a_new_record_in_the_place_of_a_damaged_one_is_delivered_too(
    broker: Broker, listener: Listener, record: Record
) -> None:
    sink = MqttSink(config(broker.port), record)
    hand_over(range(5), record, sink)
    until(lambda: len(listener.ids) == 5)
    record._disconnect()
    record._replace("is damaged")
    hand_over(range(5, 8), record, sink)
    until(lambda: len(listener.ids) >= 8)
    sink.close()
    assert listener.ids == [reading(number).id for number in range(8)]


@needs_mosquitto
def test_damage_that_only_delivery_meets_with_does_not_stop_it_for_ever(
    broker: Broker, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.mqtt.sink.RETRY_SECONDS", 0.05)
    path = tmp_path / "readings.sqlite"
    record = Record(RecordConfig(path), delivers_to=NAME)
    hand_over(range(1000), record)
    record.close()
    with path.open("r+b") as file:
        file.seek(path.read_bytes().rindex(reading(0).id.encode()) // 4096 * 4096)
        file.write(bytes(4096))
    record = Record(RecordConfig(path), delivers_to=NAME)
    sink = MqttSink(config(broker.port), record)

    def arrived() -> bool:
        hand_over(range(1000, 1001), record, sink)
        return reading(1000).id in listener.ids

    until(arrived)
    sink.close()
    record.close()


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Broker, Path]]:
    """A broker that wants TLS and a password ("reader": "käse"), and its certificate authority."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *name, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    passwords = tmp_path / "passwords"
    passwords.touch()
    subprocess.run(["mosquitto_passwd", "-b", passwords, "reader", "käse"], check=True, capture_output=True)
    passwords.chmod(0o644)
    broker = Broker(
        tmp_path,
        f"allow_anonymous false\npassword_file {passwords}\ncertfile {certificate}\nkeyfile {key}\n",
    )
    broker.start()
    yield broker, certificate
    broker.close()


@pytest.mark.slow
@needs_mosquitto
def test_tls_and_a_password_from_a_file(secured: tuple[Broker, Path], record: Record, tmp_path: Path) -> None:
    broker, authority = secured
    (tmp_path / "password").write_text("käse\n", encoding="utf-8")
    listener = Listener(broker.port, username="reader", password="käse", ca=str(authority))
    settings = config(broker.port, tls=True, ca_file=authority, username="reader", password_file=tmp_path / "password")
    try_broker(settings)
    sink = MqttSink(settings, record)
    hand_over(range(3), record, sink)
    until(lambda: len(listener.ids) == 3)
    sink.close()
    listener.close()


@pytest.mark.slow
@needs_mosquitto
def test_a_systemd_credential_of_that_name_is_the_password(
    secured: tuple[Broker, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, authority = secured
    (tmp_path / "mqtt-password").write_text("käse", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret = Path("/etc/edge-digits/mqtt-password")
    try_broker(config(broker.port, tls=True, ca_file=authority, username="reader", password_file=secret))


@pytest.mark.slow
@needs_mosquitto
def test_a_wrong_password_and_an_unknown_authority_are_said(
    secured: tuple[Broker, Path], record: Record, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker, authority = secured
    (tmp_path / "password").write_text("cheese", encoding="utf-8")
    settings = config(broker.port, tls=True, ca_file=authority, username="reader", password_file=tmp_path / "password")
    with pytest.raises(EdgeDigitsError, match="the broker refuses: Not authorized"):
        try_broker(settings)
    sink = MqttSink(settings, record)
    until(lambda: "the broker refuses: Not authorized; readings wait in the record" in caplog.text)
    sink.close()
    with pytest.raises(EdgeDigitsError, match=rf"^mqtt: 127\.0\.0\.1:{broker.port}: .*certificate"):
        try_broker(config(broker.port, tls=True, username="reader", password_file=tmp_path / "password"))


@needs_mosquitto
def test_a_check_leaves_a_running_reader_alone(broker: Broker, listener: Listener, record: Record) -> None:
    sink = MqttSink(config(broker.port), record)
    until(lambda: ("edge-digits/desk_cam/availability", "online") in listener.messages)
    try_broker(config(broker.port))
    hand_over(range(1), record, sink)
    until(lambda: len(listener.ids) == 1)
    assert ("edge-digits/desk_cam/availability", "offline") not in listener.messages
    sink.close()


def test_try_broker_names_what_does_not_answer() -> None:
    with pytest.raises(EdgeDigitsError, match=r"Connection refused$"):
        try_broker(config(free_port()))
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(EdgeDigitsError, match=r"does not answer as an MQTT broker$"):
        try_broker(config(silent.getsockname()[1]), timeout=0.3)


def test_a_broker_that_hangs_does_not_keep_the_reader_from_ending(record: Record) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sink = MqttSink(config(silent.getsockname()[1]), record)
        hand_over(range(3), record, sink)
        time.sleep(0.2)
        began = time.monotonic()
        sink.close()
        sink.close()
        assert time.monotonic() - began < 5.0


def test_a_broker_that_is_away_is_said_once(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sink = MqttSink(config(free_port()), record, backoff=(1, 1))
        until(lambda: "cannot be reached" in caplog.text)
        time.sleep(0.3)
        sink.close()
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"password_file": Path("none"), "username": "reader"}, "mqtt.password_file: none: No such file or directory"),
        ({"ca_file": Path("none"), "tls": True}, "mqtt.ca_file: none: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(record: Record, settings: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        MqttSink(config(1883, **settings), record)
    assert str(caught.value).startswith(message)
