"""``edge-digits-camera --web`` from outside: what it prints, and that nothing of it stays behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from web_client import Client, eventually

pytest.importorskip("starlette", reason="needs the extra web")

from device import __main__ as program

ROOT = Path(__file__).parents[3]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "device", "--source", "demo", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def link(process: subprocess.Popen[str]) -> tuple[Client, str]:
    """A client for the page, and the line that tells where it is."""
    assert process.stderr is not None
    line = next(line for line in process.stderr if line.startswith("the page in the browser: "))
    found = re.search(r":(\d+)/", line)
    assert found is not None
    client = Client("127.0.0.1", int(found[1]))
    client.wait()
    return client, line


def is_gone(client: Client, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            client.get("/healthz")
        except OSError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_page_ends_with_the_camera_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, "--web", "127.0.0.1:0")
    client, _ = link(process)
    assert client.get("/").status == 200
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    assert is_gone(client)


@pytest.mark.slow
def test_the_token_is_printed_the_first_time_only(tmp_path: Path) -> None:
    for is_first in (True, False):
        process = start(tmp_path, "--web", "0.0.0.0:0")
        client, line = link(process)
        token = (tmp_path / "web-token").read_text().strip()
        assert (f"/login#{token}" in line) is is_first
        assert client.get("/api/status").status == 401
        assert client.get("/api/status", Authorization=f"Bearer {token}").status == 200
        process.terminate()
        out, error = process.communicate(timeout=60)
        assert token not in out + error


@pytest.mark.slow
def test_viewers_who_are_sent_away_are_one_line_of_the_log(tmp_path: Path) -> None:
    process = start(tmp_path, "--web", "127.0.0.1:0")
    client, _ = link(process)
    viewers = [socket.create_connection((client.host, client.port), 60) for _ in range(15)]
    for viewer in viewers:
        viewer.sendall(b"GET /api/live.mjpeg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert sorted(viewer.recv(12)[9:] for viewer in viewers) == [b"200"] * 12 + [b"503"] * 3
    process.terminate()
    _, error = process.communicate(timeout=60)
    for viewer in viewers:
        viewer.close()
    logged = [line for line in error.splitlines() if "web:" in line]
    assert logged == [
        "WARNING: web: /api/live.mjpeg: 12 are watching, which is the most; try again in a moment (said once)"
    ]


def test_an_address_that_is_taken_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert program.main(["--source", "demo", "--web", address]) == 1
    assert (
        capsys.readouterr().err
        == f"edge-digits-camera: error: web: cannot listen on {address}: Address already in use\n"
    )


def test_no_token_is_made_where_the_page_cannot_be_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("0.0.0.0", 0)) as taken:
        assert program.main(["--source", "demo", "--web", f"0.0.0.0:{taken.getsockname()[1]}"]) == 1
    assert not (tmp_path / "web-token").exists(), "the next start shows the link with it"


def test_a_wrong_address_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--source", "demo", "--web", "127.0.0.1:web"]) == 2
    assert "error: --web: expected HOST:PORT" in capsys.readouterr().err


@pytest.mark.slow
def test_a_last_value_that_is_set_in_the_page_is_the_reader_s(tmp_path: Path) -> None:
    (tmp_path / "camera.toml").write_text(
        '[[region]]\nname = "score"\nbox = [0, 0, 9, 9]\n[record]\npath = "readings.sqlite"\n'
    )
    process = start(tmp_path, "--config", "camera.toml", "--web", "127.0.0.1:0")
    client, _ = link(process)
    assert client.send("PUT", "/api/regions/score/value", {"value": 12.5}).status == 200
    assert eventually(lambda: client.get("/api/status").json()["last_values"] == {"score": 12.5})
    process.terminate()
    _, error = process.communicate(timeout=60)
    assert "score: the last value is 12.5, set by hand" in error
