"""What is removed from the record, and when; what waits for delivery stays."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from records import NOW, reading, refusal, rows, until

from device.config.settings import RecordConfig
from device.sinks.record.database import connect, remove_older, shrink, used_bytes
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


def test_entries_older_than_keep_days_are_removed_but_never_the_newest(path: Path) -> None:
    record = Record(RecordConfig(path, keep_days=1), upkeep_seconds=0.02, clock=lambda: NOW)
    for days in range(5, 1, -1):
        record.publish(reading(days, NOW - days * 86_400))
        record.refuse(refusal(days, NOW - days * 86_400))
    until(lambda: rows(path, "SELECT text FROM readings") == [("2",)])
    until(lambda: rows(path, "SELECT text FROM refusals") == [])
    record.publish(reading(0))
    until(lambda: rows(path, "SELECT text FROM readings") == [("0",)])
    record.close()


@pytest.mark.parametrize("jumps_while_it_runs", [True, False])
def test_a_clock_that_jumps_ahead_does_not_empty_the_record(path: Path, jumps_while_it_runs: bool) -> None:
    ahead = NOW + 1e9
    record = Record(RecordConfig(path))
    for number in range(3):
        record.publish(reading(number))
        record.refuse(refusal(number))
    record.close()
    now, looks = NOW if jumps_while_it_runs else ahead, 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return now

    record = Record(RecordConfig(path), upkeep_seconds=0.01, clock=clock)
    now = ahead
    record.publish(reading(3, ahead))
    enough = looks + 5
    until(lambda: looks > enough)
    record.close()
    assert rows(path, "SELECT count(*) FROM readings") == [(4,)]
    assert rows(path, "SELECT count(*) FROM refusals") == [(3,)]


def test_the_first_run_of_a_record_is_not_emptied_by_a_jump_either(path: Path) -> None:
    times = iter([NOW, *[NOW + 1e9] * 5])
    over = threading.Event()

    def clock() -> float:
        at = next(times, None)
        if at is None:
            over.set()
        return NOW + 1e9 if at is None else at

    record = Record(RecordConfig(path), upkeep_seconds=0.01, clock=clock)
    for number in range(3):
        record.publish(reading(number))
    assert over.wait(10)
    record.close()
    assert rows(path, "SELECT count(*) FROM readings") == [(3,)]


def test_entries_from_the_future_do_not_keep_those_after_them(path: Path) -> None:
    record = Record(RecordConfig(path, keep_days=1))
    for number in range(200):
        at = NOW + 1e9 if number < 100 else NOW - 5 * 86_400
        record.publish(reading(number, at))
        record.refuse(refusal(number, at))
    record.publish(reading(200, NOW))
    record.close()
    with closing(connect(path)) as connection:
        assert remove_older(connection, NOW - 86_400, NOW) == 200
    assert rows(path, "SELECT count(*) FROM readings") == [(101,)]


def test_readings_that_wait_for_delivery_are_kept_however_old(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in range(200):
        record.publish(reading(number, NOW - 1e6))
    outbox = Outbox(record, "mqtt")
    outbox.delivered(outbox.undelivered(50)[-1][0])
    outbox.close()
    with closing(connect(path)) as connection:
        assert remove_older(connection, NOW, delivers_to=["mqtt"]) == 50
    record.close()
    assert rows(path, "SELECT count(*) FROM readings") == [(150,)]
    # Without MQTT in the configuration nobody waits for them.
    record = Record(RecordConfig(path))
    with closing(connect(path)) as connection:
        assert remove_older(connection, NOW) == 149
    record.close()


def test_the_file_stays_within_max_megabytes_the_newest_in_it(path: Path) -> None:
    record = Record(RecordConfig(path, max_megabytes=1), upkeep_seconds=0.02)
    noise = np.random.default_rng(0).integers(0, 255, (60, 320), dtype=np.uint8)
    for number in range(400):
        record.refuse(refusal(number), noise)
        record.publish(reading(number))
    with closing(connect(path)) as connection:
        until(lambda: used_bytes(connection) <= 1e6)
        time.sleep(0.1)
        assert rows(path, "SELECT count(*) FROM readings") == [(400,)]
        assert 10 < rows(path, "SELECT count(*) FROM refusals")[0][0] < 200
        assert rows(path, "SELECT max(text + 0) FROM refusals") == [(399,)]
    record.close()
    assert path.stat().st_size < 1.3e6


def test_only_a_record_without_room_loses_what_waits_and_it_is_counted(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in range(2000):
        record.publish(reading(number))
    with closing(connect(path)) as connection:
        lost = shrink(connection, 100_000, ["mqtt"])
        assert used_bytes(connection) <= 100_000
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (2000 - lost,)
    record.close()


def test_a_reader_without_mqtt_forgets_nothing_that_waits_for_it(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in (1, 2):
        record.publish(reading(number))
    beside = Record(RecordConfig(path))
    beside.publish(reading(3))
    beside.close()
    record.close()
    record = Record(RecordConfig(path), delivers_to="mqtt")
    outbox = Outbox(record, "mqtt")
    assert [r for _, r in outbox.undelivered(9)] == [reading(1), reading(2), reading(3)]
    outbox.close()
    record.close()


def test_what_the_slowest_of_several_sinks_has_not_taken_is_kept(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to=["mqtt", "webhook"])
    for number in range(200):
        record.publish(reading(number, NOW - 1e6))
    for sink, taken in (("mqtt", 150), ("webhook", 50)):
        outbox = Outbox(record, sink)
        outbox.delivered(outbox.undelivered(taken)[-1][0])
        outbox.close()
    with closing(connect(path)) as connection:
        assert remove_older(connection, NOW, delivers_to=["mqtt", "webhook"]) == 50
        assert remove_older(connection, NOW, delivers_to=["mqtt"]) == 100
        assert shrink(connection, 1, ["mqtt"]) == 49
    record.close()


def test_what_a_sink_that_is_gone_never_took_does_not_count_as_lost(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in range(2000):
        record.publish(reading(number))
    record.close()
    with closing(connect(path)) as connection:
        assert shrink(connection, 100_000) == 0
