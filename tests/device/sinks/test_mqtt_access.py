"""A broker whose access list lets the reader do this or that."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Broker, Listener, needs_mosquitto
from mqtt_helpers import SCORE, config, hand_over, reading, until

from device.config.settings import MqttConfig
from device.sinks.mqtt import MqttSink
from device.sinks.record.sqlite import Record

pytestmark = pytest.mark.slow

DOCUMENTED = Path(__file__).parents[3] / "docs" / "guide" / "mqtt.md"
VERSION_0_1 = """\
user homeassistant
topic readwrite #

pattern write edge-digits/%c/#
pattern write homeassistant/sensor/%c/#
"""
SAID = "the reader may not read its own topics there"


class Guarded:
    """A broker with an access list, and the reader that is ``desk`` there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, access: str) -> tuple[Broker, MqttConfig, Listener]:
        (self._folder / "acl").write_text(access)
        passwords = self._folder / "passwords"
        passwords.touch()
        for user in ("homeassistant", "desk"):
            subprocess.run(["mosquitto_passwd", "-b", passwords, user, "secret"], check=True, capture_output=True)
        (self._folder / "secret").write_text("secret")
        lines = f"allow_anonymous false\npassword_file {passwords}\nacl_file {self._folder / 'acl'}"
        self.broker = Broker(self._folder, lines)
        self.broker.start()
        settings = config(
            self.broker.port, client_id="desk", username="desk", password_file=self._folder / "secret", pictures=True
        )
        self.listener = Listener(self.broker.port, username="homeassistant", password="secret")
        return self.broker, settings, self.listener


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    guarded = Guarded(tmp_path)
    yield guarded
    guarded.listener.close()
    guarded.broker.close()


@needs_mosquitto
def test_with_the_access_list_of_the_documentation_the_reader_can_do_all_it_does(
    guarded: Guarded, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    [access] = re.findall(r"```\n(# /etc/mosquitto/acl: .*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    _, settings, listener = guarded.start(access)
    sink = MqttSink(settings, record, SCORE)
    hand_over(range(1), record, sink)
    until(lambda: "homeassistant/image/desk/score/config" in {topic for topic, _ in listener.messages})
    until(lambda: listener.ids == [reading(0).id])
    sink.close()
    assert SAID not in caplog.text


@needs_mosquitto
def test_where_the_reader_may_only_write_it_delivers_and_says_what_does_not_work(
    guarded: Guarded, record: Record, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.mqtt.connection.ANSWER_SECONDS", 0.3)
    _, settings, listener = guarded.start(VERSION_0_1)
    for number in range(2):
        sink = MqttSink(settings, record, SCORE)
        hand_over(range(number, number + 1), record, sink)
        until(lambda n=number: reading(n).id in listener.ids)
        sink.close()
    assert caplog.text.count(SAID) == 2
    assert [reading(0).id, reading(1).id] == list(dict.fromkeys(listener.ids))
