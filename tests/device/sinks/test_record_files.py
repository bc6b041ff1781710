"""What the record makes of a file that is there already: another program's, an older one, a damaged one."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from records import NOW, reading, refusal, rows, until

from device.config.settings import RecordConfig
from device.sinks.record.damage import SUFFIXES, set_aside
from device.sinks.record.database import connect
from device.sinks.record.outbox import Outbox
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


FIRST_VERSION = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE readings (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time REAL NOT NULL, region TEXT, text TEXT NOT NULL,
    confidence REAL NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    frames INTEGER NOT NULL, alert TEXT);
CREATE TABLE refusals (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time REAL NOT NULL, region TEXT, text TEXT NOT NULL,
    confidence REAL NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    reason TEXT NOT NULL, picture BLOB);
CREATE TABLE deliveries (sink TEXT PRIMARY KEY, seq INTEGER NOT NULL);
PRAGMA user_version = 1;
"""


def first_version(path: Path, version: int = 1) -> None:
    """A record as it was made before values, with what people may have written in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_VERSION)
        for text in ("12 34", "0815", "12?5", "", 400 * "9"):
            row = f"NULL, '{text[:9]}', {NOW}, 'a', '{text}', 0.9, 1, 2, 3, 4"
            connection.execute(f"INSERT INTO readings VALUES ({row}, 5, NULL)")
            connection.execute(f"INSERT INTO refusals VALUES ({row}, 'no', x'ffd8')")
        connection.execute("INSERT INTO deliveries VALUES ('mqtt', 2)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


@pytest.mark.parametrize("version", [1, 0])
def test_a_record_of_the_first_version_gets_values_and_loses_nothing(path: Path, version: int) -> None:
    first_version(path, version)
    before = [rows(path, f"SELECT * FROM {table}") for table in ("readings", "refusals", "deliveries")]
    record = Record(RecordConfig(path, keep_days=36500), delivers_to="mqtt")
    record.publish(reading(6))
    outbox = Outbox(record, "mqtt")
    assert [r.text for _, r in outbox.undelivered(9)] == ["12?5", "", 400 * "9", "6"]
    outbox.close()
    record.close()
    after = [rows(path, f"SELECT * FROM {table}") for table in ("readings", "refusals", "deliveries")]
    values = [1234.0, 815.0, None, None, None]
    assert after[0][:5] == [(*row, value, None, None) for row, value in zip(before[0], values, strict=True)]
    assert after[1] == [(*row, value, None) for row, value in zip(before[1], values, strict=True)]
    assert after[2] == before[2]
    assert rows(path, "PRAGMA user_version") == [(2,)]


def test_an_upgrade_that_is_cut_short_leaves_the_record_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_version(path)
    before = rows(path, "SELECT * FROM readings")
    monkeypatch.setattr("device.sinks.record.database._VALUES", "UPDATE {table} SET time = NULL")
    with pytest.raises(sqlite3.IntegrityError):
        connect(path)
    assert rows(path, "SELECT * FROM readings") == before
    monkeypatch.undo()
    connect(path).close()
    assert len(rows(path, "SELECT value FROM readings WHERE value = 1234")) == 1


def test_a_damaged_record_is_kept_aside_and_a_new_one_begun(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
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
    assert caplog.text.count("; kept as") == 1


@pytest.fixture(scope="module")
def left_by_a_crash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record whose last entries are in its log, as a crash leaves one."""
    folder = tmp_path_factory.mktemp("crash")
    record = Record(RecordConfig(folder / "open.sqlite"), delivers_to="mqtt", upkeep_seconds=3600)
    for number in range(300):
        record.publish(reading(number))
        if number % 20 == 0:
            record.refuse(refusal(number), np.full((30, 60), number % 256, np.uint8))
    until(lambda: (folder / "open.sqlite").stat().st_size > 4096)
    for number in range(300, 330):
        record.publish(reading(number))
    for suffix in SUFFIXES:
        shutil.copy(folder / f"open.sqlite{suffix}", folder / f"readings.sqlite{suffix}")
    record.close()
    return folder / "readings.sqlite"


def scribble(file: Path, rng: random.Random, begin: int, end: int) -> None:
    place = rng.randrange(begin, end)
    with file.open("r+b") as open_file:
        open_file.seek(place)
        open_file.write(rng.choice([rng.randbytes(8), bytes(200), b"\xff" * 200])[: end - place])


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "header": lambda path, rng: scribble(path, rng, 0, 100),
    "schema": lambda path, rng: scribble(path, rng, 2500, 4096),
    "anywhere": lambda path, rng: scribble(path, rng, 0, path.stat().st_size),
    "cut short": lambda path, rng: os.truncate(path, rng.randrange(path.stat().st_size)),
    "log": lambda path, rng: scribble(Path(f"{path}-wal"), rng, 0, Path(f"{path}-wal").stat().st_size),
    "index of the log": lambda path, rng: scribble(Path(f"{path}-shm"), rng, 0, Path(f"{path}-shm").stat().st_size),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_is_damaged_the_record_goes_on_and_says_so_at_most_once(
    left_by_a_crash: Path,
    tmp_path: Path,
    damage: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    for seed in range(12):
        path = tmp_path / str(seed) / "readings.sqlite"
        path.parent.mkdir()
        for suffix in SUFFIXES:
            shutil.copy(f"{left_by_a_crash}{suffix}", f"{path}{suffix}")
        DAMAGES[damage](path, random.Random(seed))
        caplog.clear()
        record = Record(RecordConfig(path), delivers_to="mqtt", upkeep_seconds=3600)
        for number in range(1000, 1010):
            record.publish(reading(number, NOW + number))
        try:
            outbox = Outbox(record, "mqtt")
            while waiting := outbox.undelivered(100):
                outbox.delivered(waiting[-1][0])
            outbox.close()
        except sqlite3.Error as error:
            # So delivery tells it.
            record.found(error, record.generation)
        record.publish(reading(1010))
        record.close()
        assert rows(path, "SELECT count(*) FROM readings WHERE text = '1010'") == [(1,)], seed
        assert record.lost == 0
        assert len([message for message in caplog.messages if "kept as" in message]) <= 1, seed
        new = sum(file.read_bytes().count(reading(1005).id.encode()) for file in path.parent.iterdir())
        assert new >= 1, seed


def test_a_log_that_sqlite_cannot_use_is_kept_before_it_is_written_over(
    left_by_a_crash: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for suffix in SUFFIXES:
        shutil.copy(f"{left_by_a_crash}{suffix}", f"{path}{suffix}")
    log = Path(f"{path}-wal")
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(b"\xff" * 8)
    before = log.read_bytes()
    record = Record(RecordConfig(path))
    record.publish(reading(1000))
    record.close()
    [aside] = path.parent.glob("readings.sqlite-wal.damaged-*")
    assert aside.read_bytes() == before
    [message] = caplog.messages
    assert message.endswith(f"is damaged; kept as {aside.name}, and the last entries before the crash may be missing")
    texts = {text for (text,) in rows(path, "SELECT text FROM readings")}
    assert {"0", "1000"} < texts
    assert "329" not in texts


@pytest.mark.parametrize("cut", [1, 100, 4000, 4121])
def test_a_log_whose_last_page_a_crash_cut_off_is_none_that_is_damaged(
    left_by_a_crash: Path, path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    for suffix in SUFFIXES:
        shutil.copy(f"{left_by_a_crash}{suffix}", f"{path}{suffix}")
    log = Path(f"{path}-wal")
    os.truncate(log, log.stat().st_size - cut)
    Record(RecordConfig(path)).close()
    assert caplog.messages == []


@pytest.mark.parametrize("change", ["removed", "moved", "replaced"])
def test_a_record_that_somebody_takes_away_meanwhile_is_begun_anew(
    path: Path, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is written into it would be in nobody's sight, and gone when the reader ends."""
    record = Record(RecordConfig(path), delivers_to="mqtt", upkeep_seconds=3600)
    outbox = Outbox(record, "mqtt")
    record.publish(reading(1))
    if change == "removed":
        path.unlink()
    elif change == "moved":
        path.rename(path.with_name("archive.sqlite"))
    else:
        other = path.with_name("other.sqlite")
        connect(other).close()
        other.replace(path)
    record.publish(reading(2))
    outbox.close()
    record.publish(reading(3))
    outbox = Outbox(record, "mqtt")
    assert [one.text for _, one in outbox.undelivered(9)] == ["2", "3"]
    outbox.close()
    record.close()
    assert rows(path, "SELECT text FROM readings") == [("2",), ("3",)]
    [message] = caplog.messages
    assert "was moved, removed or replaced while it is in use; its log is kept as readings.sqlite.damaged-" in message


def test_no_damaged_record_takes_the_place_of_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside in one second, or when the clock of a Pi comes by the same one again."""
    monkeypatch.setattr("device.sinks.record.damage.time.time", lambda: NOW)
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
