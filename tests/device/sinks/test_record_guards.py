"""What guards remember is in the record: through restarts and crashes, and values that are set from outside."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from records import NOW, reading, rows, until

from device.config.settings import RecordConfig
from device.guard.memory import Memory
from device.guard.rows import write_value
from device.sinks.record.database import connect
from device.sinks.record.sqlite import Record

MEMORY = Memory(((NOW, 1234.5), (NOW + 9, 1240.25)), "12402", frozenset({"digits"}), 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


def test_what_a_guard_remembers_comes_back_as_it_was(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.remember("water", MEMORY)
    record.remember("gas", Memory(decimals="seen"))
    record.close()
    again = Record(RecordConfig(path))
    assert [again.recall(region) for region in ("water", "gas", "power")] == [MEMORY, Memory(decimals="seen"), None]
    again.close()


def test_it_is_written_with_the_reading_that_it_is_of(path: Path) -> None:
    """A reading that is recorded while its guard forgets it would be compared with an older one after a crash."""
    record = Record(RecordConfig(path))
    record.remember("water", MEMORY)
    assert rows(path, "SELECT count(*) FROM guards") == [(0,)]
    record.publish(reading(1))
    assert rows(path, "SELECT memory FROM guards") == [(MEMORY.as_text(),)]
    record.close()


def test_a_number_that_stands_still_is_written_now_and_then(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.LOOK_SECONDS", 0.0)
    record = Record(RecordConfig(path))
    record.take_values()
    record.remember("water", MEMORY)
    record.take_values()
    assert rows(path, "SELECT memory FROM guards") == [(MEMORY.as_text(),)]
    record.remember("water", Memory())
    record.take_values()
    assert rows(path, "SELECT memory FROM guards") == [(MEMORY.as_text(),)]
    record.close()
    assert rows(path, "SELECT memory FROM guards") == [(Memory().as_text(),)]


def test_a_value_set_in_this_process_is_taken_once(path: Path) -> None:
    record = Record(RecordConfig(path))
    record.set_value("water", 1.0)
    record.set_value("water", 2.0)
    assert record.take_values() == {"water": 2.0}
    assert record.take_values() == {}
    record.close()


def test_a_value_set_by_another_process_is_taken_once_also_after_a_crash(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.LOOK_SECONDS", 0.0)
    record = Record(RecordConfig(path))
    assert record.take_values() == {}
    with closing(connect(path)) as other:
        write_value(other, "water", 1234.5)
    assert record.take_values() == {"water": 1234.5}
    record.remember("water", MEMORY)
    assert rows(path, "SELECT region FROM set_values") == [("water",)]
    # What became of it is written together with that it was taken.
    assert record.take_values() == {}
    assert rows(path, "SELECT region FROM set_values") == []
    assert rows(path, "SELECT region FROM guards") == [("water",)]
    record.close()


def test_a_value_set_while_no_reader_runs_is_taken_when_it_starts(path: Path) -> None:
    with closing(connect(path)) as other:
        write_value(other, "water", 1234.5)
    record = Record(RecordConfig(path))
    assert record.take_values() == {"water": 1234.5}
    record.close()


def test_a_memory_that_cannot_be_understood_is_none(path: Path) -> None:
    with closing(connect(path)) as other:
        for region, text in (("a", "{"), ("b", "[]"), ("c", '{"accepted": [1]}'), ("d", MEMORY.as_text())):
            other.execute("INSERT INTO guards VALUES (?, ?)", (region, text))
    record = Record(RecordConfig(path))
    assert [record.recall(region) for region in "abcd"] == [None, None, None, MEMORY]
    record.close()


def test_a_new_record_in_the_place_of_a_damaged_one_gets_what_is_remembered(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    record = Record(RecordConfig(path), upkeep_seconds=3600)
    record.remember("water", MEMORY)
    record.publish(reading(1))
    record._disconnect()
    damaged = path.parent / "damaged"
    for name in path.parent.glob("readings.sqlite*"):
        # Another file in its place: one cut short under a connection's memory map ends the process.
        damaged.write_bytes(bytes(8192))
        damaged.replace(name)

    def is_in_the_new_one() -> bool:
        record.publish(reading(2))
        return rows(path, "SELECT memory FROM guards") == [(MEMORY.as_text(),)]

    until(is_in_the_new_one)
    record.close()
