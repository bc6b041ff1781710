"""A record of the first version gets what it lacks, or stays as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from records import NOW, reading, rows

from device.config.settings import RecordConfig
from device.sinks.record.database import connect
from device.sinks.record.outbox import Outbox
from device.sinks.record.sqlite import Record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


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
