"""Cameras over HTTP: streams whose frames are not all pictures, single pictures, passwords, and what is no camera."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import cv2
import numpy as np
import pytest
from http_camera import STREAM, head, http_camera, jpeg, part, picture, stream

from device.cameras import skipped
from device.cameras.camera import Camera
from device.cameras.network.mjpeg import MjpegCamera
from device.cameras.network.polled import MOST_FAILURES, PolledCamera
from device.cameras.network.unreachable import UnreachableError
from device.cameras.opencv import OpenCVCamera
from device.cameras.opening import open_camera
from device.config.camera import CameraSettings
from device.config.fields import FieldError
from edge_digits.errors import CameraError, ConfigError

FAST = CameraSettings(poll_interval=0.1)
RANDOM = bytes(random.Random(1).randrange(256) for _ in range(2000))


def levels(camera: Camera, count: int) -> list[int]:
    """Grey levels of the next frames, to the nearest ten."""
    return [round(int(frame.image[0, 0]), -1) for frame in itertools.islice(camera, count)]


# --- streams


@pytest.mark.parametrize(
    "bad",
    [RANDOM, b"", jpeg(100)[:-300], jpeg(100)[: len(jpeg(100)) // 2], b"<html>busy</html>", b"GIF89a" + bytes(40)],
    ids=["random", "empty", "cut short", "half", "a page", "GIF"],
)
def test_a_frame_that_is_no_picture_is_skipped_and_said(bad: bytes, caplog: pytest.LogCaptureFixture) -> None:
    pieces = [part(bad if number % 5 == 3 else jpeg(10 * number)) for number in range(20)]
    with http_camera(stream(pieces)) as address, open_camera(f"http://{address}/stream") as camera:
        frames = list(itertools.islice(camera, 16))
    assert [round(int(frame.image[0, 0]), -1) for frame in frames] == [10 * k for k in range(20) if k % 5 != 3]
    assert [frame.number for frame in frames] == list(range(16))
    [said] = caplog.messages
    assert said.startswith(f"http://{address}/stream: a frame that is no picture is skipped (")


def test_a_stream_without_any_picture_is_a_lost_camera() -> None:
    pieces = [part(jpeg(0)), *(part(RANDOM) for _ in range(skipped.MOST_IN_A_ROW + 5))]
    with (
        http_camera(stream(pieces)) as address,
        open_camera(f"http://{address}/stream") as camera,
        pytest.raises(CameraError, match=rf"{address}/stream: {skipped.MOST_IN_A_ROW} frames in a row are no pictures"),
    ):
        list(camera)


@pytest.mark.parametrize(
    ("kind", "wrap"),
    [
        (STREAM, lambda body: part(body)),
        (STREAM, lambda body: part(body, "Content-Type: image/jpeg")),
        (STREAM, lambda body: part(body, f"content-length:{len(body)}", "X-Timestamp: 1")),
        (STREAM, lambda body: b"\r\n" + part(body).removesuffix(b"\r\n")),
        ('multipart/x-mixed-replace;boundary="--frame"', lambda body: part(body)),
        ("multipart/x-mixed-replace", lambda body: part(body)),
    ],
    ids=["plain", "without a length", "other headers", "ESP32", "dashes", "without a boundary"],
)
def test_streams_are_read_as_cameras_write_them(kind: str, wrap) -> None:
    pieces = [wrap(jpeg(10 * number)) for number in range(6)]
    with http_camera(stream(pieces, kind)) as address, open_camera(f"http://{address}/stream") as camera:
        assert levels(camera, 5) == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(("told", "shown"), [(100, [0, 10, 20, 40, 50]), (500, [0, 10, 20, 30, 50])])
def test_a_part_whose_length_is_told_wrongly_costs_itself_or_the_next(told: int, shown: list[int]) -> None:
    pieces = [part(jpeg(10 * number)) for number in range(10)]
    pieces[3] = part(jpeg(30), f"Content-Length: {told}")
    with http_camera(stream(pieces)) as address, open_camera(f"http://{address}/stream") as camera:
        assert levels(camera, 5) == shown


def test_the_end_of_a_stream_is_a_lost_camera() -> None:
    with (
        http_camera(stream([part(jpeg(0)), part(jpeg(10)), b"--frame--\r\n"])) as address,
        open_camera(f"http://{address}/stream") as camera,
        pytest.raises(CameraError, match=rf"^http://{address}/stream: the camera stopped delivering after 2 frames$"),
    ):
        list(camera)


def test_closing_ends_the_wait_for_a_frame_that_does_not_come() -> None:
    silent = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        head(handler, Content_Type=STREAM)
        handler.wfile.write(part(jpeg(0)))
        handler.wfile.flush()
        silent.wait(60)

    with http_camera(answer) as address, open_camera(f"http://{address}/stream") as camera:
        frames = iter(camera)
        next(frames)
        closing = threading.Timer(0.1, camera.close)
        closing.start()
        assert list(frames) == []
        silent.set()


def test_what_is_neither_a_picture_nor_parts_is_left_to_ffmpeg(tmp_path: Path) -> None:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (64, 48))
    for number in range(6):
        writer.write(np.full((48, 64, 3), 10 * number, np.uint8))
    writer.release()
    answer = picture(path.read_bytes(), "video/x-msvideo")
    with http_camera(answer) as address, open_camera(f"http://{address}/video", CameraSettings(flicker=50)) as camera:
        assert isinstance(camera.inner, OpenCVCamera)
        assert levels(camera, 3) == [0, 10, 20]
        assert "camera.flicker has no effect" in camera.unsupported[0]


# --- single pictures


def test_a_single_picture_is_asked_for_again_and_again() -> None:
    asked = itertools.count()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        picture(jpeg(10 * next(asked)))(handler)

    with http_camera(answer) as address, open_camera(f"http://{address}/picture.jpg", FAST) as camera:
        began = time.monotonic()
        assert levels(camera, 5) == [0, 10, 20, 30, 40]
        assert time.monotonic() - began >= 4 * 0.1
        assert isinstance(camera.inner, PolledCamera) and camera.kind == "live"


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", None])
def test_a_picture_is_known_by_its_type_or_by_what_it_begins_with(kind: str | None) -> None:
    body = cv2.imencode(".png", np.full((48, 64), 50, np.uint8))[1].tobytes()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        told = {} if kind is None else {"Content_Type": kind}
        head(handler, 200, Content_Length=str(len(body)), **told)
        handler.wfile.write(body)

    with http_camera(answer) as address, open_camera(f"http://{address}/picture", FAST) as camera:
        assert levels(camera, 2) == [50, 50]


def test_a_request_that_fails_now_and_then_is_made_again(caplog: pytest.LogCaptureFixture) -> None:
    asked = itertools.count()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        number = next(asked)
        if number % 4 == 1:
            head(handler, 503)
        elif number % 4 == 2:
            picture(RANDOM)(handler)
        else:
            picture(jpeg(10 * number))(handler)

    with http_camera(answer) as address, open_camera(f"http://{address}/picture.jpg", FAST) as camera:
        assert levels(camera, 5) == [0, 30, 40, 70, 80]


def test_requests_that_fail_in_a_row_are_a_lost_camera_with_the_reason() -> None:
    asked = itertools.count()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if next(asked):
            head(handler, 500)
        else:
            picture(jpeg(0))(handler)

    said = rf"picture\.jpg: the camera answers 500 Internal Server Error \({MOST_FAILURES} times in a row\)$"
    with (
        http_camera(answer) as address,
        open_camera(f"http://{address}/picture.jpg", FAST) as camera,
        pytest.raises(CameraError, match=said),
    ):
        list(camera)


def test_closing_ends_the_wait_for_the_next_request() -> None:
    settings = CameraSettings(poll_interval=3600)
    with http_camera(picture(jpeg(0))) as address, open_camera(f"http://{address}/picture.jpg", settings) as camera:
        frames = iter(camera)
        next(frames)
        threading.Timer(0.1, camera.close).start()
        assert list(frames) == []


@pytest.mark.parametrize(
    ("timeout", "interval", "between", "silence"),
    [(10.0, None, 2.0, 10.0), (1.0, None, 1 / 3, 1.0), (10.0, 60.0, 60.0, 180.0), (10.0, 0.5, 0.5, 10.0)],
)
def test_a_camera_that_is_asked_seldom_is_not_taken_for_lost(
    timeout: float, interval: float | None, between: float, silence: float
) -> None:
    settings = CameraSettings(timeout=timeout, poll_interval=interval)
    assert settings.seconds_between_polls == pytest.approx(between)
    assert settings.longest_silence == pytest.approx(silence)


# --- passwords


def basic(handler: BaseHTTPRequestHandler) -> bool:
    expected = "Basic " + base64.b64encode(b"viewer:pa ss@/w\xc3\xb6rd").decode()
    if handler.headers.get("Authorization") == expected:
        return True
    head(handler, 401, WWW_Authenticate='Basic realm="camera"')
    return False


def digest(handler: BaseHTTPRequestHandler) -> bool:
    """RFC 2617, section 3.2, without qop."""
    given = handler.headers.get("Authorization", "")
    if given.startswith("Digest "):
        fields = dict(item.strip().split("=", 1) for item in given.removeprefix("Digest ").split(","))
        response = fields["response"].strip('"')
        hashed = [
            hashlib.md5(text.encode()).hexdigest() for text in ("viewer:camera:pa ss@/wörd", f"GET:{handler.path}")
        ]
        if hashlib.md5(":".join([hashed[0], "nonce", hashed[1]]).encode()).hexdigest() == response:
            return True
    head(handler, 401, WWW_Authenticate='Digest realm="camera", nonce="nonce", algorithm=MD5')
    return False


@pytest.mark.parametrize("is_allowed", [basic, digest])
@pytest.mark.parametrize("where", ["url", "file"])
@pytest.mark.parametrize("kind", ["stream", "picture"])
def test_the_password_is_given_as_it_is_asked_for(tmp_path: Path, is_allowed, where: str, kind: str) -> None:
    (tmp_path / "password").write_text("pa ss@/wörd\n", encoding="utf-8")
    settings = CameraSettings(poll_interval=0.1, password_file=tmp_path / "password" if where == "file" else None)
    user = "viewer" if where == "file" else "viewer:pa%20ss%40%2Fw%C3%B6rd"
    served = stream([part(jpeg(10))] * 4) if kind == "stream" else picture(jpeg(10))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if is_allowed(handler):
            served(handler)

    with http_camera(answer) as address, open_camera(f"http://{user}@{address}/x?y=1", settings) as camera:
        assert levels(camera, 3) == [10, 10, 10]
        assert camera.name == f"http://{address}/x?y=1"


@pytest.mark.parametrize(("is_allowed", "requests"), [(basic, 4), (digest, 6)])
def test_a_password_is_asked_for_once_if_that_is_safe(is_allowed, requests: int) -> None:
    """Whoever wants a proof only must not be told the password."""
    given: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        given.append(handler.headers.get("Authorization", ""))
        if is_allowed(handler):
            picture(jpeg(0))(handler)

    with http_camera(answer) as address:
        levels(open_camera(f"http://viewer:pa%20ss%40%2Fw%C3%B6rd@{address}/x", FAST), 3)
    assert len(given) == requests
    assert is_allowed is basic or not any(sent.startswith("Basic") for sent in given)


@pytest.mark.parametrize("is_allowed", [basic, digest])
def test_a_wrong_password_is_said_and_not_shown(is_allowed) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if is_allowed(handler):
            picture(jpeg(0))(handler)

    with http_camera(answer) as address, pytest.raises(CameraError) as caught:
        open_camera(f"http://viewer:secret@{address}/x")
    assert str(caught.value) == f"http://{address}/x: the camera answers 401 Unauthorized; check user and password"
    assert not isinstance(caught.value, UnreachableError)


def test_a_password_is_sent_to_nobody_who_does_not_ask() -> None:
    given: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        given.append(handler.headers.get("Authorization"))
        picture(jpeg(0))(handler)

    with http_camera(answer) as address, open_camera(f"http://viewer:secret@{address}/x", FAST) as camera:
        levels(camera, 2)
    assert set(given) == {None}


def test_a_password_s_file_that_is_missing_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = CameraSettings(password_file=tmp_path / "none")
    with pytest.raises(FieldError, match=r"^camera\.password_file: .*/none: No such file or directory$"):
        open_camera("http://viewer@127.0.0.1:9/x", settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:se/ret@127.0.0.1/x",
        "rtsp://user:se#ret@h:1/x",
        "http://",
        "rtsp:///x",
        "http://[::1/x",
        "http://h:x/",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_camera(url)
    assert "se" not in str(caught.value).replace("password", "").replace("these", "")
    assert "a password are written %2F and %23" in str(caught.value)


# --- what is no camera, and what is off


def test_a_page_about_a_camera_is_no_camera() -> None:
    with http_camera(picture(b"<html>", "text/html; charset=utf-8")) as address, pytest.raises(CameraError) as caught:
        open_camera(f"http://{address}/")
    assert str(caught.value).endswith("answers with text/html, which is neither a picture nor a video stream")
    assert not isinstance(caught.value, UnreachableError)


@pytest.mark.parametrize(
    ("status", "is_away"), [(503, True), (500, True), (429, True), (404, False), (403, False), (410, False)]
)
def test_only_what_may_pass_is_waited_for(status: int, is_away: bool) -> None:
    with http_camera(lambda handler: head(handler, status)) as address, pytest.raises(CameraError) as caught:
        open_camera(f"http://{address}/x")
    assert f"the camera answers {status} " in str(caught.value)
    assert isinstance(caught.value, UnreachableError) == is_away


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp"])
def test_a_camera_that_is_off_is_away(scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(UnreachableError) as caught:
            open_camera(f"{scheme}://127.0.0.1:{port}/x")
    said = f"{scheme}://127.0.0.1:{port}/x: no video stream answers there: Connection refused"
    assert str(caught.value) == said


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp"])
def test_what_answers_in_another_language_is_no_camera(scheme: str) -> None:
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n" * 100)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        with pytest.raises(CameraError) as caught:
            open_camera(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/x")
        ended.set()
    assert not isinstance(caught.value, UnreachableError)
    assert "no video stream answers there" in str(caught.value)


def test_a_stream_is_read_by_our_own_reader() -> None:
    with http_camera(stream([part(jpeg(0))])) as address, open_camera(f"http://{address}/stream") as camera:
        assert isinstance(camera.inner, MjpegCamera)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
