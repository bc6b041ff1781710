"""What the record makes of a file that is there already: another program's, a later one, one that cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from records import reading, rows

from device.config.settings import RecordConfig
from device.sinks.record.database import connect
from device.sinks.record.sqlite import Record
from edge_digits.errors import ConfigError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"\xff" * 4096), "is damaged, or was never a record"),
        (lambda path: path.write_bytes(b"a letter to somebody" * 100), "is damaged, or was never a record"),
        (lambda path: path.write_bytes(b"ab"), "is damaged, or was never a record"),
        (
            lambda path: path.write_bytes(cv2.imencode(".png", np.zeros((9, 9)))[1].tobytes()),
            "is damaged, or was never",
        ),
        (lambda path: path.mkdir(), "is an empty folder"),
    ],
)
def test_what_is_no_record_is_set_aside_as_it_is_and_said_once(
    path: Path, make: Callable[[Path], None], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    record = Record(RecordConfig(path))
    for number in range(3):
        record.publish(reading(number))
    record.close()
    [aside] = path.parent.glob("readings.sqlite.damaged-*")
    assert (aside.read_bytes() if aside.is_file() else None) == before
    assert rows(path, "SELECT text FROM readings") == [("0",), ("1",), ("2",)]
    [message] = caplog.messages
    assert message.startswith(f"{path}: {said}")
    assert message.endswith(f"; kept as {aside.name}, and a new record begun")
    assert record.lost == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: (path / "letters").mkdir(parents=True), "is a folder with something in it; expected a file"),
        (lambda path: os.mkfifo(path), "is no file that can be a record"),
        (lambda path: path.symlink_to("/dev/null"), "is no file that can be a record"),
    ],
)
def test_what_is_somebody_else_s_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], message: str
) -> None:
    make(path)
    with pytest.raises(ConfigError, match=rf"readings\.sqlite: {message}$"):
        Record(RecordConfig(path))
    assert list(path.parent.iterdir()) == [path]


def as_nobody(work: Callable[[], None]) -> None:
    """Do ``work`` with the rights of a user who may write nothing here; root may write everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        work()
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which those of tests are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (lambda folder: None, "no/r.sqlite", "unable to open database file: there is no folder {folder}/no"),
        (lambda folder: (folder / "a").write_text("x"), "a/r.sqlite", "unable to open database file: {folder}/a is no"),
        (
            lambda folder: (folder / "r").symlink_to(folder / "r"),
            "r",
            "unable to open database file: its symbolic links",
        ),
        (lambda folder: (folder / "r").symlink_to("no/r"), "r", "unable to open database file: there is no folder"),
        (lambda folder: None, "r.sqlite", "unable to open database file: not allowed to write in the folder {folder}"),
        (
            lambda folder: (connect(folder / "r.sqlite").close(), folder.chmod(0o777)),
            "r.sqlite",
            "attempt to write a readonly database: not allowed to read and write r.sqlite",
        ),
        (
            lambda folder: (folder.chmod(0o777), (folder / "r-wal").mkdir()),
            "r",
            "disk I/O error: r-wal is a folder",
        ),
    ],
)
def test_why_a_record_cannot_be_opened_is_said_once_and_reading_goes_on(
    open_folder: Path, make: Callable[[Path], None], name: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    make(open_folder)
    path = open_folder / name

    def run() -> None:
        record = Record(RecordConfig(path))
        for number in range(3):
            record.publish(reading(number))
        record.close()
        assert record.lost == 3

    as_nobody(run)
    begun, ended = caplog.messages
    assert begun.startswith(f"{path}: cannot be written ({said.format(folder=open_folder)}")
    assert begun.endswith("); reading goes on without a record")
    assert ended == f"{path}: 3 entries are not in it"


def test_a_folder_that_is_there_later_is_used_then(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a memory stick that is mounted after the reader has begun."""
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    record = Record(RecordConfig(path / "r.sqlite"))
    record.publish(reading(1))
    path.mkdir()
    record.publish(reading(2))
    record.close()
    assert rows(path / "r.sqlite", "SELECT text FROM readings") == [("1",), ("2",)]
    assert record.lost == 0


def test_a_record_that_another_program_keeps_locked_is_named_when_the_reader_starts(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.database.BUSY_SECONDS", 0.05)
    connect(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        record = Record(RecordConfig(path))
    assert caplog.messages == [f"{path}: cannot be written (database is locked); reading goes on without a record"]
    record.close()


def test_a_record_of_a_later_version_is_not_touched(path: Path) -> None:
    connect(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")
    with pytest.raises(ConfigError, match="later version"):
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
    assert rows(path, "PRAGMA user_version") == [(2,)]
