"""Streams over the network, against a real HTTP server on this machine."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import cv2
import numpy as np
import pytest

from device.cameras.opencv import OpenCVCamera
from device.cameras.opening import open_camera
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
    hang, released, begun = threading.Event(), threading.Event(), threading.Event()

    class Hanging:
        def grab(self) -> bool:
            begun.set()
            hang.wait()
            return False

        def release(self) -> None:
            released.set()

    camera = OpenCVCamera("usb", cast(cv2.VideoCapture, Hanging()))
    reading = threading.Thread(target=lambda: next(iter(camera), None), daemon=True)
    reading.start()
    assert begun.wait(60)
    camera.close()
    assert not released.is_set()
    hang.set()
    reading.join(60)
    assert not reading.is_alive()


def test_a_frame_that_cannot_be_decoded_is_skipped_and_a_device_that_is_gone_is_lost() -> None:
    """USB cameras send a damaged picture now and then."""

    class Webcam:
        grabbed = -1

        def grab(self) -> bool:
            self.grabbed += 1
            return self.grabbed < 9

        def retrieve(self) -> tuple[bool, np.ndarray | None]:
            damaged = self.grabbed % 3 == 1
            return (False, None) if damaged else (True, np.full((48, 64), self.grabbed, np.uint8))

        def release(self) -> None:
            pass

    shown: list[int] = []
    with pytest.raises(CameraError, match="usb: the camera stopped delivering after 6 frames"):
        shown.extend(int(frame.image[0, 0]) for frame in OpenCVCamera("usb", cast(cv2.VideoCapture, Webcam())))
    assert shown == [0, 2, 3, 5, 6, 8]


@pytest.mark.parametrize("user", ["", "user:secret@", "user:se@ret@"])
@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_address_without_a_stream_is_an_error_that_keeps_the_password(scheme: str, user: str) -> None:
    with pytest.raises(CameraError) as caught:
        open_camera(f"{scheme}://{user}127.0.0.1:9/stream")
    said = f"{scheme}://127.0.0.1:9/stream: no video stream answers there: Connection refused"
    assert str(caught.value) == said
