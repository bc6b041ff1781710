"""Streams over the network, against a real HTTP server on this machine."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import cv2
import numpy as np
import pytest

from device.cameras import open_camera
from device.cameras.opencv import OpenCVCamera
from edge_digits.errors import CameraError

FRAMES = 12


class MotionJpeg(BaseHTTPRequestHandler):
    """Serves FRAMES pictures as a webcam server does, then hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(FRAMES):
            _, jpeg = cv2.imencode(".jpg", np.full((48, 64), 10 * number, np.uint8))
            part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % jpeg.size
            self.wfile.write(part + jpeg.tobytes() + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), MotionJpeg) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_motion_jpeg_stream_is_read_in_grey(address: str) -> None:
    with open_camera(f"http://{address}/stream") as camera:
        frames = list(itertools.islice(camera, 5))
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert [int(frame.image[0, 0]) for frame in frames] == pytest.approx([0, 10, 20, 30, 40], abs=3)
    assert frames[0].image.shape == (48, 64)


def test_a_stream_that_ends_is_an_error(address: str) -> None:
    with (
        open_camera(f"http://{address}/stream") as camera,
        pytest.raises(CameraError, match=rf"http://{address}/stream: the camera stopped delivering after \d+ frames"),
    ):
        list(camera)


def test_closing_does_not_wait_for_a_camera_that_hangs_nor_touch_it() -> None:
    hang, released = threading.Event(), threading.Event()

    class Hanging:
        def read(self) -> tuple[bool, None]:
            hang.wait()
            return False, None

        def release(self) -> None:
            released.set()

    camera = OpenCVCamera("usb", cast(cv2.VideoCapture, Hanging()))
    reading = threading.Thread(target=lambda: next(iter(camera), None), daemon=True)
    reading.start()
    time.sleep(0.05)
    began = time.monotonic()
    camera.close()
    assert time.monotonic() - began < 1.5
    assert not released.is_set()
    hang.set()
    reading.join(1.0)
    assert not reading.is_alive()


@pytest.mark.parametrize("user", ["", "user:secret@", "user:se@ret@", "user:se/ret@", "user:s@e/re@t@"])
def test_an_address_without_a_stream_is_an_error_that_keeps_the_password(user: str) -> None:
    with pytest.raises(CameraError) as caught:
        open_camera(f"http://{user}127.0.0.1:9/stream")
    assert str(caught.value) == "http://127.0.0.1:9/stream: no video stream answers there"
