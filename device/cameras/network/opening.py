"""Where a URL leads: what answers there says what kind of camera it is."""

from __future__ import annotations

import socket
from dataclasses import replace

import cv2

from device.cameras.camera import Camera
from device.cameras.controls import has_none
from device.cameras.network.http import CONNECT_TIMEOUT, HttpClient, in_words
from device.cameras.network.mjpeg import MjpegCamera
from device.cameras.network.polled import PolledCamera
from device.cameras.network.unreachable import UnreachableError
from device.cameras.opencv import OpenCVCamera, quiet_opencv
from device.config.camera import CameraSettings
from device.config.credentials import read_secret
from device.config.sources import Address, parse_url
from edge_digits.errors import CameraError

NO_VIDEO = ("text/html", "application/json", "application/xhtml+xml")
"""Types of a page about a camera, or of an error, and of no stream."""

PICTURES = (b"\xff\xd8\xff", b"\x89PNG")
"""What a picture begins with where no type is told."""


def open_url(url: str, settings: CameraSettings) -> Camera:
    """The camera at ``url``: a stream (Motion JPEG over HTTP, RTSP, what else FFmpeg reads), or a single picture, which
    is asked for again and again. What it is, its Content-Type says.

    Raises ConfigError if ``url`` or the password's file is wrong, UnreachableError if nothing answers, CameraError if
    what answers is no camera.
    """
    address = parse_url(url)
    if settings.password_file is not None and address.user is not None:
        password = read_secret(settings.password_file, ("camera", "password_file"))
        address = replace(address, password=password)
        url = address.with_credentials
    if address.scheme == "rtsp":
        return _open_stream(url, address, settings)
    client = HttpClient(address)
    answer = client.get(settings.longest_silence)
    kind = answer.headers.get_content_type() if "Content-Type" in answer.headers else "application/octet-stream"
    if kind.startswith("multipart/"):
        return MjpegCamera(client, answer)
    # A stream of JPEGs without parts has no length.
    if kind.startswith("image/") or (answer.length and answer.peek().startswith(PICTURES)):
        return PolledCamera(client, answer, settings.seconds_between_polls)
    client.close()
    answer.close()
    if kind in NO_VIDEO:
        raise CameraError(f"{address.name}: answers with {kind}, which is neither a picture nor a video stream")
    return _open_stream(url, address, settings)


def _open_stream(url: str, address: Address, settings: CameraSettings) -> OpenCVCamera:
    """The stream that FFmpeg finds. url: with user and password. address: the same."""
    quiet_opencv()
    limit = int(CONNECT_TIMEOUT * 1000)
    # Whatever is to be debugged: OpenCV would log the URL, and the password in it.
    level = cv2.getLogLevel()
    cv2.setLogLevel(0)
    try:
        capture = cv2.VideoCapture(
            url, cv2.CAP_FFMPEG, [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
        )
    finally:
        cv2.setLogLevel(level)
    if capture.isOpened():
        unsupported = tuple(has_none(address.name, setting) for setting in settings.controls)
        return OpenCVCamera(address.name, capture, unsupported=unsupported)
    # FFmpeg does not say why.
    try:
        socket.create_connection((address.host, address.port), CONNECT_TIMEOUT).close()
    except OSError as error:
        raise UnreachableError(f"{address.name}: no video stream answers there: {in_words(error)}") from None
    raise CameraError(f"{address.name}: no video stream answers there; check the path, user and password")
