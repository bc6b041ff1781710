"""The program with a camera on the network and a broker: what the others on the broker see of it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from broker import Broker, needs_mosquitto, retained
from mqtt_helpers import publish, until

ROOT = Path(__file__).parents[2]
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


@needs_mosquitto
def test_a_camera_that_dies_is_offline_and_a_value_that_is_sent_reaches_the_guard(
    broker: Broker, camera: tuple[str, threading.Event], tmp_path: Path
) -> None:
    source, is_there = camera
    (tmp_path / "camera.toml").write_text(
        f"""
source = "{source}"
[camera]
frame_rate = 5
timeout = 1
[[region]]
name = "water"
box = [10, 10, 100, 60]
counter = true
[record]
path = "{tmp_path}/readings.sqlite"
[mqtt]
host = "127.0.0.1"
port = {broker.port}
client_id = "desk"
"""
    )
    command = [sys.executable, "-m", "device", "--config", str(tmp_path / "camera.toml")]
    with (tmp_path / "log").open("w") as log:
        reader = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        until(lambda: retained(broker).get(f"{BASE}/camera") == "online")
        publish(broker, f"{BASE}/set/water", "1234", retain=False)
        until(lambda: retained(broker).get(f"{BASE}/last/water") == "1234")
        is_there.clear()
        until(lambda: retained(broker).get(f"{BASE}/camera") == "offline")
        assert retained(broker)[f"{BASE}/availability"] == "online"
        is_there.set()
        until(lambda: retained(broker).get(f"{BASE}/camera") == "online")
    finally:
        reader.terminate()
        assert reader.wait(60) == 0, (tmp_path / "log").read_text()
    assert retained(broker)[f"{BASE}/availability"] == "offline"
    assert "the last value is 1234, set by hand" in (tmp_path / "log").read_text()
