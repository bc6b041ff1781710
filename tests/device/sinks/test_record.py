"""The record: everything is in it once it was handed over, whatever happens to the process or the disk."""

from __future__ import annotations

import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import NOW, reading, refusal, rows

from device.config.settings import RecordConfig
from device.guard.memory import Memory
from device.sinks.opening import open_sink
from device.sinks.record.database import connect
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record
from edge_digits.types import Box, Reading

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


def test_a_reading_is_in_the_file_when_publish_returns(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.publish(Reading("12 34", 0.875, Box(1, 2, 3, 4), NOW, 6, "score", "accepted again", "a1", 12.34, "set back"))
    assert rows(path, "SELECT * FROM readings") == [
        (1, "a1", NOW, "score", "12 34", 0.875, 1, 2, 3, 4, 6, "accepted again", 12.34, "set back", None)
    ]
    record.close()


def test_what_is_in_the_file_waits_no_longer_for_whoever_looks_at_both(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that is committed, and still seems to wait, would be delivered twice."""
    record = Record(RecordConfig(path))
    commit, waiting = record._commit, []
    looks = threading.Thread(target=lambda: waiting.append(record.unrecorded()))

    def commit_and_pause() -> None:
        commit()
        looks.start()
        looks.join(0.2)

    monkeypatch.setattr(record, "_commit", commit_and_pause)
    record.publish(reading())
    looks.join()
    assert waiting == [[]]
    record.close()


def test_a_refusal_is_recorded_with_its_reason_and_a_small_picture(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.refuse(refusal(7), np.full((200, 1000), 128, np.uint8))
    record.close()
    [(text, reason, picture)] = rows(path, "SELECT text, reason, picture FROM refusals")
    assert (text, reason) == ("7", "3 digits, expected 2")
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None and decoded.shape == (64, 320)


def test_pictures_can_be_left_out(path: Path) -> None:
    record = Record(RecordConfig(path, pictures=False))
    record.refuse(refusal(), np.zeros((8, 8), np.uint8))
    record.refuse(refusal())
    record.close()
    assert rows(path, "SELECT picture FROM refusals") == [(None,), (None,)]


def test_a_record_goes_on_where_it_ended(path: Path) -> None:
    for number in (1, 2):
        sink = open_sink(f"sqlite:{path}")
        sink.publish(reading(number))
        sink.close()
        sink.close()
    assert rows(path, "SELECT text FROM readings") == [("1",), ("2",)]


def test_a_commit_writes_a_few_pages_and_waits_for_no_disk(path: Path) -> None:
    record = Record(RecordConfig(path), upkeep_seconds=3600)
    written = Path("/proc/self/io")
    if not written.is_file():
        pytest.skip("only Linux counts what a process writes")

    def bytes_written() -> int:
        return int(dict(line.split(": ") for line in written.read_text().splitlines())["wchar"])

    before = bytes_written()
    for number in range(100):
        record.remember("score", Memory(tuple((NOW + k, 1.5 * k + number) for k in range(20)), str(number)))
        record.publish(reading(number))
    per_reading = (bytes_written() - before) / 100
    record.close()
    assert per_reading < 10_000, per_reading


@pytest.mark.slow
def test_what_was_handed_over_survives_kill_9(path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from device.config.settings import RecordConfig
from device.guard.memory import Memory
from device.sinks.record.sqlite import Record
from edge_digits.types import Box, Reading
record = Record(RecordConfig(Path(sys.argv[1])), upkeep_seconds=0.001)
for number in range(10**9):
    reading = Reading(str(number), 0.9, Box(1, 2, 3, 4), time.time(), 6)
    record.publish(reading)
    print(reading.id, flush=True)
"""
    rng = random.Random(6)
    handed_over: list[str] = []
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        handed_over.append(process.stdout.readline().decode().strip())
        time.sleep(rng.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        handed_over += [line.strip().decode() for line in process.stdout if line.endswith(b"\n")]
        process.stdout.close()
        process.wait()
        with closing(connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(handed_over) > 100
    assert set(handed_over) <= {id for (id,) in rows(path, "SELECT id FROM readings")}


FULL_DISK = """
import logging, resource, sys, time
from pathlib import Path
from device.config.settings import RecordConfig
from device.guard.memory import Memory
from device.sinks.record import sqlite
from edge_digits.types import Box, Reading
logging.basicConfig(format="%(message)s")
sqlite.RETRY_SECONDS, sqlite.SETTLED_SECONDS = 0.01, 0.0
record = sqlite.Record(RecordConfig(Path(sys.argv[1])))
limit = {1000: 1, 3000: resource.RLIM_INFINITY}
for number in range(4000):
    if number in limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit[number], resource.RLIM_INFINITY))
        time.sleep(0.02)
    record.publish(Reading(str(number), 0.9, Box(1, 2, 3, 4), time.time(), 6))
record.close()
"""


@pytest.mark.slow
def test_a_full_disk_stops_recording_not_reading_and_says_so_once(path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0
    begun, ended = process.stderr.splitlines()
    assert begun.startswith(f"{path}: cannot be written (")
    assert begun.endswith("); reading goes on without a record")
    # The last thousand of two waited in memory.
    assert ended == f"{path}: is written again; 1001 entries were lost"
    texts = [int(text) for (text,) in rows(path, "SELECT text FROM readings ORDER BY seq")]
    assert texts == [*range(1000), *range(2001, 4000)]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_that_was_full_from_the_start_is_used_once_there_is_room(
    tiny_disk: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    monkeypatch.setattr("device.sinks.record.sqlite.SETTLED_SECONDS", 0.0)
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(200 * 1024))
    record = Record(RecordConfig(tiny_disk / "readings.sqlite"))
    record.publish(reading(1))
    assert [r.text for r in record.unrecorded()] == ["1"]
    assert "is full" in caplog.text
    ballast.unlink()
    record.publish(reading(2))
    assert record.unrecorded() == []
    assert caplog.text.count("cannot be written") == caplog.text.count("is written again") == 1
    record.close()
    assert rows(tiny_disk / "readings.sqlite", "SELECT text FROM readings") == [("1",), ("2",)]


def test_an_outbox_goes_on_where_it_ended(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.publish(reading(0))
    record.close()
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in (1, 2, 3):
        record.publish(reading(number))
    outbox = Outbox(record, "mqtt")
    assert [r for _, r in outbox.undelivered(2)] == [reading(1), reading(2)]
    outbox.delivered(outbox.undelivered(2)[-1][0])
    outbox.close()
    outbox = Outbox(record, "mqtt")
    assert [r for _, r in outbox.undelivered(2)] == [reading(3)]
    outbox.close()
    record.close()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.builds(
            Reading,
            TEXT,
            st.floats(0, 1),
            st.builds(Box, *4 * [st.integers(-(2**31), 2**31)]),
            st.floats(0, 1e10),
            st.integers(0, 2**31),
            st.none() | TEXT,
            st.none() | TEXT,
            value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=9,
    )
)
def test_readings_come_out_as_they_went_in(readings: list[Reading]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = Record(RecordConfig(Path(folder) / "r.sqlite"), delivers_to="mqtt")
        for one in readings:
            record.publish(one)
        outbox = Outbox(record, "mqtt")
        assert [one for _, one in outbox.undelivered(100)] == readings
        outbox.close()
        record.close()


@pytest.mark.parametrize(
    "damage",
    ["text = x'8a8a'", "confidence = 'x'", "time = 9e999", "time = -1", "x = 'x'", "value = 9e999", "id = 7.5"],
)
def test_a_row_that_is_damaged_keeps_no_others_from_being_delivered(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in range(6):
        record.publish(reading(number))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE readings SET {damage} WHERE seq IN (1, 2, 4)")
        connection.commit()
    outbox = Outbox(record, "mqtt")
    delivered = []
    while rows := outbox.undelivered(2):
        delivered += [one.text for _, one in rows]
        outbox.delivered(rows[-1][0])
    outbox.close()
    record.close()
    if damage.startswith("id"):
        assert delivered == ["0", "1", "2", "3", "4", "5"]
    else:
        assert delivered == ["2", "4", "5"]
        assert caplog.messages[0] == "mqtt: row 1 of the record is damaged, and not delivered"


def test_nothing_is_said_while_all_is_well(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        record = Record(RecordConfig(path), upkeep_seconds=0.01)
        for number in range(20):
            record.publish(reading(number))
            time.sleep(0.005)
        record.close()
    assert caplog.text == ""
