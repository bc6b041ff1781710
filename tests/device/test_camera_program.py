"""``edge-digits-camera`` from outside: what it prints, how it ends, and with which exit status.

The reader is a stand-in that sees "42" at one place, so that the program is tested without a model.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import __main__ as program
from device import drawing
from device.sinks.memory import ReadingsInMemory
from edge_digits.errors import EdgeDigitsError, ModelError
from edge_digits.page import Page
from edge_digits.system.atomic_write import atomic_write
from edge_digits.types import Box, Digit, Image, Line, Reading


class Reader:
    def read(self, grey: Image) -> Page:
        box = Box(10, 10, 20, 20)
        return Page((Line("42", 0.9, box, (Digit(4, 0.9, box), Digit(2, 0.9, box))),), ())


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())


def test_a_video_is_read_to_its_end(stand_in: None, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--source", f"file:{video}"]) == 0
    reading, summary = capsys.readouterr().out.splitlines()
    assert reading.split()[1:] == ["42", "90%"]
    assert summary.startswith("20 frames in ")
    assert "), 11 unchanged, 0 skipped; one reading takes " in summary


def test_json_lines_on_standard_output_leave_the_summary_to_standard_error(
    stand_in: None, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["--source", f"file:{video}", "--sink", "jsonl:-"]) == 0
    output = capsys.readouterr()
    assert [json.loads(line)["text"] for line in output.out.splitlines()] == ["42"]
    assert "20 frames in" in output.err


def test_draw_writes_every_frame_in_colour(stand_in: None, video: Path, tmp_path: Path) -> None:
    assert program.main(["--source", f"file:{video}", "--draw", str(tmp_path / "drawn")]) == 0
    frames = sorted((tmp_path / "drawn").iterdir())
    assert [path.name for path in frames] == [f"{number:06d}.jpg" for number in range(20)]
    picture = cv2.imread(str(frames[0]))
    assert picture is not None
    assert picture.shape == (48, 64, 3)
    assert np.ptp(picture, axis=2).max() > 30


def test_a_full_disk_under_the_drawn_frames_does_not_end_it(
    stand_in: None, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, data: bytes) -> None:
        if path.name == "000008.jpg":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        atomic_write(path, data)

    monkeypatch.setattr(drawing, "atomic_write", write)
    drawn = tmp_path / "drawn"
    assert program.main(["--source", f"file:{video}", "--draw", str(drawn)]) == 0
    assert len(list(drawn.iterdir())) == 19


@pytest.mark.slow
def test_the_demo_ends_with_what_was_written_and_read(stand_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    # A page counts that was seen for half of its time, which a busy machine may need longer for.
    for duration in ("3.5", "15", "60"):
        assert program.main(["--source", "demo", "--duration", duration]) == 0
        lines = capsys.readouterr().out.splitlines()
        if "no page was shown for long" not in lines:
            break
    table = lines.index("page  written  read")
    assert lines[table + 1].startswith("1     ")
    assert lines[-2].endswith("%)")
    assert " digits read right (" in lines[-2]
    assert " frames in " in lines[-1]


@pytest.mark.slow
def test_a_camera_slower_than_the_timeout_is_not_taken_for_lost(
    stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "reader.toml"
    config.write_text("source = 'demo'\nduration = 2.6\n[camera]\nframe_rate = 0.5\ntimeout = 1\n")
    assert program.main(["--config", str(config)]) == 0
    assert "no frame for" not in caplog.text
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 frames in ")


def test_without_a_camera_it_says_that_it_shows_the_demo(
    stand_in: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(program, "find_source", lambda: "demo")
    assert program.main(["--duration", "0"]) == 0
    assert "no camera was found: this is the demo camera" in caplog.text


def test_settings_come_from_the_file_and_options_win(
    stand_in: None, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "reader.toml"
    config.write_text(f"source = 'file:{video}'\nsinks = ['console']\n[tracking]\nsettle = 100\n")
    assert program.main(["--config", str(config), "--sink", f"jsonl:{tmp_path}/out.jsonl"]) == 0
    assert (tmp_path / "out.jsonl").read_text() == ""
    assert "20 frames" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--source", "webcam"], 2, "unknown source 'webcam': expected auto, demo"),
        (["--sink", "screen", "--source", "demo"], 2, "--sink: unknown sink 'screen': expected console"),
        (["--source", f"demo:{5000 * '9'}"], 2, "source 'demo:999"),
        (["--source", "file:~no-such-user/x.mp4"], 2, "unknown source 'file:~no-such-user/x.mp4'"),
        (["--sink", "jsonl:~no-such-user/x"], 2, "--sink: sink 'jsonl:~no-such-user/x': expected a path"),
        (["--draw", ""], 2, "--draw: expected a path, not ''"),
        (["--draw", "~no-such-user/x"], 2, "--draw: expected a path, not '~no-such-user/x'"),
        (["--duration", "-3"], 2, "--duration: expected at least 0, not -3.0"),
        (["--config", "nowhere.toml"], 2, "nowhere.toml: No such file or directory"),
        (["--source", "file:nowhere.mp4"], 1, "nowhere.mp4: no such file or folder"),
        (["--source", "v4l2:97"], 1, "/dev/video97: there is no such camera"),
    ],
)
def test_what_is_wrong_is_one_line_and_the_right_status(
    stand_in: None, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    assert program.main(arguments) == status
    output = capsys.readouterr()
    assert output.out == ""
    [line] = output.err.splitlines()
    assert line.startswith(f"edge-digits-camera: error: {message}")


def test_regions_are_read_under_their_names(
    stand_in: None, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "reader.toml"
    config.write_text(
        f"source = 'file:{video}'\n"
        "[[region]]\nname = 'score'\nbox = [0, 0, 40, 40]\ndigits = 2\n"
        "[[region]]\nname = 'total'\nbox = [20, 8, 40, 40]\nrange = [0, 9]\n"
    )
    assert program.main(["--config", str(config)]) == 0
    score, total, _ = capsys.readouterr().out.splitlines()
    assert score.split()[1:3] == ["score:", "42"]
    assert total.split()[1:3] == ["total:", "42"]
    assert total.endswith("refused: 42 is outside 0 to 9")


def test_a_run_in_which_nothing_was_read_says_so_and_why(
    stand_in: None, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "reader.toml"
    config.write_text(f"source = 'file:{video}'\n[[region]]\nname = 'far'\nbox = [1000, 10, 50, 50]\n")
    assert program.main(["--config", str(config)]) == 0
    assert capsys.readouterr().out.endswith(" 20 unchanged, 0 skipped; none was read\n")
    assert caplog.messages == ["region far: [1000, 10, 50, 50] leaves the picture of 64x48; nothing is read there"]


def test_a_sink_that_lost_readings_is_status_1(
    stand_in: None, video: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(ReadingsInMemory):
        def publish(self, reading: Reading, picture: Image | None = None) -> None:
            raise EdgeDigitsError("gone")

    monkeypatch.setattr(program, "open_sinks", lambda *_: [Broken()])
    assert program.main(["--source", f"file:{video}"]) == 1
    output = capsys.readouterr()
    assert output.out.startswith("20 frames in ")
    assert output.err == "edge-digits-camera: error: 1 readings were lost: a sink did not take them\n"


def test_systemd_hears_that_it_is_ready_alive_and_stopping(
    stand_in: None, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert program.main(["--source", f"file:{video}"]) == 0
        heard = [systemd.recv(100) for _ in range(3)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_unknown_option_is_status_2() -> None:
    with pytest.raises(SystemExit) as caught:
        program.main(["--colour"])
    assert caught.value.code == 2


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(model: str) -> Reader:
        raise ModelError(f"{model}: no such model")

    monkeypatch.setattr(program, "open_reader", missing)


@pytest.mark.usefixtures("no_model")
def test_a_model_that_is_not_there_is_a_wrong_option_or_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["--source", "demo", "--model", "none"]) == 2
    assert capsys.readouterr().err == "edge-digits-camera: error: --model: none: no such model\n"
    config = tmp_path / "reader.toml"
    config.write_text("source = 'demo'\nmodel = 'none'\n")
    assert program.main(["--config", str(config)]) == 2
    assert capsys.readouterr().err == f"edge-digits-camera: error: {config}:2: model: none: no such model\n"


@pytest.mark.usefixtures("no_model")
def test_a_damaged_installation_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--source", "demo"]) == 1
    assert capsys.readouterr().err == "edge-digits-camera: error: auto: no such model\n"


def test_a_file_that_a_sink_cannot_read_is_named_with_where_it_is_asked_for(
    stand_in: None, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("paho.mqtt", reason="needs paho-mqtt")
    config = tmp_path / "reader.toml"
    mqtt = "[mqtt]\nhost = 'b'\nusername = 'u'\npassword_file = 'nowhere'"
    config.write_text(f"source = 'file:{video}'\n[record]\npath = '{tmp_path}/r.sqlite'\n{mqtt}\n")
    assert program.main(["--config", str(config)]) == 2
    said = f"{config}:7: mqtt.password_file: nowhere: No such file or directory"
    assert capsys.readouterr().err == f"edge-digits-camera: error: {said}\n"


def test_an_error_nobody_expected_shows_no_traceback_without_debug(
    monkeypatch: pytest.MonkeyPatch, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(model: str) -> Reader:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(program, "open_reader", broken)
    assert program.main(["--source", f"file:{video}"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        "edge-digits-camera: error: this should not have happened (ZeroDivisionError: division by zero); "
        "--debug tells more"
    )
    with pytest.raises(ZeroDivisionError):
        program.main(["--source", f"file:{video}", "--debug"])


def test_help_fits_a_screen_and_shows_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        program.main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert any("edge-digits-camera --source demo" in line for line in lines)
