"""Streams that are cut, fall silent and come back, against a real HTTP server on this machine."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import capture
from device.cameras import Camera, open_camera
from device.loop import Run, run
from device.tracking import TrackingRule
from edge_digits.types import Frame, Page

ROOT = Path(__file__).parents[2]
NOTHING = Page((), ())


class MotionJpeg(BaseHTTPRequestHandler):
    """Serves ten pictures as a webcam server does; then hangs up, or falls silent if the server wants it so."""

    silent = False
    ended = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        with contextlib.suppress(OSError):
            for number in range(10):
                _, jpeg = cv2.imencode(".jpg", np.full((48, 64), 10 * number, np.uint8))
                part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % jpeg.size
                self.wfile.write(part + jpeg.tobytes() + b"\r\n")
                time.sleep(0.02)
            if self.silent:
                self.ended.wait(20)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def server(port: int = 0, *, silent: bool = False) -> Iterator[int]:
    """A camera on the network; its port."""
    handler = type("Handler", (MotionJpeg,), {"silent": silent, "ended": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield http.server_address[1]
        finally:
            handler.ended.set()
            http.shutdown()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "FIRST_WAIT", 0.2)


def follow(port: int, frames: int, timeout: float = 10.0) -> tuple[Run, list[int]]:
    """Read the stream, whatever befalls it, until so many frames have come; their numbers."""
    numbers: list[int] = []
    stop = threading.Event()

    def watch(frame: Frame, page: Page) -> None:
        numbers.append(frame.number)
        if len(numbers) >= frames:
            stop.set()

    def reopen() -> Camera:
        return open_camera(f"http://127.0.0.1:{port}/stream")

    outcome = run(
        reopen(),
        lambda image: NOTHING,
        TrackingRule(),
        [],
        [watch],
        stop=stop,
        duration=20.0,
        reopen=reopen,
        timeout=timeout,
    )
    return outcome, numbers


def test_a_stream_that_is_cut_is_taken_up_again(caplog: pytest.LogCaptureFixture) -> None:
    with server() as port:
        outcome, numbers = follow(port, 25)
    assert len(numbers) >= 25
    assert numbers == sorted(set(numbers))
    assert outcome.failure is None
    assert "the camera stopped delivering after" in caplog.text
    assert "delivers again" in caplog.text


def test_a_camera_that_is_away_for_a_while_comes_back() -> None:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(contextlib.ExitStack())
        port = first.enter_context(server())

        def restart() -> None:
            time.sleep(0.3)
            first.close()
            time.sleep(1.0)
            stack.enter_context(server(port))

        restarting = threading.Thread(target=restart)
        restarting.start()
        _, numbers = follow(port, 15)
        restarting.join()
    assert len(numbers) >= 15


def test_a_stream_that_falls_silent_is_taken_up_again(caplog: pytest.LogCaptureFixture) -> None:
    with server(silent=True) as port:
        _, numbers = follow(port, 15, timeout=1.0)
    assert len(numbers) >= 15
    assert "no frame for 1 s; opening it again" in caplog.text


@pytest.mark.parametrize("command", [[], ["snapshot", "OUT", "--watch", "0.1"]], ids=["run", "snapshot"])
def test_a_signal_ends_it_within_two_seconds_though_the_camera_is_silent(command: list[str], tmp_path: Path) -> None:
    given = [str(tmp_path / "aim.png") if word == "OUT" else word for word in command]
    code = """
import sys
from device import __main__ as program, snapshot
from edge_digits.types import Page
snapshot.SETTLE_SECONDS = 0.0
class Reader:
    def read(self, grey):
        print("read", flush=True)
        return Page((), ())
program.open_reader = lambda model: Reader()
sys.exit(program.main(sys.argv[1:]))
"""
    with server(silent=True) as port:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *given, "--source", f"http://127.0.0.1:{port}/stream"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "read\n"
        time.sleep(1.0)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert time.monotonic() - began < 2.0
        assert process.returncode == 0
