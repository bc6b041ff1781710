"""The program with a camera on the network and a broker: what the others on the broker see of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from broker import Broker, Listener, needs_mosquitto, retained
from mqtt_helpers import publish, until

ROOT = Path(__file__).parents[3]
BASE = "edge-digits/desk"
PICTURE = cv2.imencode(".jpg", np.full((120, 160), 200, np.uint8))[1].tobytes()


@pytest.fixture
def camera() -> Iterator[tuple[str, threading.Event]]:
    """Address of a picture on the network, and whether it can be had."""
    is_there = threading.Event()
    is_there.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                self.send_response(200 if is_there.is_set() else 503)
                self.send_header("Content-Type", "image/jpeg")
                self.end_headers()
                self.wfile.write(PICTURE if is_there.is_set() else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/picture.jpg", is_there
        server.shutdown()


SETTINGS = """
source = "{source}"
[camera]
frame_rate = 5
timeout = 1
[[region]]
name = "water"
box = [10, 10, 100, 60]
counter = true
[record]
path = "{folder}/readings.sqlite"
[mqtt]
host = "127.0.0.1"
port = {port}
client_id = "desk"
"""
STAND_IN = """
import sys
from device import __main__ as program
from edge_digits.page import Page
from edge_digits.types import Box, Line
class Reader:
    def read(self, grey):
        return Page((Line("42", 0.9, Box(10, 10, 20, 20), ()),), ())
program.open_reader = lambda model: Reader()
sys.exit(program.main(sys.argv[1:]))
"""


@contextlib.contextmanager
def reading(folder: Path, text: str, *command: str) -> Iterator[Path]:
    """The program with the configuration ``text``; gives its log, and has it end well."""
    config, log = folder / "camera.toml", folder / "log"
    config.write_text(text)
    with log.open("w") as out:
        program = [sys.executable, *command, "--config", str(config)]
        reader = subprocess.Popen(program, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield log
    finally:
        reader.terminate()
        assert reader.wait(60) == 0, log.read_text()


@needs_mosquitto
def test_a_camera_that_dies_is_offline_and_a_value_that_is_sent_reaches_the_guard(
    broker: Broker, camera: tuple[str, threading.Event], tmp_path: Path
) -> None:
    source, is_there = camera
    with reading(tmp_path, SETTINGS.format(source=source, folder=tmp_path, port=broker.port), "-m", "device") as log:
        until(lambda: retained(broker).get(f"{BASE}/camera") == "online")
        publish(broker, f"{BASE}/set/water", "1234", retain=False)
        until(lambda: retained(broker).get(f"{BASE}/last/water") == "1234")
        is_there.clear()
        until(lambda: retained(broker).get(f"{BASE}/camera") == "offline")
        assert retained(broker)[f"{BASE}/availability"] == "online"
        is_there.set()
        until(lambda: retained(broker).get(f"{BASE}/camera") == "online")
    assert retained(broker)[f"{BASE}/availability"] == "offline"
    assert "the last value is 1234, set by hand" in log.read_text()


@needs_mosquitto
def test_home_assistant_s_button_has_the_number_read_and_told_again(
    broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    text = SETTINGS.format(source="demo", folder=tmp_path, port=broker.port) + "[read]\nevery = 86400\n"
    # A reading is given up when no frame comes for so long, as on a machine that is busy with other things.
    text = text.replace("timeout = 1\n", "timeout = 60\n")
    with reading(tmp_path, text, "-c", STAND_IN):
        until(lambda: len(listener.ids) >= 1, 120.0)
        button = json.loads(retained(broker)["homeassistant/button/desk/read_now/config"])
        publish(broker, button["command_topic"], "PRESS", retain=False)
        until(lambda: len(listener.ids) >= 2, 120.0)
