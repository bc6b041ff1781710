"""Two readers with one client id drop each other: it is said once, and they do so less and less often."""

from __future__ import annotations

from pathlib import Path

import pytest
from broker import Broker, Gate, needs_mosquitto
from mqtt_helpers import SCORE, config, hand_over, until

from device.config.settings import RecordConfig
from device.sinks.mqtt import NAME, MqttSink
from device.sinks.mqtt.takeover import FIRST_WAIT, LONGEST_WAIT, MOST_SHORT, SHORT, Takeover
from device.sinks.record.sqlite import Record


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def lose(takeover: Takeover, clock: Clock, seconds: float) -> bool:
    """A connection that lasts for ``seconds``."""
    takeover.connected()
    clock.now += seconds
    return takeover.lost()


def test_short_connections_in_a_row_are_noticed_once_and_then_made_less_often() -> None:
    takeover = Takeover(clock := Clock())
    noticed = [lose(takeover, clock, 1.0) for _ in range(MOST_SHORT)]
    assert noticed == [False] * (MOST_SHORT - 1) + [True]
    waits = [takeover.wait]
    for _ in range(4):
        assert not lose(takeover, clock, 1.0)
        waits.append(takeover.wait)
    assert waits[0] == FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_connection_that_lasts_in_between_is_no_takeover() -> None:
    takeover = Takeover(clock := Clock())
    for _ in range(3):
        for _ in range(MOST_SHORT - 1):
            assert not lose(takeover, clock, 1.0)
        assert not lose(takeover, clock, SHORT + 1.0)
    assert not takeover.is_on


def test_that_the_other_one_waits_does_not_mean_that_it_is_gone() -> None:
    takeover = Takeover(clock := Clock())
    for _ in range(MOST_SHORT):
        lose(takeover, clock, 1.0)
    takeover.connected()
    clock.now += FIRST_WAIT
    assert not takeover.may_be_over
    clock.now += FIRST_WAIT + 1.0
    assert takeover.may_be_over


@needs_mosquitto
def test_two_readers_with_one_client_id_say_so_and_both_deliver(
    broker: Broker, record: Record, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.mqtt.takeover.FIRST_WAIT", 5.0)
    other = Record(RecordConfig(tmp_path / "other.sqlite"), delivers_to=NAME)
    sinks = [MqttSink(config(broker.port), each, SCORE, backoff=(1, 1)) for each in (record, other)]
    until(lambda: "most often another client has the client_id 'desk cam', too" in caplog.text)
    hand_over(range(3), record, sinks[0])
    hand_over(range(3, 6), other, sinks[1])
    until(lambda: all(sink._told == sink._news for sink in sinks))
    for sink in sinks:
        sink.close()
    other.close()
    said = [line for line in caplog.messages if "most often" in line]
    assert 1 <= len(said) <= 2
    # Nothing is said of every single time.
    assert len(caplog.messages) <= 4 * MOST_SHORT


@needs_mosquitto
def test_a_way_that_is_cut_now_and_then_is_no_takeover(
    broker: Broker, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(broker.port)
    sink = MqttSink(config(gate.port), record, SCORE, backoff=(1, 1))
    for _ in range(2):
        gate.open()
        until(lambda: sink._connection.is_on)
        gate.cut()
        until(lambda: not sink._connection.is_on)
    sink.close()
    assert "most often" not in caplog.text
