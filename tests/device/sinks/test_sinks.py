"""Sinks: every reading is written at once, in a form that people or programs can read."""

from __future__ import annotations

import errno
import io
import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config.settings import Config, MqttConfig, RecordConfig
from device.sinks.console import ConsoleSink
from device.sinks.jsonl import KEPT, MOST_WAITING, JsonLinesSink
from device.sinks.opening import open_sink, open_sinks
from device.sinks.refusals import RefusalLog
from device.sinks.sink import iso_time
from edge_digits.errors import ConfigError
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Line, Reading, Refusal

ROOT = Path(__file__).parents[3]
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
        "value": None,
        "confidence": 0.9877,
        "box": [1, 2, 3, 4],
        "frames": 6,
        "alert": None,
        "clock": None,
    }


def test_json_lines_have_the_value_and_say_that_a_number_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    sink = JsonLinesSink(path)
    for reading in (replace(READING, value=12.34), replace(READING, value=1234.0), replace(READING, text="")):
        sink.publish(reading)
    sink.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["text"] for line in lines] == ["12 34", "12 34", ""]
    assert [repr(line["value"]) for line in lines] == ["12.34", "1234", "None"]


def test_the_console_shows_a_value_that_the_text_does_not_say_and_that_a_number_is_gone() -> None:
    stream = io.StringIO()
    sink = ConsoleSink(stream)
    for reading in (replace(READING, value=1234.0), replace(READING, value=12.34), replace(READING, text="")):
        sink.publish(reading)
    lines = [line.split("  ", 1)[1].split() for line in stream.getvalue().splitlines()]
    assert lines == [["12", "34", "99%"], ["12", "34", "=", "12.34", "99%"], ["gone"]]


def test_refusals_are_logged_once_until_something_else_is_read(caplog: pytest.LogCaptureFixture) -> None:
    log = RefusalLog()
    refusal = Refusal("score", "123", 0.9, 0.0, "3 digits, expected 2", Box(1, 2, 3, 4))
    for event in (refusal, refusal, replace(refusal, text="124"), replace(refusal, region=None)):
        log.refuse(event)
    log.publish(replace(READING, region="score"))
    log.refuse(replace(refusal, text="124"))
    assert caplog.messages == [
        "score: 123 is refused: 3 digits, expected 2",
        "score: 124 is refused: 3 digits, expected 2",
        "123 is refused: 3 digits, expected 2",
        "score: 124 is refused: 3 digits, expected 2",
    ]


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


def test_a_file_that_cannot_be_opened_is_named_at_the_start_and_written_once_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.jsonl.RETRY_SECONDS", 0.0)
    monkeypatch.setattr("device.sinks.jsonl.SETTLED_SECONDS", 0.0)
    path = tmp_path / "stick" / "readings.jsonl"
    sink = open_sink(f"jsonl:{path}")
    assert caplog.messages == [f"jsonl:{path}: cannot be written (No such file or directory); reading goes on"]
    sink.publish(replace(READING, text="1"))
    path.parent.mkdir()
    sink.publish(replace(READING, text="2"))
    sink.close()
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["1", "2"]
    assert caplog.messages[1:] == [f"jsonl:{path}: is written again"]
    assert sink.lost == 0


def test_a_full_disk_is_said_once_stops_nothing_and_what_is_missing_is_counted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.jsonl.RETRY_SECONDS", 0.0)
    sink = JsonLinesSink(Path("/dev/full"))
    for _ in range(MOST_WAITING + 3):
        sink.publish(READING)
    sink.close()
    assert caplog.messages == [
        "jsonl:/dev/full: cannot be written (No space left on device); reading goes on",
        f"jsonl:/dev/full: {MOST_WAITING + 3} readings are missing",
    ]
    assert sink.lost == MOST_WAITING + 3


def test_a_file_that_is_moved_or_removed_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    sink = JsonLinesSink(path)
    for number, change in enumerate((lambda: path.rename(tmp_path / "archive.jsonl"), path.unlink, lambda: None)):
        sink.publish(replace(READING, text=str(number)))
        change()
    sink.close()
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["2"]
    assert [json.loads(line)["text"] for line in (tmp_path / "archive.jsonl").read_text().splitlines()] == ["0"]


def test_files_that_cannot_rotate_are_not_lost_by_trying_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk without room for one more file, each attempt would push the oldest out."""
    monkeypatch.setattr("device.sinks.jsonl.RETRY_SECONDS", 0.0)
    sink = JsonLinesSink(tmp_path / "readings.jsonl", most_bytes=1)
    sink.publish(replace(READING, text="0"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        for number in range(1, KEPT + 5):
            sink.publish(replace(READING, text=str(number)))
    sink.close()
    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert len(lines) == KEPT + 1
    assert sink.lost == 0


def test_standard_output_on_a_full_disk_stops_nothing_and_is_counted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(full, write_through=True))
        console, lines = open_sink("console"), open_sink("jsonl:-")
        for sink in (console, lines):
            for _ in range(3):
                sink.publish(READING)
            sink.close()
    assert (console.lost, lines.lost) == (3, 3)
    assert caplog.messages == [
        "console: cannot be written (No space left on device); reading goes on",
        "jsonl:-: cannot be written (No space left on device); reading goes on",
        "jsonl:-: 3 readings are missing",
    ]


@pytest.mark.slow
def test_a_line_that_was_only_begun_is_written_again_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk with room for a part of it; what has no room may not come out later in the middle of another."""
    monkeypatch.setattr("device.sinks.jsonl.RETRY_SECONDS", 0.0)
    path = tmp_path / "readings.jsonl"
    program = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from device.sinks import jsonl
from edge_digits.types import Box, Reading
jsonl.RETRY_SECONDS = 0.0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sink = jsonl.JsonLinesSink(Path(sys.argv[1]))
reading = Reading("1", 0.9, Box(1, 2, 3, 4), 0.0, 6)
for number in range(9):
    limits = {3: 700, 6: resource.RLIM_INFINITY}
    if number in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits[number], resource.RLIM_INFINITY))
    sink.publish(replace(reading, text=str(number)))
sink.close()
print(sink.lost)
"""
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    whole, torn = [], []
    for line in path.read_text().splitlines():
        try:
            whole.append(json.loads(line)["text"])
        except ValueError:
            torn.append(line)
    assert whole == [str(number) for number in range(9)]
    assert len(torn) == 1


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_pipe_is_refused_whether_somebody_reads_it_or_not(tmp_path: Path, through_a_link: bool) -> None:
    pipe = path = tmp_path / "pipe"
    os.mkfifo(pipe)
    if through_a_link:
        path = tmp_path / "link"
        path.symlink_to(pipe)
    with pytest.raises(ConfigError, match=rf"^jsonl:{path}: expected a file; for pipes there is jsonl:-"):
        open_sink(f"jsonl:{path}")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ConfigError, match="expected a file"):
        open_sink(f"jsonl:{path}")
    os.close(reader)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^jsonl:{tmp_path}: expected a file"):
        open_sink(f"jsonl:{tmp_path}")


def test_a_terminal_gets_every_line(caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = os.openpty()
    sink = JsonLinesSink(Path(os.ttyname(theirs)), most_bytes=1)
    with os.fdopen(ours) as terminal:
        for _ in range(2):
            sink.publish(READING)
            # A terminal hands on what it has, which may be part of a line; nothing at all would last for ever.
            assert select.select([ours], [], [], 10)[0]
            assert json.loads(terminal.readline())["text"] == "12 34"
    sink.close()
    assert caplog.messages == []
    os.close(theirs)


def test_a_link_stays_where_it_is_and_the_file_behind_it_rotates(tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "readings.jsonl")
    sink = JsonLinesSink(link, most_bytes=1)
    sink.publish(READING)
    sink.publish(READING)
    sink.close()
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.jsonl", "readings.jsonl", "readings.jsonl.1"]


def test_half_a_line_from_before_a_power_cut_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text('{"id": "ab')
    sink = JsonLinesSink(path)
    sink.publish(READING)
    sink.publish(READING)
    sink.close()
    torn, first, second = path.read_text().splitlines()
    assert torn == '{"id": "ab'
    assert json.loads(first) == json.loads(second)


@settings(max_examples=40)
@given(st.integers(1, 1000), st.integers(1, 60))
def test_files_rotate_and_the_newest_lines_stay_whole(most_bytes: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.jsonl"
        sink = JsonLinesSink(path, most_bytes)
        readings = [replace(READING, text=str(number), id=str(number)) for number in range(count)]
        for reading in readings:
            sink.publish(reading)
        sink.close()
        files = [Path(f"{path}.{number}") for number in range(KEPT, 0, -1) if Path(f"{path}.{number}").exists()]
        lines = [line for file in [*files, path] for line in file.read_text().splitlines()]
        assert [json.loads(line)["text"] for line in lines] == [str(n) for n in range(count - len(lines), count)]
        assert len(list(path.parent.iterdir())) == len(files) + 1
        assert all(file.stat().st_size <= most_bytes or file.read_text().count("\n") == 1 for file in [*files, path])
        assert len(files) == KEPT or len(lines) == count


def test_a_configuration_opens_its_record_and_mqtt_behind_it(tmp_path: Path) -> None:
    config = Config(sinks=("console",), record=RecordConfig(tmp_path / "r.sqlite"), mqtt=MqttConfig("127.0.0.1", 1))
    sinks = open_sinks(config)
    assert [type(sink).__name__ for sink in sinks] == ["ConsoleSink", "Record", "MqttSink"]
    for sink in reversed(sinks):
        sink.close()


@pytest.mark.parametrize(
    ("sinks", "record"),
    [
        (("jsonl:x", "jsonl:./x"), None),
        (("sqlite:x", "sqlite:x"), None),
        (("sqlite:x", "console"), "{folder}/x"),
        (("jsonl:x", "sqlite:link"), None),
    ],
)
def test_a_file_that_is_named_twice_is_refused_before_anything_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sinks: tuple[str, ...], record: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("x")
    path = None if record is None else RecordConfig(Path(record.format(folder=tmp_path)))
    with pytest.raises(ConfigError, match=r"(x|link): is written twice; expected each file once"):
        open_sinks(Config(sinks=sinks, record=path))
    assert not (tmp_path / "x").exists()


def test_two_files_and_standard_output_are_as_many_sinks(tmp_path: Path) -> None:
    names = (f"jsonl:{tmp_path}/a", f"jsonl:{tmp_path}/b", f"sqlite:{tmp_path}/c", "jsonl:-", "jsonl:-")
    sinks = open_sinks(Config(sinks=names, record=RecordConfig(tmp_path / "d")))
    assert len(sinks) == 7
    assert isinstance(sinks[-1], RefusalLog)
    for sink in sinks:
        sink.close()


@pytest.mark.parametrize("name", ["screen", "jsonl", "jsonl:", "sqlite:", "console:x", ""])
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
