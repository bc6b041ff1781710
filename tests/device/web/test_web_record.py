"""The record as the page shows it."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from device.config.settings import RecordConfig
from device.sinks.record.sqlite import Record
from device.web import record
from device.web.record import Query, RecordUnavailableError
from edge_digits.types import Box, Image, Reading, Refusal

NOW = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path, picture: Image) -> Path:
    file = tmp_path / "a name with ? and #.sqlite"
    sink = Record(RecordConfig(file))
    for number in range(6):
        region = "score" if number % 2 else None
        sink.publish(Reading(str(number), 0.9, Box(1, 2, 3, 4), NOW + number, 5, region, None, f"{number:032d}"))
    sink.refuse(Refusal("score", "77", 0.5, NOW, "2 digits, expected 4", Box(1, 2, 3, 4), "f" * 32), picture[:40])
    sink.refuse(Refusal("score", "78", 0.5, NOW, "2 digits, expected 4", Box(1, 2, 3, 4), "e" * 32))
    sink.close()
    return file


def texts(path: Path, query: Query) -> list[str]:
    return [entry["text"] for entry in record.entries(path, query)]


def test_the_newest_come_first(path: Path) -> None:
    assert texts(path, Query()) == ["5", "4", "3", "2", "1", "0"]
    assert texts(path, Query(limit=2)) == ["5", "4"]


def test_they_are_chosen_by_region_and_time(path: Path) -> None:
    assert texts(path, Query(region="score")) == ["5", "3", "1"]
    assert texts(path, Query(region="")) == ["4", "2", "0"]
    assert texts(path, Query(since=NOW + 2, until=NOW + 4)) == ["3", "2"]
    assert texts(path, Query(region="score' OR 1=1 --")) == []


def test_refusals_have_their_reason_and_say_whether_there_is_a_picture(path: Path) -> None:
    [last, first] = record.entries(path, Query(refused=True))
    assert (first["text"], first["reason"], first["picture"]) == ("77", "2 digits, expected 4", True)
    assert last["picture"] is False


def test_a_picture_is_found_by_its_id_alone(path: Path) -> None:
    found = record.picture(path, "f" * 32, refused=True)
    assert found is not None
    assert found[:2] == b"\xff\xd8"
    assert record.picture(path, "e" * 32, refused=True) is None
    assert record.picture(path, "../../etc/passwd", refused=True) is None


def test_csv_holds_all_of_them(path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(record.as_csv(path, Query(limit=None))))))
    assert [row["text"] for row in rows] == ["5", "4", "3", "2", "1", "0"]
    assert (rows[0]["region"], rows[0]["x"], rows[0]["height"]) == ("score", "1", "4")


def test_the_regions_that_occur_are_named(path: Path) -> None:
    assert record.regions(path) == [None, "score"]


def test_looking_makes_and_changes_nothing(tmp_path: Path, path: Path) -> None:
    with pytest.raises(RecordUnavailableError, match="the record cannot be read"):
        list(record.entries(tmp_path / "none.sqlite", Query()))
    assert not (tmp_path / "none.sqlite").exists()
    with record._connected(path) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM readings")


def test_a_query_that_takes_too_long_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_SECONDS", 0.05)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(RecordUnavailableError, match="interrupted"), record._connected(path) as connection:
        connection.execute(endless).fetchone()
