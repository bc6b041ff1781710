"""What the record makes of a file that is there already: another program's, an older one, a damaged one."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from records import NOW, reading, rows, until

from device.config import RecordConfig
from device.sinks.database import connect, set_aside
from device.sinks.sqlite import Record
from edge_digits.errors import ConfigError, EdgeDigitsError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


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


def test_no_damaged_record_takes_the_place_of_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside in one second, or when the clock of a Pi comes by the same one again."""
    monkeypatch.setattr("device.sinks.database.time.time", lambda: NOW)
    kept = ("first", "second", "third")
    for content in kept:
        path.write_text(content)
        set_aside(path)
    # What was killed between two of a record's files may have left the log alone.
    path.with_name(f"{path.name}.damaged-{NOW:.0f}").unlink()
    path.with_name(f"{path.name}.damaged-{NOW:.0f}-wal").write_text("log")
    path.write_text("fourth")
    set_aside(path)
    assert sorted(file.read_text() for file in path.parent.iterdir()) == ["fourth", "log", "second", "third"]


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
