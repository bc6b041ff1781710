"""Sinks: every reading is written at once, in a form that people or programs can read."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from device.sinks import iso_time, open_sink
from device.sinks.console import ConsoleSink
from device.sinks.jsonl import JsonLinesSink
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.types import Box, Frame, Line, Page, Reading

READING = Reading("12 34", 0.98765, Box(1, 2, 3, 4), 1_700_000_000.25, 6)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_times_are_iso_8601_with_zone() -> None:
    time = datetime.fromisoformat(iso_time(1_700_000_000.25))
    assert time.tzinfo is not None
    assert time.timestamp() == 1_700_000_000.25


def test_json_lines_are_complete_after_each_reading(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    sink = open_sink(f"jsonl:{path}")
    for count in (1, 2, 3):
        sink.publish(READING)
        assert len(path.read_text().splitlines()) == count
    sink.close()
    record = json.loads(path.read_text().splitlines()[0])
    assert datetime.fromisoformat(record.pop("time")).timestamp() == READING.time
    assert record == {
        "id": READING.id,
        "region": None,
        "text": "12 34",
        "confidence": 0.9877,
        "box": [1, 2, 3, 4],
        "frames": 6,
        "alert": None,
    }


def test_json_lines_append_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    for _ in range(2):
        sink = JsonLinesSink(path)
        sink.publish(READING)
        sink.close()
    assert len(path.read_text().splitlines()) == 2


def test_json_lines_go_to_standard_output_and_leave_it_open(capsys: pytest.CaptureFixture[str]) -> None:
    sink = open_sink("jsonl:-")
    sink.publish(READING)
    sink.close()
    print("still open")
    first, second = capsys.readouterr().out.splitlines()
    assert (json.loads(first)["text"], second) == ("12 34", "still open")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeDigitsError, match=r"readings\.jsonl: No such file or directory$"):
        open_sink(f"jsonl:{tmp_path}/missing/readings.jsonl")


def test_a_full_disk_is_one_line() -> None:
    with pytest.raises(EdgeDigitsError, match=r"^jsonl:/dev/full: No space left on device$"):
        JsonLinesSink(Path("/dev/full")).publish(READING)


@pytest.mark.parametrize("name", ["screen", "jsonl", "jsonl:", "console:x", ""])
def test_an_unknown_sink_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^unknown sink '{name}': expected console"):
        open_sink(name)


def test_in_a_pipe_the_console_writes_one_plain_line_for_each_reading() -> None:
    stream = io.StringIO()
    sink = ConsoleSink(stream)
    sink.watch(Frame(np.zeros((2, 2), np.uint8), 0, 0.0), Page((), ()))
    sink.publish(READING)
    sink.close()
    assert stream.getvalue() == f"{iso_time(READING.time)}  12 34              99%\n"


def test_on_a_terminal_the_last_line_shows_what_is_seen_and_goes_away() -> None:
    stream = Terminal()
    sink = ConsoleSink(stream)
    lines = (Line("12", 0.9, Box(0, 0, 1, 1), ()), Line("34", 0.9, Box(0, 5, 1, 1), ()))
    sink.watch(Frame(np.zeros((2, 2), np.uint8), 7, 0.0), Page(lines, ()))
    assert stream.getvalue() == "\r\x1b[Kframe 7: 12 | 34"
    sink.publish(READING)
    assert stream.getvalue().endswith("99%\nframe 7: 12 | 34")
    sink.close()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_the_last_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    line = Line("1" * 100, 0.9, Box(0, 0, 1, 1), ())
    ConsoleSink(stream).watch(Frame(np.zeros((2, 2), np.uint8), 7, 0.0), Page((line,), ()))
    assert len(stream.getvalue().removeprefix("\r\x1b[K")) < 20
