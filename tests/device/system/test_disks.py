"""A whole run on a disk that is full or may only be read, from the start: it is said, reading goes on, what can be kept
is kept, and the exit status tells of what was lost."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from broker import Broker, Listener, needs_mosquitto
from records import until

from device import __main__ as program
from edge_digits.page import Page
from edge_digits.types import Box, Image, Line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


class Reader:
    """Reads another number in each picture: its grey."""

    def read(self, grey: Image) -> Page:
        return Page((Line(str(int(grey.mean())), 0.9, Box(10, 10, 20, 20), ()),), ())


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five, which give five readings: 100 … 104."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(5):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((48, 64), 100 + number, np.uint8))
    return folder


def mount(folder: Path, options: str) -> None:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a disk")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    mount(folder, "size=400k")
    (folder / "ballast").write_bytes(bytes(400 * 1024))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    mount(folder, "ro")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def run(pictures: Path, *arguments: str) -> int:
    return program.main(["--source", f"file:{pictures}", *arguments])


@contextlib.contextmanager
def stop_when(done: Callable[[], bool]) -> Iterator[threading.Event]:
    stop = threading.Event()

    def wait() -> None:
        until(done)
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    yield stop


def texts(lines: str) -> list[str]:
    return [json.loads(line)["text"] for line in lines.splitlines()]


@pytest.mark.parametrize("kind", ["jsonl", "sqlite"])
def test_a_full_disk_is_said_and_the_exit_status_is_1(
    full_disk: Path, pictures: Path, kind: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, "--sink", f"{kind}:{full_disk}/out", "--sink", "jsonl:-") == 1
    output = capsys.readouterr()
    assert texts(output.out) == ["100", "101", "102", "103", "104"]
    assert "edge-digits-camera: error: 5 readings were lost: a sink did not take them\n" in output.err
    begun, ended = caplog.messages
    assert f"{full_disk}/out: cannot be written (" in begun
    assert ended.startswith((f"jsonl:{full_disk}/out: 5 readings", f"{full_disk}/out: 5 entries"))


@pytest.mark.parametrize("kind", ["jsonl", "sqlite"])
def test_what_there_is_room_for_before_the_end_is_kept(
    full_disk: Path, pictures: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Reader.read

    def and_make_room(reader: Reader, grey: Image) -> Page:
        (full_disk / "ballast").unlink(missing_ok=int(grey.mean()) > 103)
        return read(reader, grey)

    monkeypatch.setattr(Reader, "read", lambda r, grey: (and_make_room if grey.mean() > 102 else read)(r, grey))
    path = full_disk / "out"
    assert run(pictures, "--sink", f"{kind}:{path}") == 0
    if kind == "jsonl":
        assert texts(path.read_text()) == ["100", "101", "102", "103", "104"]
    else:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM readings").fetchone() == (5,)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("sink", ["console", "jsonl:-"])
def test_standard_output_on_a_full_disk_does_not_keep_the_other_sinks_from_theirs(
    pictures: Path, tmp_path: Path, sink: str
) -> None:
    script = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "device")!r}, {str(Path(__file__).parent)!r}]
from test_disks import Reader
from device import __main__ as program
program.open_reader = lambda model: Reader()
sys.exit(program.main(sys.argv[1:]))
"""
    path = tmp_path / "readings.jsonl"
    arguments = ["--source", f"file:{pictures}", "--sink", sink, "--sink", f"jsonl:{path}"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert f"ERROR: {sink}: cannot be written (No space left on device); reading goes on" in done.stderr
    assert texts(path.read_text()) == ["100", "101", "102", "103", "104"]


def test_a_file_system_that_may_only_be_read_does_not_end_the_reader(
    read_only_disk: Path, pictures: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"sqlite:{read_only_disk}/r.sqlite", f"jsonl:{read_only_disk}/r.jsonl", "jsonl:-"]
    sinks = [argument for name in names for argument in ("--sink", name)]
    assert run(pictures, *sinks, "--draw", f"{read_only_disk}/drawn") == 1
    assert texts(capsys.readouterr().out) == ["100", "101", "102", "103", "104"]
    assert [message for message in caplog.messages if "cannot be written" in message] == [
        f"{read_only_disk}/r.sqlite: cannot be written (unable to open database file: the file system is read-only); "
        "reading goes on without a record",
        f"jsonl:{read_only_disk}/r.jsonl: cannot be written (Read-only file system); reading goes on",
        f"draw:{read_only_disk}/drawn: cannot be written (Read-only file system); reading goes on",
    ]


@needs_mosquitto
def test_a_record_that_may_only_be_read_keeps_nothing_from_the_broker(
    read_only_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.mqtt.sink.RETRY_SECONDS", 0.05)
    broker = Broker(tmp_path)
    broker.start()
    listener = Listener(broker.port)
    config = tmp_path / "camera.toml"
    config.write_text(
        f"source = 'demo'\n[record]\npath = '{read_only_disk}/r.sqlite'\n[camera]\nwidth = 64\nheight = 64\n"
        f"[mqtt]\nhost = '127.0.0.1'\nport = {broker.port}\n"
    )
    monkeypatch.setattr(Reader, "read", lambda *_: Page((Line("42", 0.9, Box(10, 10, 20, 20), ()),), ()))
    monkeypatch.setattr(program, "stop_on_signals", lambda: stop_when(lambda: bool(listener.ids)))
    assert program.main(["--config", str(config)]) == 1
    assert listener.ids
    listener.close()
    broker.close()
