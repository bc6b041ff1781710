"""The systemd service: a unit that systemd understands to the last key, and datagrams that reach it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import __main__ as camera_program
from device.system import service
from edge_digits.errors import ConfigError, EdgeDigitsError

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze")


def complaints(text: str, folder: Path) -> str:
    """What systemd has to say about a unit; its exit status does not tell of unknown keys."""
    assert ANALYZE is not None
    path = folder / "edge-digits-camera.service"
    path.write_text(text)
    command = [ANALYZE, "verify", "--man=no", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"SYSTEMD_LOG_LEVEL": "info"})
    return done.stdout + done.stderr


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "edge digits" / "edge-digits-camera"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.slow
@needs_systemd
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path, program: Path) -> None:
    text = service.unit([str(program), "--config", "/etc/edge digits/50%.toml"], [Path("/etc/edge-digits/password")])
    assert complaints(text, tmp_path) == ""


@pytest.mark.slow
@needs_systemd
def test_systemd_would_complain_about_an_unknown_key(tmp_path: Path, program: Path) -> None:
    text = service.unit([str(program)]).replace("NoNewPrivileges", "NoNewPriviliges")
    assert "NoNewPriviliges" in complaints(text, tmp_path)


def test_the_unit_is_watched_and_confined() -> None:
    lines = service.unit(["/opt/edge-digits/bin/edge-digits-camera"]).splitlines()
    for line in (
        "Type=notify",
        f"WatchdogSec={service.WATCHDOG_SECONDS}",
        "Restart=always",
        "DynamicUser=yes",
        "User=edge-digits-camera",
        "SupplementaryGroups=video",
        "StateDirectory=edge-digits-camera",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
    ):
        assert line in lines


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_an_argument_reaches_the_program_as_it_is(argument: str) -> None:
    [line] = [line for line in service.unit(["/bin/x", argument]).splitlines() if line.startswith("ExecStart=")]
    assert unquoted(line.removeprefix("ExecStart=/bin/x ")) == argument


def unquoted(text: str) -> str:
    """How systemd.syntax(7) reads one word: quotes, backslashes, then specifiers and variables."""
    if text.startswith('"'):
        text = text[1:-1]
    out, k = "", 0
    while k < len(text):
        doubled = text[k : k + 2] in ("\\\\", "%%", "$$", '\\"')
        out += text[k + 1] if doubled else text[k]
        k += 2 if doubled else 1
    return out


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(tmp_path / "notify"))
    listener.settimeout(1)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    return listener


def test_systemd_hears_what_it_is_told(systemd: socket.socket) -> None:
    with systemd:
        assert service.notify("READY=1\nSTATUS=reading")
        assert systemd.recv(100) == b"READY=1\nSTATUS=reading"


def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"edge-digits-{os.getpid()}-{threading.get_ident()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        assert service.notify("WATCHDOG=1")
        assert listener.recv(100) == b"WATCHDOG=1"


def test_outside_a_service_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not service.notify("READY=1")


def test_a_socket_that_is_gone_or_full_holds_nothing_up(systemd: socket.socket) -> None:
    with systemd:
        began = time.monotonic()
        assert not all(service.notify("WATCHDOG=1") for _ in range(3000))
        assert time.monotonic() - began < 2.0
    assert not service.notify("WATCHDOG=1")


CONFIG = """
source = "picamera:0"
sinks = ["jsonl:readings.jsonl"]
[record]
path = "readings.sqlite"
[mqtt]
host = "broker"
username = "reader"
password_file = "/etc/edge-digits/mqtt-password"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "camera.toml"
    path.write_text(CONFIG)
    return path


def test_print_shows_the_unit_and_writes_nothing(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(service, "UNITS", tmp_path)
    assert service.main(["--config", str(config), "--print"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ExecStart=/") and line.endswith(f" --config {config}") for line in lines)
    assert "LoadCredential=mqtt-password:/etc/edge-digits/mqtt-password" in lines
    assert list(tmp_path.glob("*.service")) == []


def test_it_writes_the_unit_and_says_how_to_start_it(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(service, "UNITS", tmp_path)
    monkeypatch.setattr(service, "_check_reach", lambda path: None)
    assert service.main(["--config", str(config)]) == 0
    assert "systemctl enable --now edge-digits-camera" in capsys.readouterr().out
    assert "Type=notify" in (tmp_path / "edge-digits-camera.service").read_text()
    monkeypatch.setattr(service, "UNITS", tmp_path / "no folder")
    with pytest.raises(EdgeDigitsError, match=r"No such file or directory; run this with sudo, or see --print$"):
        service.main(["--config", str(config)])


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"readings.sqlite"', '"/home/pi/readings.sqlite"', "record.path"),
        ('"readings.sqlite"', '"../readings.sqlite"', "record.path"),
        ("jsonl:readings.jsonl", "jsonl:/var/log/readings.jsonl", "sinks: jsonl:/var/log/readings.jsonl"),
        ("sinks", "draw = '/srv/frames'\nsinks", "draw"),
        ("sinks", "teach.folder = '/srv/hand'\nsinks", "teach.folder"),
    ],
)
def test_a_file_that_the_service_could_not_write_is_named(config: Path, old: str, new: str, key: str) -> None:
    config.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError, match=f"{key}: the service may write only in /var/lib/edge-digits-camera;"):
        service.main(["--config", str(config), "--print"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("jsonl:readings.jsonl", "foo", "3: sinks: unknown sink 'foo'"),
        ("sinks", "model = 'nope'\nsinks", "3: model: nope: no such model"),
        ("sinks", "model = '/nowhere/model.tflite'\nsinks", "3: model: /nowhere/model.tflite: no such model"),
        ('"readings.sqlite"', '"/home/pi/readings.sqlite"', "5: record.path: the service may write only in"),
    ],
)
def test_what_the_service_could_not_work_with_is_named_with_file_and_line(
    config: Path, old: str, new: str, message: str
) -> None:
    config.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        service.main(["--config", str(config), "--print"])
    assert str(caught.value).startswith(f"{config}:{message}")


def test_a_relative_password_file_begins_in_the_service_s_folder(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config.write_text(CONFIG.replace("/etc/edge-digits/mqtt-password", "mqtt-password"))
    assert service.main(["--config", str(config), "--print", "--name", "door"]) == 0
    assert "LoadCredential=mqtt-password:/var/lib/door/mqtt-password" in capsys.readouterr().out.splitlines()


URL = """
source = "rtsp://viewer@camera.local/live"
[camera]
password_file = "/etc/edge-digits/camera-password"
"""


def test_the_camera_s_password_is_a_credential_beside_the_broker_s(
    config: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config.write_text(URL + CONFIG.replace('source = "picamera:0"\nsinks', "# sinks"))
    assert service.main(["--config", str(config), "--print"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "LoadCredential=camera-password:/etc/edge-digits/camera-password" in lines
    assert "LoadCredential=mqtt-password:/etc/edge-digits/mqtt-password" in lines
    assert caplog.messages == []


def test_secrets_of_webhook_and_influx_are_credentials_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook = "[webhook]\nurl = 'http://a/'\nsecret_file = '/etc/edge-digits/hook'"
    influx = "[influx]\nurl = 'http://a/'\nbucket = 'b'\ntoken_file = '/etc/edge-digits/token'"
    config.write_text(f"[record]\n{hook}\n{influx}\n")
    assert service.main(["--config", str(config), "--print"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("LoadCredential")]
    assert lines == ["LoadCredential=hook:/etc/edge-digits/hook", "LoadCredential=token:/etc/edge-digits/token"]


def test_two_passwords_need_files_of_two_names(config: Path) -> None:
    text = URL.replace("/etc/edge-digits/camera-password", "/etc/camera/mqtt-password")
    config.write_text(text + CONFIG.replace('source = "picamera:0"\nsinks', "# sinks"))
    said = r"camera\.toml:12: mqtt\.password_file: expected another file name than /etc/camera/mqtt-password has"
    with pytest.raises(ConfigError, match=said):
        service.main(["--config", str(config), "--print"])


def test_a_password_that_everybody_could_read_is_said_and_not_shown(
    config: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config.write_text("source = 'rtsp://viewer:secret@camera.local/live'\n")
    assert service.main(["--config", str(config), "--print"]) == 0
    assert "its password stands where everybody can read it; write user@ alone" in caplog.text
    assert "secret" not in capsys.readouterr().out + caplog.text


@pytest.mark.parametrize(("lamp", "groups"), [("", "video"), ("[lamp]\npin = 17\n", "video gpio")])
def test_a_service_with_a_lamp_may_use_the_pins(
    config: Path, capsys: pytest.CaptureFixture[str], lamp: str, groups: str
) -> None:
    config.write_text(f"source = 'demo'\n{lamp}")
    assert service.main(["--config", str(config), "--print"]) == 0
    assert f"SupplementaryGroups={groups}" in capsys.readouterr().out.splitlines()


@pytest.mark.slow
@needs_systemd
def test_a_percent_sign_in_a_credential_is_no_specifier(tmp_path: Path, program: Path) -> None:
    text = service.unit([str(program)], [Path("/etc/50%z")])
    assert "LoadCredential=50%%z:/etc/50%%z" in text.splitlines()
    assert complaints(text, tmp_path) == ""


@pytest.mark.parametrize("name", ["a:b", "käse", "a b", r"a\\b", r"a\nb"])
def test_a_password_file_that_can_be_no_credential_is_refused(config: Path, name: str) -> None:
    config.write_text(CONFIG.replace("mqtt-password", name))
    with pytest.raises(ConfigError, match=r"camera\.toml:9: mqtt\.password_file: expected a file name of letters"):
        service.main(["--config", str(config), "--print"])


def test_a_model_in_the_service_s_own_folder_may_be_put_there_later(config: Path) -> None:
    config.write_text(CONFIG.replace("sinks", "model = 'own.tflite'\nsinks"))
    assert service.main(["--config", str(config), "--print"]) == 0


def test_two_readers_have_two_services(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert service.main(["--config", str(config), "--name", "door", "--print"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"User=door", "StateDirectory=door", "WorkingDirectory=/var/lib/door"} < set(lines)
    with pytest.raises(ConfigError, match=r"--name: expected small letters"):
        service.main(["--config", str(config), "--name", "../door", "--print"])


def test_debug_shows_where_an_error_comes_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        camera_program.main(["install-service", "--config", str(tmp_path / "none.toml"), "--debug"])


def test_a_configuration_that_the_service_could_not_read_is_named(config: Path) -> None:
    closed = config.parent / "closed"
    closed.mkdir(mode=0o700)
    moved = config.rename(closed / "camera.toml")
    with pytest.raises(EdgeDigitsError, match="only the owner may enter"):
        service.main(["--config", str(moved)])


def test_a_configuration_whose_name_would_be_a_line_of_the_unit_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "a\nExecStartPre=x.toml"
    config.write_text("")
    with pytest.raises(ConfigError, match="expected a path without control characters"):
        service.main(["--config", str(config), "--print"])
