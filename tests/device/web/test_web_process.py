"""The server's process is started again when it ends, whether the camera delivers frames or not."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from device import __main__ as program
from device.cameras.camera import Camera, Kind
from device.web import feed as feed_module
from device.web import process as process_module
from device.web.process import RESTART_SECONDS, STEADY_SECONDS, ServerProcess
from edge_digits.types import Frame

DELAY, MOST_DELAY = RESTART_SECONDS


def wait_until(what: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerProcess]:
    """One that ends as soon as it has begun."""
    monkeypatch.setattr(process_module, "module_command", lambda *_: [sys.executable, "-c", ""])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = ServerProcess(listener, {})
        yield process
        process.close()


def restart_delay(server: ServerProcess, now: float) -> float:
    """Seconds of the clock that ``look_after`` is told, until it starts the server again."""
    ended = server._process
    ended.wait()
    server.look_after(now)
    for seconds in range(1, round(2 * MOST_DELAY)):
        server.look_after(now + seconds)
        if server._process is not ended:
            return float(seconds)
    raise AssertionError("it was not started again")


def test_each_restart_waits_twice_as_long_up_to_two_minutes(server: ServerProcess) -> None:
    now = time.monotonic()
    delays = []
    for _ in range(8):
        delays.append(restart_delay(server, now))
        now += delays[-1]
    assert delays == [min(DELAY * 2**count, MOST_DELAY) for count in range(8)]


def test_a_server_that_ran_for_long_is_back_soon(server: ServerProcess) -> None:
    now = time.monotonic()
    for _ in range(3):
        now += restart_delay(server, now)
    assert restart_delay(server, now + STEADY_SECONDS + 1) == DELAY


def test_a_closed_server_is_not_started_again(server: ServerProcess) -> None:
    ended = server._process
    server.close()
    server.look_after(time.monotonic())
    server.look_after(time.monotonic() + MOST_DELAY)
    assert server._process is ended


class SilentCamera(Camera):
    """A live camera that never delivers a frame."""

    kind: Kind = "live"
    name = "silent"

    unsupported = ()

    def __init__(self) -> None:
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        self._closed.wait()
        return iter(())

    def close(self) -> None:
        self._closed.set()


@pytest.mark.slow
def test_a_server_that_dies_comes_back_while_no_frame_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(program, "open_camera", lambda *_: SilentCamera())
    monkeypatch.setattr(process_module, "RESTART_SECONDS", (0.1, 1.0))
    started: list[ServerProcess] = []

    class Noted(ServerProcess):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # pyright: ignore[reportArgumentType]
            started.append(self)

    monkeypatch.setattr(feed_module, "ServerProcess", Noted)
    came_back: list[bool] = []

    def kill_the_server() -> None:
        if wait_until(lambda: bool(started)):
            ended = started[0]._process
            ended.kill()
            came_back.append(wait_until(lambda: started[0]._process is not ended))
        os.kill(os.getpid(), signal.SIGINT)

    killer = threading.Thread(target=kill_the_server)
    killer.start()
    assert program.main(["--source", "demo", "--web", "127.0.0.1:0", "--duration", "40"]) == 0
    killer.join()
    assert came_back == [True]
    assert "the web server ended; starting it again" in caplog.text
