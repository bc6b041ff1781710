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
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config import RecordConfig
from device.sinks import open_sink
from device.sinks.database import connect, remove_older, shrink, used_bytes
from device.sinks.sqlite import Outbox, Record
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.types import Box, Reading, Refusal

ROOT = Path(__file__).parents[2]
NOW = 1_800_000_000.0


def reading(number: int = 1, at: float = NOW) -> Reading:
    return Reading(str(number), 0.9, Box(1, 2, 3, 4), at, 6, "score", None, f"{number:032d}")


def refusal(number: int = 1, at: float = NOW) -> Refusal:
    return Refusal("score", str(number), 0.5, at, "3 digits, expected 2", Box(1, 2, 3, 4), f"{number:032d}")


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_reading_is_in_the_file_when_publish_returns(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.publish(Reading("12 34", 0.875, Box(1, 2, 3, 4), NOW, 6, "score", "accepted again", "a1"))
    assert rows(path, "SELECT * FROM readings") == [
        (1, "a1", NOW, "score", "12 34", 0.875, 1, 2, 3, 4, 6, "accepted again")
    ]
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
        record.publish(reading(number))
    per_reading = (bytes_written() - before) / 100
    record.close()
    assert per_reading < 10_000


def test_what_was_handed_over_survives_kill_9(path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from device.config import RecordConfig
from device.sinks.sqlite import Record
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
from device.config import RecordConfig
from device.sinks import sqlite
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


def test_a_disk_that_was_full_from_the_start_is_used_once_there_is_room(
    tiny_disk: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.sqlite.RETRY_SECONDS", 0.0)
    monkeypatch.setattr("device.sinks.sqlite.SETTLED_SECONDS", 0.0)
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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.mkdir(), "unable to open database file"),
        (lambda path: path.write_bytes(b"a letter to somebody" * 100), "file is not a database"),
        (lambda path: path.write_bytes(cv2.imencode(".png", np.zeros((9, 9)))[1].tobytes()), "file is not a database"),
    ],
)
def test_a_path_that_cannot_be_a_record_is_named(path: Path, make: Callable[[Path], None], message: str) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(EdgeDigitsError, match=rf"readings\.sqlite: {message}$"):
        Record(RecordConfig(path))
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_record_that_another_program_keeps_locked_is_named_when_the_reader_starts(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.database.BUSY_SECONDS", 0.05)
    connect(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        record = Record(RecordConfig(path))
    assert caplog.messages == [f"{path}: cannot be written (database is locked); reading goes on without a record"]
    record.close()


def test_a_record_of_a_later_version_is_not_touched(path: Path) -> None:
    connect(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(EdgeDigitsError, match="later version"):
        Record(RecordConfig(path))


@pytest.mark.parametrize(
    "made_with",
    [
        "CREATE TABLE readings (seq INTEGER PRIMARY KEY, time REAL); INSERT INTO readings VALUES (1, 0), (2, 0)",
        "CREATE TABLE books (title TEXT); PRAGMA user_version = 1",
        "CREATE TABLE books (title TEXT); PRAGMA user_version = 7",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = WAL; CREATE TABLE books (title TEXT)",
    ],
)
def test_another_program_s_database_is_refused_and_not_touched(path: Path, made_with: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(made_with)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"readings\.sqlite: is another program's database; expected"):
        Record(RecordConfig(path), upkeep_seconds=0.01)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_empty_file_becomes_a_record(path: Path) -> None:
    path.touch()
    record = Record(RecordConfig(path))
    record.publish(reading())
    record.close()
    assert rows(path, "SELECT text FROM readings") == [("1",)]


@pytest.mark.parametrize("change", ["CREATE VIEW scores AS SELECT text FROM readings", "PRAGMA user_version = 0"])
def test_a_record_with_a_view_of_its_owner_s_or_restored_from_a_dump_still_opens(path: Path, change: str) -> None:
    connect(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
    record = Record(RecordConfig(path))
    record.publish(reading())
    record.close()
    assert rows(path, "SELECT text FROM readings") == [("1",)]
    assert rows(path, "PRAGMA user_version") == [(1,)]


def test_a_damaged_record_is_kept_aside_and_a_new_one_begun(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.sqlite.RETRY_SECONDS", 0.0)
    record = Record(RecordConfig(path))
    for number in range(500):
        record.publish(reading(number))
    record.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    record = Record(RecordConfig(path))
    for number in (1, 2):
        record.publish(reading(number))
    record.close()
    assert rows(path, "SELECT text FROM readings") == [("1",), ("2",)]
    assert len(list(path.parent.glob("readings.sqlite.damaged-*"))) >= 1
    assert "is damaged; kept as readings.sqlite.damaged-" in caplog.text


@pytest.mark.parametrize("lost", [512, 4096, 10**9])
def test_a_record_whose_beginning_a_power_cut_has_zeroed_is_damaged(
    path: Path, lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(RecordConfig(path))
    record.publish(reading(1))
    record.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(bytes(min(lost, size)))
    record = Record(RecordConfig(path))
    record.publish(reading(2))
    record.close()
    assert rows(path, "SELECT text FROM readings") == [("2",)]
    [aside] = path.parent.glob("readings.sqlite.damaged-*")
    assert aside.stat().st_size == size
    assert caplog.text.count("is damaged; kept as") == 1


def lose_page(path: Path, holds: bytes) -> None:
    """Zero the page of a closed record in which ``holds`` stands; the last, for the table's first keeps a copy."""
    page = path.read_bytes().rindex(holds) // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(4096))


@pytest.mark.parametrize(("days", "megabytes"), [(1, 200), (365, 0.05)])
def test_damage_that_only_removal_meets_with_is_said_once_and_the_file_replaced(
    path: Path, days: float, megabytes: float, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(RecordConfig(path))
    for number in range(1000):
        record.publish(reading(number, NOW - 5 * 86_400))
    record.close()
    lose_page(path, reading(0).id.encode())
    record = Record(RecordConfig(path, days, megabytes), upkeep_seconds=0.02, clock=lambda: NOW)

    def replaced() -> bool:
        record.publish(reading(1000))
        return bool(list(path.parent.glob("readings.sqlite.damaged-*")))

    until(replaced)
    time.sleep(0.1)
    record.publish(reading(1001))
    record.close()
    assert rows(path, "SELECT DISTINCT text FROM readings") == [("1000",), ("1001",)]
    assert caplog.text.count("is damaged; kept as") == 1
    [aside] = path.parent.glob("readings.sqlite.damaged-??????????")
    assert reading(999).id.encode() in aside.read_bytes()


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
        assert remove_older(connection, NOW, delivers_to="mqtt") == 50
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
        lost = shrink(connection, 100_000, "mqtt")
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


def test_what_a_sink_that_is_gone_never_took_does_not_count_as_lost(path: Path) -> None:
    record = Record(RecordConfig(path), delivers_to="mqtt")
    for number in range(2000):
        record.publish(reading(number))
    record.close()
    with closing(connect(path)) as connection:
        assert shrink(connection, 100_000) == 0


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


def test_nothing_is_said_while_all_is_well(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        record = Record(RecordConfig(path), upkeep_seconds=0.01)
        for number in range(20):
            record.publish(reading(number))
            time.sleep(0.005)
        record.close()
    assert caplog.text == ""
