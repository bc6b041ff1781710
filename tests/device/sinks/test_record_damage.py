"""Whatever is damaged of a record, it is kept aside, said once, and a new one begun."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from records import NOW, reading, refusal, rows, until

from device.config.settings import RecordConfig
from device.sinks.record.damage import SUFFIXES, set_aside
from device.sinks.record.database import connect
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


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
            record.note_damage(error, record.generation)
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


def test_upkeep_makes_no_file_in_the_place_of_one_that_was_moved(path: Path) -> None:
    """The log that it left would be gone, and what was last written with it."""
    record = Record(RecordConfig(path, keep_days=1), upkeep_seconds=0.2, clock=lambda: NOW)
    record.publish(reading(1, NOW - 10 * 86_400))
    record.publish(reading(2))
    until(lambda: rows(path, "SELECT text FROM readings") == [("2",)])
    path.rename(path.with_name("archive.sqlite"))
    time.sleep(0.5)
    assert not path.exists()
    assert path.with_name("readings.sqlite-wal").stat().st_size
    record.close()


def test_upkeep_makes_room_although_nothing_could_be_written_at_the_start(path: Path) -> None:
    """As where the disk was full then: room is what it needs to be written again."""
    record = Record(RecordConfig(path))
    for number in range(400):
        record.publish(reading(number))
    record.close()
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    record = Record(RecordConfig(path, max_megabytes=0.03), upkeep_seconds=0.1)
    other.execute("ROLLBACK")
    other.close()
    until(lambda: rows(path, "SELECT count(*) FROM readings")[0][0] < 400)
    record.close()


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
