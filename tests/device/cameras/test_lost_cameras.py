"""Streams that are cut, fall silent and come back, against a real HTTP server on this machine."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import capture
from device.cameras.camera import Camera
from device.cameras.opening import open_camera
from device.config.reading import TrackingRule
from device.loop import Run, run
from edge_digits.page import Page
from edge_digits.types import Frame

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
NOTHING = Page((), ())


LIMIT = 120.0
"""Seconds after which a test gives up waiting; none takes so long on any machine."""


class MotionJpeg(BaseHTTPRequestHandler):
    """Serves ten pictures as a webcam server does; then hangs up, or falls silent if the server wants it so."""

    silent = False
    fell_silent = threading.Event()
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
                self.wfile.flush()
                self.fell_silent.set()
                self.ended.wait(2 * LIMIT)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def server(port: int = 0, *, silent: threading.Event | None = None) -> Iterator[int]:
    """A camera on the network; its port. silent: it falls silent, and sets this then."""
    events = {"silent": silent is not None, "fell_silent": silent or threading.Event(), "ended": threading.Event()}
    handler = type("Handler", (MotionJpeg,), events)
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield http.server_address[1]
        finally:
            handler.ended.set()
            http.shutdown()


def free_port() -> int:
    """A port at which nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "FIRST_WAIT", 0.2)
    monkeypatch.setattr(capture, "LONGEST_WAIT", 1.0)


def follow(
    port: int, frames: int, timeout: float = LIMIT, lost: Callable[[], object] = lambda: None
) -> tuple[Run, list[int]]:
    """Read the stream, whatever befalls it, until so many frames have come; their numbers. lost: called before each
    attempt to open it again."""
    numbers: list[int] = []
    stop = threading.Event()

    def watch(frame: Frame, page: Page) -> None:
        numbers.append(frame.number)
        if len(numbers) >= frames:
            stop.set()

    url = f"http://127.0.0.1:{port}/stream"

    def reopen() -> Camera:
        lost()
        return open_camera(url)

    outcome = run(
        open_camera(url),
        lambda image: NOTHING,
        TrackingRule(),
        [],
        [watch],
        stop=stop,
        duration=LIMIT,
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
    attempts = 0
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(contextlib.ExitStack())
        port = first.enter_context(server())

        def lost() -> None:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                first.close()
            elif attempts == 3:
                stack.enter_context(server(port))

        _, numbers = follow(port, 15, lost=lost)
    assert len(numbers) >= 15
    assert attempts >= 3


def test_a_stream_that_falls_silent_is_taken_up_again(caplog: pytest.LogCaptureFixture) -> None:
    with server(silent=threading.Event()) as port:
        _, numbers = follow(port, 15, timeout=1.0)
    assert len(numbers) >= 15
    assert "no frame for 1 s; opening it again" in caplog.text


def start(*arguments: str) -> subprocess.Popen[str]:
    """The program, with a reader that says so whenever it reads a picture."""
    code = """
import sys
from device import __main__ as program, snapshot
from edge_digits.page import Page
snapshot.SETTLE_SECONDS = 0.0
class Reader:
    def read(self, grey):
        print("read", flush=True)
        return Page((), ())
program.open_reader = lambda model: Reader()
sys.exit(program.main(sys.argv[1:]))
"""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("command", [[], ["snapshot", "OUT", "--watch", "0.1"]], ids=["run", "snapshot"])
def test_a_signal_ends_it_though_the_camera_is_silent(command: list[str], tmp_path: Path) -> None:
    given = [str(tmp_path / "aim.png") if word == "OUT" else word for word in command]
    silent = threading.Event()
    with server(silent=silent) as port:
        process = start(*given, "--source", f"http://127.0.0.1:{port}/stream")
        assert process.stdout is not None
        assert process.stdout.readline() == "read\n"
        assert silent.wait(LIMIT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LIMIT)
        assert process.returncode == 0


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_camera_that_is_off_at_the_start_is_said_and_waited_for(scheme: str) -> None:
    port = free_port()
    process = start("--source", f"{scheme}://viewer:secret@127.0.0.1:{port}/stream")
    assert process.stdout is not None and process.stderr is not None
    said = f"{scheme}://127.0.0.1:{port}/stream: no video stream answers there: Connection refused; opening it again"
    assert process.stderr.readline().startswith(f"WARNING: {said}")
    if scheme == "http":
        with server(port):
            assert process.stdout.readline() == "read\n"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert "secret" not in errors


def test_a_run_that_ends_before_the_camera_came_has_failed() -> None:
    url = f"http://127.0.0.1:{free_port()}/stream"
    process = start("--source", url, "--duration", "0.5")
    _, errors = process.communicate(timeout=LIMIT)
    said = f"edge-digits-camera: error: {url}: no video stream answers there: Connection refused"
    assert (process.returncode, errors.splitlines()[-1]) == (1, said)


def test_a_camera_that_says_no_at_the_start_is_no_camera_to_wait_for(tmp_path: Path) -> None:
    class Refusing(MotionJpeg):
        def do_GET(self) -> None:
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"http://127.0.0.1:{http.server_address[1]}/typo"
        process = start("--source", url)
        _, errors = process.communicate(timeout=LIMIT)
        http.shutdown()
    assert (process.returncode, errors) == (1, f"edge-digits-camera: error: {url}: the camera answers 404 Not Found\n")


def test_an_address_that_can_never_be_one_is_a_wrong_command_line() -> None:
    process = start("--source", "http://user:se/cret@127.0.0.1/stream")
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert errors.startswith("edge-digits-camera: error: source 'http://127.0.0.1/stream': expected http://HOST/")


def test_a_crop_outside_of_the_picture_is_a_wrong_configuration(tmp_path: Path) -> None:
    config = tmp_path / "camera.toml"
    with server() as port:
        config.write_text(f"source = 'http://127.0.0.1:{port}/stream'\n[camera]\ncrop = [64, 0, 10, 10]\n")
        process = start("--config", str(config))
        _, errors = process.communicate(timeout=LIMIT)
    said = f"{config}:3: camera.crop: [64, 0, 10, 10] lies outside of the picture of 64x48"
    assert (process.returncode, errors) == (2, f"edge-digits-camera: error: {said}\n")
