"""``--check``: each part is tried, and what fails comes with what to do about it."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from device import __main__ as program
from device import check as checks
from device.cameras.camera import Camera
from device.cameras.framed import FramedCamera
from device.cameras.geometry import Framing
from device.config.camera import CameraSettings
from device.config.settings import Config, RecordConfig
from device.sinks.record.database import connect
from docs.results.replay import ReplayCamera
from edge_digits.errors import ModelError
from edge_digits.page import Page
from edge_digits.types import Image

PAPER = np.full((48, 64), 200, np.uint8)


class Reader:
    def read(self, grey: Image) -> Page:
        return Page((), ())


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())


def check(folder: Path, text: str, capsys: pytest.CaptureFixture[str], camera: str = "") -> tuple[int, list[str]]:
    """Status and output. text: of the configuration. camera: of its table."""
    path = folder / "reader.toml"
    path.write_text(f"source = 'demo'\n{text}\n[camera]\nwidth = 320\nheight = 240\nframe_rate = 30\n{camera}\n")
    status = program.main(["--config", str(path), "--check"])
    return status, capsys.readouterr().out.splitlines()


def test_when_all_is_well_it_says_so(stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = check(tmp_path, f"sinks = ['console', 'jsonl:{tmp_path}/out.jsonl']", capsys)
    assert (status, lines[-1]) == (0, "all is well")
    assert [line.split()[:2] for line in lines[:-1]] == [
        ["ok", part] for part in ("config", "camera", "model", "disk", "sink", "sink")
    ]
    assert "demo: 320x240" in lines[1] and "frames a second" in lines[1]
    assert "reads a frame in" in lines[2]


@pytest.mark.parametrize(
    ("text", "finding", "fix"),
    [
        ("source = 'v4l2:97'", "camera   /dev/video97: there is no such camera", "sudo usermod -aG video $USER"),
        ("source = 'http://127.0.0.1:9/x'", "camera   http://127.0.0.1:9/x: no video stream", "open the address"),
        (
            "[[region]]\nname = 'far'\nbox = [300, 0, 90, 90]",
            "region   far: [300, 0, 90, 90] leaves the picture of 320x240",
            "snapshot aim.png --grid",
        ),
        ("sinks = ['jsonl:/nowhere/out']", "disk     /nowhere: there is no such folder", "mkdir -p /nowhere"),
        ("[record]\npath = '/dev/null'", "record   /dev/null:", "set record.path"),
        (
            "[record]\nmax_megabytes = 1\n[webhook]\nurl = 'http://127.0.0.1:1/secret'",
            "webhook  http://127.0.0.1:1: Connection refused",
            "check that the server runs",
        ),
        (
            "[record]\nmax_megabytes = 1\n[influx]\nurl = 'http://127.0.0.1:1'\nbucket = 'b'\ntoken_file = 'none'",
            "influx   influx.token_file: none: No such file or directory",
            "name a file that can be read",
        ),
        ("sinks = ['jsonl:a', 'jsonl:./a']", "sink     sinks: a: is written twice", "name the file once"),
        ("[record]\nmax_megabytes = 1000000", "disk ", "make record.max_megabytes smaller"),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(
    stand_in: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    finding: str,
    fix: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "reader.toml"
    head = "" if text.startswith("source") else "source = 'demo'\n"
    path.write_text(f"{head}{text}\n[camera]\nwidth = 320\nheight = 240\ntimeout = 1\n")
    assert program.main(["--config", str(path), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith(f"FAIL  {finding}")]
    assert places, lines
    assert any(fix in lines[place + 1] for place in places)
    assert lines[-1].endswith(" to fix")


@pytest.mark.usefixtures("stand_in")
def test_another_program_s_database_is_found_and_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "books.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE readings (book TEXT)")
    before = path.read_bytes()
    for text in (f"[record]\npath = '{path}'\nmax_megabytes = 1", f"sinks = ['sqlite:{path}']"):
        status, lines = check(tmp_path, text, capsys)
        assert status == 1
        assert any(line.startswith("FAIL") and f"{path}: is another program's database" in line for line in lines)
        assert path.read_bytes() == before


@pytest.fixture
def record() -> Iterator[Path]:
    """In a folder that every user may enter, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder) / "record.sqlite"
        connect(path).close()
        yield path


def fail_and_fix(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    config = Config(source="demo", record=RecordConfig(path, max_megabytes=1))
    status = checks.check(config, lambda model: Reader())
    lines = capsys.readouterr().out.splitlines()
    assert status == 1, lines
    return lines[-3:-1]


def test_a_record_that_this_user_may_only_read_is_found(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record.chmod(0o444)
    user = os.geteuid()
    # Root may write everything.
    if user == 0:
        os.seteuid(65534)
    try:
        fail, fix = fail_and_fix(record, capsys)
    finally:
        os.seteuid(user)
    assert (
        fail
        == f"FAIL  record   {record}: attempt to write a readonly database: not allowed to read and write record.sqlite"
    )
    assert f"sudo chown $USER {record}" in fix


def test_what_lies_where_this_user_may_not_look_is_said_and_the_rest_is_checked(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record.parent.chmod(0o700)
    user = os.geteuid()
    closed = record.parent if user == 0 else Path("/root")
    hidden = closed / "folder" / "record.sqlite"
    config = Config(source=f"file:{closed}/video.mp4", record=RecordConfig(hidden, max_megabytes=1))
    if user == 0:
        os.seteuid(65534)
    try:
        status = checks.check(config, lambda model: Reader())
    finally:
        os.seteuid(user)
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert f"FAIL  camera   {closed}/video.mp4: Permission denied" in lines
    assert f"FAIL  disk     {closed}: not allowed to write there" in lines
    assert lines[-1] == "3 to fix"


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"])
def test_a_record_that_another_program_keeps_locked_is_found(
    record: Path, lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(record, isolation_level=None)) as other:
        other.executescript(lock)
        fail, fix = fail_and_fix(record, capsys)
    assert fail == f"FAIL  record   {record}: database is locked"
    assert f"fuser -v {record}" in fix


def test_a_damaged_record_is_found_and_left_where_it_is(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record.write_bytes(bytes(8192))
    fail, fix = fail_and_fix(record, capsys)
    assert fail == f"FAIL  record   {record}: is damaged, or was never a record"
    assert "begins a new one" in fix
    assert record.read_bytes() == bytes(8192)


def test_a_check_removes_nothing_from_a_record(
    stand_in: None, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(connect(record)) as connection:
        for _ in range(2):
            connection.execute(
                "INSERT INTO readings (id, time, text, confidence, x, y, width, height, frames)"
                " VALUES ('a', 0.0, '1', 1.0, 0, 0, 1, 1, 5)"
            )
    text = f"sinks = ['sqlite:{record}']"
    assert check(tmp_path, text, capsys)[0] == 0
    with closing(connect(record)) as connection:
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (2,)


def test_a_folder_for_frames_need_not_be_there(
    stand_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    status, lines = check(tmp_path, "draw = 'frames'", capsys)
    assert status == 0
    assert any(line.startswith(f"ok    disk     {tmp_path}/frames: ") for line in lines)


def test_a_password_is_not_shown(
    stand_in: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(source: str, settings: CameraSettings) -> FramedCamera:
        return FramedCamera(ReplayCamera([PAPER], 50.0), Framing(), settings)

    monkeypatch.setattr("device.check.open_camera", opened)
    assert program.main(["--source", "http://admin:secret@host/live", "--check"]) == 0
    output = capsys.readouterr()
    assert "ok    camera   http://host/live: 64x48" in output.out
    assert "secret" not in output.out + output.err


def test_a_camera_that_is_off_fails(stand_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--source", "http://admin:secret@127.0.0.1:9/live", "--check"]) == 1
    output = capsys.readouterr().out
    assert "FAIL  camera   http://127.0.0.1:9/live: no video stream answers there: Connection refused\n" in output
    assert "secret" not in output


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("flicker = 50", "demo:0: camera.flicker has no effect: this camera does not offer it"),
        ("crop = [0, 240, 9, 9]", "camera.crop: [0, 240, 9, 9] lies outside of the picture of 320x240"),
    ],
)
def test_what_does_not_fit_the_camera_is_found(
    stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, said: str
) -> None:
    status, lines = check(tmp_path, "", capsys, setting)
    assert status == 1
    assert f"FAIL  camera   {said}" in lines


def test_ctrl_c_is_not_taken_for_all_is_well(
    stand_in: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(source: str, settings: CameraSettings) -> Camera:
        raise KeyboardInterrupt

    monkeypatch.setattr("device.check.open_camera", interrupted)
    assert program.main(["--source", "demo", "--check"]) == 130


def test_a_broker_that_is_not_there_is_found(
    stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("paho.mqtt", reason="needs paho-mqtt")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = f"[record]\npath = '{tmp_path}/record.sqlite'\nmax_megabytes = 1\n[mqtt]\nhost = '127.0.0.1'\nport = {port}"
    status, lines = check(tmp_path, text, capsys)
    assert status == 1
    assert f"FAIL  mqtt     mqtt: 127.0.0.1:{port}: Connection refused" in lines


@pytest.fixture
def web() -> None:
    pytest.importorskip("starlette", reason="needs the extra web")


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.mark.usefixtures("stand_in", "web")
def test_the_page_s_port_is_tried_and_left_free(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"web = {{ listen = '127.0.0.1:{free_port}', token_file = '{tmp_path}/token' }}"
    status, lines = check(tmp_path, text, capsys)
    assert (status, lines[-2]) == (0, f"ok    web      127.0.0.1:{free_port}: free for the page")
    socket.create_server(("127.0.0.1", free_port)).close()


@pytest.mark.usefixtures("stand_in", "web")
def test_a_port_that_is_taken_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        status = program.main(["--source", "demo", "--check", "--web", address])
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert lines[-3] == f"FAIL  web      web: cannot listen on {address}: Address already in use"
    assert "web.listen" in lines[-2] and "ss -ltn" in lines[-2]


@pytest.mark.usefixtures("stand_in", "web")
def test_a_token_that_others_may_read_is_found_and_none_is_made(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    text = f"web = {{ listen = '0.0.0.0:{free_port}', token_file = '{token}' }}"
    assert check(tmp_path, text, capsys)[0] == 0
    assert not token.exists(), "the one that starts the reader is shown the link with the new token"
    token.write_text("a" * 32)
    token.chmod(0o644)
    status, lines = check(tmp_path, text, capsys)
    assert status == 1
    assert lines[-3].startswith(f"FAIL  web      {token}: others may read the token")
    assert "web.token_file" in lines[-2]


@pytest.mark.usefixtures("stand_in")
def test_what_the_page_needs_and_is_not_installed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    status, lines = check(tmp_path, "web = {}", capsys)
    assert status == 1
    assert lines[-3].startswith("FAIL  web      --web: needs tomlkit")
    assert lines[-2].endswith("-> pip install -e '.[web]'")


@pytest.mark.usefixtures("stand_in")
def test_a_missing_package_for_mqtt_is_to_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "paho", None)
    text = f"[record]\npath = '{tmp_path}/record.sqlite'\n[mqtt]\nhost = '127.0.0.1'"
    status, lines = check(tmp_path, text, capsys)
    assert status == 1
    assert lines[-3].startswith("FAIL  mqtt     mqtt: needs paho-mqtt")
    assert lines[-2].endswith("-> pip install -e '.[device]'")


def test_a_missing_model_does_not_keep_the_rest_from_being_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(model: str) -> Reader:
        raise ModelError(f"{model}: no such model")

    monkeypatch.setattr(program, "open_reader", missing)
    status, lines = check(tmp_path, "model = 'none'", capsys)
    assert status == 1
    assert "FAIL  model    none: no such model" in lines
    assert any(line.startswith("ok    camera ") for line in lines)


def test_a_wrong_configuration_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reader.toml"
    path.write_text("\nsauce = 'demo'\n")
    assert program.main(["--config", str(path), "--check"]) == 2
    assert capsys.readouterr().err == f"edge-digits-camera: error: {path}:2: sauce: unknown key; did you mean source?\n"
